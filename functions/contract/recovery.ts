import type { Requester } from './principal.ts';
import type { Progress } from './progress.ts';
import type { ExecutionReference, Failure } from './state.ts';
import { type CallingState, STEPS } from './steps.ts';

/** What the state machine CleanUp is started with, by the watch. */
export interface CleanUpInput {
  /** Execution of the run that ended without closing. */
  executionArn: string;
}

/** What is left to do: nothing, the whole roll back, or only the closing. */
export type CleanUpKind = 'nothing' | 'roll-back' | 'close';

/** Answer of "Look at the run". */
export interface LookedAtRun extends Progress {
  kind: CleanUpKind;
  /** For people: why, e.g. `it stopped in "Verify restore"`. */
  found: string;
}

/** How an execution ended that did not close its run, and who closed the run in its place. */
export interface CleanedUp extends Failure {
  /** The execution of CleanUp: its ARN. */
  by: string;
}

export interface Recovery {
  kind: CleanUpKind;
  /** The run's own execution. */
  execution: ExecutionReference;
  cleanedUp: CleanedUp;
  /** Who had asked for the run, where its plan had not answered yet. */
  requester?: Requester;
}

/** States of CleanUp that are its own; those of the roll back and the closing are called as in the shutdown. */
export const CLEAN_UP_STATES = {
  look: { name: 'Look at the run', function: 'recover', action: 'look', answer: '$.looked' },
  takeUp: { name: 'Take up the run', function: 'recover', action: 'take-up', answer: '$' },
  close: { ...STEPS.report, action: 'close-for' },
  release: { name: 'Release the lock', function: 'recover', action: 'release', answer: '$.released' },
} as const satisfies Record<string, CallingState>;
