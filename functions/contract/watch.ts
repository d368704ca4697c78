import type { CallingState } from './steps.ts';

/** Input of the state machine KeepStopped. The watch starts it. */
export interface KeepInput {
  cause: 'forced-start' | 'started-by-hand';
  /** What is on and has to be stopped again. */
  targets: ('database' | 'servers')[];
  /** The run whose shutdown KeepStopped upholds. */
  runId: string;
  /** When the database was last seen stopped, ISO 8601. It identifies one start, however often AWS reports it. */
  stoppedAt?: string;
}

/** States of KeepStopped. */
export const KEEP_STATES = {
  stop: { name: 'Stop again', function: 'keep', action: 'stop', answer: '$.kept' },
  tell: { name: 'Tell the operators', function: 'keep', action: 'tell', answer: '$.told' },
} as const satisfies Record<string, CallingState>;
