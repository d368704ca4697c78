import type { Progress } from './progress.ts';
import type { ExecutionReference, ShutdownState } from './state.ts';

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

/** The state of the run as its execution left it, taken up by CleanUp. */
export type RecoveredState = Partial<ShutdownState> & {
  recovery: { kind: CleanUpKind; execution: ExecutionReference };
};

/** States of CleanUp that are its own; those of the roll back and the closing are called as in the shutdown. */
export const CleanUpStepName = {
  look: 'Look at the run',
  takeUp: 'Take up the run',
  release: 'Release the lock',
} as const;
