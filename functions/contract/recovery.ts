import type { Requester } from './principal.ts';
import type { Progress } from './progress.ts';
import type { ExecutionReference, Failure } from './state.ts';
import { type CallingState, STEPS } from './steps.ts';

/** Input of the state machine CleanUp. The watch starts it. */
export interface CleanUpInput {
  /** Execution of the run that ended without closing. */
  executionArn: string;
}

/** The work that is left: nothing, the whole roll back, or only the closing. */
export type CleanUpKind = 'nothing' | 'roll-back' | 'close';

/** Answer of "Look at the run". */
export interface LookedAtRun extends Progress {
  kind: CleanUpKind;
  /** The reason for people, e.g. `it stopped in "Verify restore"`. */
  found: string;
}

/** The error of an execution that did not close its run, and the execution that closed the run in its place. */
export interface CleanedUp extends Failure {
  /** The execution of CleanUp: its ARN. */
  by: string;
}

export interface Recovery {
  kind: CleanUpKind;
  /** The run's own execution. */
  execution: ExecutionReference;
  cleanedUp: CleanedUp;
  /** The requester of the run, if its plan had not answered yet. */
  requester?: Requester;
}

/** States that only CleanUp has. Its roll back and its closing have the names of the shutdown. */
export const CLEAN_UP_STATES = {
  look: { name: 'Look at the run', function: 'recover', action: 'look', answer: '$.looked' },
  takeUp: { name: 'Take up the run', function: 'recover', action: 'take-up', answer: '$' },
  close: { ...STEPS.report, action: 'close-for' },
  release: { name: 'Release the lock', function: 'recover', action: 'release', answer: '$.released' },
} as const satisfies Record<string, CallingState>;
