import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import type { VolumesResult } from '../shared/contract/volumes-state.ts';
import { defineStep, type StepEvent } from '../shared/step.ts';
import { snapshotVolumes } from './snapshot.ts';

export type VolumesEvent = StepEvent<'snapshot', 'run' | 'config' | 'plan' | 'backup'>;

/**
 * The CRM's files: takes a multi-volume crash-consistent snapshot of each server's EBS volumes and sees every one `completed`.
 *
 * Trigger: the workflow's state "Snapshot volumes", called again until done. EC2 takes no token for the request, so it is marked in the
 * evidence beforehand and looked for by its tags: a repeated call, or one whose answer was lost, finds the snapshots that it made.
 * Rejects with `VolumeSnapshotFailed`, `AgentOffline`.
 */
export const handler = defineStep('volumes', async (event: VolumesEvent): Promise<VolumesResult> => {
  if (event.action === 'snapshot') return snapshotVolumes(event.state);
  throw new LightsOutError(ErrorName.InvalidInput, `action "${String(event.action)}": expected "snapshot"`);
});
