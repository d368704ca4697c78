import type { CallingState } from './steps.ts';

/** What the state machine KeepStopped is started with, by the watch. */
export interface KeepInput {
  cause: 'forced-start' | 'started-by-hand';
  /** What is on and is to be stopped again. */
  targets: ('database' | 'servers')[];
  /** Run whose shutdown this keeps. */
  runId: string;
  /** When the database had last been seen stopped, ISO 8601: one start is one of these, however often it is told. */
  stoppedAt?: string;
}

/** States of KeepStopped. */
export const KEEP_STATES = {
  stop: { name: 'Stop again', function: 'keep', action: 'stop', answer: '$.kept' },
  tell: { name: 'Tell the operators', function: 'keep', action: 'tell', answer: '$.told' },
} as const satisfies Record<string, CallingState>;
