import type { CallingState } from './steps.ts';

/** Input of the state machine KeepStopped. The watch starts it, or the operator API (`finish`). */
export interface KeepInput {
  /** `finish`: a person asked to switch off what the shutdown had left on. */
  cause: 'forced-start' | 'started-by-hand' | 'finish';
  /** What is on and has to be stopped again. */
  targets: ('database' | 'servers')[];
  /** The run whose shutdown KeepStopped upholds. */
  runId: string;
  /** When the database was last seen stopped, ISO 8601. It identifies one start, however often AWS reports it. */
  stoppedAt?: string;
  /** Who asked for it. Only of `finish`. */
  by?: string;
}

/** States of KeepStopped. */
export const KEEP_STATES = {
  stop: { name: 'Stop again', function: 'keep', action: 'stop', answer: '$.kept' },
  tell: { name: 'Tell the operators', function: 'keep', action: 'tell', answer: '$.told' },
} as const satisfies Record<string, CallingState>;
