import { EnvironmentVariable } from '../../contract/environment.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { CleanUpInput, LookedAtRun } from '../../contract/recovery.ts';
import type { ExecutionReference } from '../../contract/state.ts';
import type { RecoveredState } from '../../contract/state-after.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import { defineStep } from '../../runtime/step.ts';
import { releaseLock } from '../lock.ts';
import { lookAtRun } from './look-at-run.ts';
import { takeUp } from './take-up.ts';

export interface RecoverEvent {
  action: 'look' | 'take-up' | 'release';
  /** CleanUp's own execution: it holds the lock while it works. */
  execution: ExecutionReference;
  state: CleanUpInput & { looked?: LookedAtRun };
}

/**
 * Finds out what a run had done that ended without closing (it was aborted, timed out, or failed to close). Then it passes the run's state
 * to the roll back and the closing.
 *
 * Trigger: the state machine CleanUp. `look` takes the lock over and is called until nothing is in flight. `take-up` answers the run's
 * state. `release` releases the lock. The run's work is read from its execution's history and from AWS, never guessed. Twice is harmless.
 * Rejects with `RunInProgress` when another run holds the lock, `InvalidInput` for an execution that Step Functions does not know.
 */
export const handler = defineStep(
  'recover',
  async (event: RecoverEvent): Promise<LookedAtRun | RecoveredState | { released: true }> => {
    switch (event.action) {
      case 'look':
        return lookAtRun(event.execution, event.state);
      case 'take-up':
        return takeUp(event.execution, event.state);
      case 'release':
        await releaseLock(environmentVariable(EnvironmentVariable.SystemName), event.execution.id);
        return { released: true };
      default:
        throw new LightsOutError(
          ErrorName.InvalidInput,
          `action "${String(event.action)}": expected "look", "take-up" or "release"`,
        );
    }
  },
);
