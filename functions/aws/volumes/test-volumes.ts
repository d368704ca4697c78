import { DeleteVolumeCommand, DetachVolumeCommand, type Volume } from '@aws-sdk/client-ec2';
import { messageOf } from '../../contract/errors.ts';
import { ResourceTag } from '../../contract/keys.ts';
import type { PlannedFiles } from '../../contract/volumes-state.ts';
import { isAwsError } from '../../runtime/aws-errors.ts';
import { ec2 } from '../../runtime/clients.ts';
import { log } from '../../runtime/log.ts';
import { hasTags } from '../ownership.ts';

/** The volume that a copy was restored of, as its tag says. */
export function sourceOf(volume: Volume): string | undefined {
  return volume.Tags?.find((tag) => tag.Key === ResourceTag.SourceVolume)?.Value;
}

/** Ids of the volumes of the CRM that a plan knows, those that it leaves out included. */
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

/** Detaching and deleting are final: four things must agree that this is a copy that the run made and not a volume of the CRM. */
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
 * One round of removing a copy: detached when it is attached, deleted when it is not. The caller has proved whose it is.
 *
 * @param force pull it, though its server still holds it.
 * @returns what was asked for; `nothing` in a state that has to pass first.
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
    // A copy that is mounted read-only loses nothing when it is pulled.
    await ec2().send(
      new DetachVolumeCommand({
        VolumeId,
        ...(attachment.InstanceId === undefined ? {} : { InstanceId: attachment.InstanceId }),
        ...(force ? { Force: true } : {}),
      }),
    );
    return 'detached';
  } catch (error) {
    // States that pass, and what another call has done already: the next look tells.
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
