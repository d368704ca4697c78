import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { RestoreResult } from '../../contract/state.ts';
import { requireLock } from '../../guard/lock.ts';
import { defineStep, type StepEvent } from '../../runtime/step.ts';
import { type State as AfterFailure, type Deleted, deleteTestInstance } from './delete.ts';
import { type State as AfterSnapshot, restoreTestInstance } from './restore.ts';

export type RestoreEvent = StepEvent<'restore', AfterSnapshot> | StepEvent<'delete', AfterFailure>;

/**
 * Restores the run's snapshot to a test instance of its own (`restore`), and deletes that instance (`delete`).
 *
 * Trigger: the workflow's states "Restore test instance" and "Delete test instance" (also in a roll back), called again until done. Twice
 * is harmless: the instance's name carries the run's id.
 * The lock is looked at before a restore: for a run that was cleaned up, a restore would prove nothing any more.
 * Rejects with `LockLost`, `RestoreFailed`, `TestInstanceNotDeleted`.
 */
export const handler = defineStep(
  'restore',
  async (event: RestoreEvent): Promise<RestoreResult | Deleted> => {
    const action: string = event.action;
    if (event.action === 'restore') {
      await requireLock(event.state.run.system, event.execution.id);
      return restoreTestInstance(event.state);
    }
    if (event.action === 'delete') return deleteTestInstance(event.state);
    throw new LightsOutError(ErrorName.InvalidInput, `action "${action}": expected "restore" or "delete"`);
  },
);
