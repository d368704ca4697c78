import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import type { TestVolumesResult, VolumesCheckResult, VolumesResult } from '../../contract/volumes-state.ts';
import { requireLock } from '../../guard/lock.ts';
import { defineStep, type StepEvent } from '../../runtime/step.ts';
import { deleteTestVolumes } from './delete.ts';
import { snapshotVolumes } from './snapshot.ts';
import { verifyVolumes } from './verify.ts';

export type VolumesEvent = StepEvent<
  'snapshot' | 'verify' | 'delete',
  StateAfter<'plan', 'run' | 'config' | 'plan' | 'services' | 'backup' | 'failure' | 'rollback'>
>;

/**
 * Takes a multi-volume crash-consistent snapshot of each server's EBS volumes and sees every snapshot `completed` (`snapshot`). Restores
 * the data volumes, reads their files and compares them with the source's (`verify`). Deletes the restored volumes (`delete`).
 *
 * Trigger: the workflow's states "Snapshot volumes", "Verify volumes" and "Delete test volumes" (also in a roll back), called again until
 * done. Twice is harmless: if EC2 takes no token for a request, the evidence marks the request beforehand and its result is found by its
 * tags.
 * The lock is looked at before any request: the servers of a run that was cleaned up are in use again.
 * Rejects with `LockLost`, `VolumeSnapshotFailed`, `VolumeMismatch`, `VolumeCheckImpossible`, `TestVolumeNotDeleted`,
 * `AgentOffline`.
 */
export const handler = defineStep(
  'volumes',
  async (event: VolumesEvent): Promise<VolumesResult | VolumesCheckResult | TestVolumesResult> => {
    if (event.action === 'snapshot' || event.action === 'verify')
      await requireLock(event.state.run.system, event.execution.id);
    if (event.action === 'snapshot') return snapshotVolumes(event.state);
    if (event.action === 'verify') return verifyVolumes(event.state);
    if (event.action === 'delete') return deleteTestVolumes(event.state);
    throw new LightsOutError(
      ErrorName.InvalidInput,
      `action "${String(event.action)}": expected "snapshot", "verify" or "delete"`,
    );
  },
);
