import { DeleteVolumeCommand, DetachVolumeCommand, type Volume } from '@aws-sdk/client-ec2';
import { messageOf } from '../../contract/errors.ts';
import { ResourceTag } from '../../contract/keys.ts';
import type { PlannedFiles } from '../../contract/volumes-state.ts';
import { isAwsError } from '../../runtime/aws-errors.ts';
import { ec2 } from '../../runtime/clients.ts';
import { log } from '../../runtime/log.ts';
import { hasTags } from '../ownership.ts';

/** The source volume of a copy, by its tag. */
export function sourceOf(volume: Volume): string | undefined {
  return volume.Tags?.find((tag) => tag.Key === ResourceTag.SourceVolume)?.Value;
}

/** Ids of the CRM's volumes in a plan, with the excluded ones. */
export function plannedVolumes(files: PlannedFiles | undefined): string[] {
  return (files?.servers ?? []).flatMap((server) => [
    ...server.volumes.map((each) => each.volumeId),
    ...server.excluded,
  ]);
}

export interface Owner {
  system: string;
  runId: string;
  /** {@link plannedVolumes} of that run. */
  planned: string[];
}

/** Whether the volume is a copy that the run made, and no volume of the CRM. Detaching and deleting are final, so four facts must agree. */
export function isTestVolume(volume: Volume, { system, runId, planned }: Owner): boolean {
  const id = volume.VolumeId ?? '';
  const source = sourceOf(volume);
  return (
    hasTags(volume.Tags, system, runId) &&
    source !== undefined &&
    source !== id &&
    !planned.includes(id) &&
    (volume.SnapshotId ?? '') !== ''
  );
}

/**
 * Does one round of removing a copy: detaches an attached copy, deletes a detached one. The caller has proved the owner.
 *
 * @param force detaches a copy even while its server holds it.
 * @returns the request that was made; `nothing` in a state that has to pass first.
 */
export async function detachOrDelete(
  volume: Volume,
  force: boolean,
): Promise<'detached' | 'deleted' | 'nothing'> {
  const VolumeId = volume.VolumeId ?? '';
  const [attachment] = volume.Attachments ?? [];
  try {
    if (attachment === undefined || attachment.State === 'detached') {
      if (volume.State !== 'available' && volume.State !== 'error') return 'nothing';
      await ec2().send(new DeleteVolumeCommand({ VolumeId }));
      return 'deleted';
    }
    if (attachment.State === 'detaching' && !force) return 'nothing';
    // A copy is mounted read-only, so a forced detachment loses nothing.
    await ec2().send(
      new DetachVolumeCommand({
        VolumeId,
        ...(attachment.InstanceId === undefined ? {} : { InstanceId: attachment.InstanceId }),
        ...(force ? { Force: true } : {}),
      }),
    );
    return 'detached';
  } catch (error) {
    // The state passes, or another call was faster. The next look tells.
    const passing = [
      'IncorrectState',
      'IncorrectInstanceState',
      'InvalidAttachment.NotFound',
      'InvalidVolume.NotFound',
      'VolumeInUse',
    ];
    if (!isAwsError(error, ...passing)) throw error;
    log('info', 'volumes: EC2 refused it just now; it is asked for again', {
      volume: VolumeId,
      reason: messageOf(error),
    });
    return 'nothing';
  }
}
