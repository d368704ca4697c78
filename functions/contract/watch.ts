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

/** Steps of KeepStopped: its state names. */
export const KeepStepName = {
  stop: 'Stop again',
  tell: 'Tell the operators',
} as const;
