import type { Plan } from '../../contract/plan-state.ts';

/** What one part of the look found. */
export interface Findings extends Pick<Plan, 'pendingUpdates' | 'reasons' | 'warnings'> {}
