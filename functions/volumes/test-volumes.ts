import {
  AttachVolumeCommand,
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DetachVolumeCommand,
  paginateDescribeVolumes,
  type Volume,
} from '@aws-sdk/client-ec2';
import { ec2 } from '../shared/aws/clients.ts';
import { isAwsError } from '../shared/aws/errors.ts';
import type { Server } from '../shared/contract/config.ts';
import { ErrorName, LightsOutError, messageOf } from '../shared/contract/errors.ts';
import { ResourceTag } from '../shared/contract/keys.ts';
import type { ShutdownState } from '../shared/contract/state.ts';
import { log } from '../shared/log.ts';
import { hasTags } from '../shared/ownership.ts';

type State = Pick<ShutdownState, 'run' | 'config' | 'plan'>;

/** Names that EC2 recommends for data volumes: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html */
const LETTERS = [...'fghijklmnop'];

/** Every volume that carries this run's tags and was restored to be compared, whatever its state. */
export async function findTestVolumes({ run, config }: Pick<State, 'run' | 'config'>): Promise<Volume[]> {
  const pages = paginateDescribeVolumes(
    { client: ec2() },
    {
      Filters: [
        { Name: `tag:${ResourceTag.System}`, Values: [config.name] },
        { Name: `tag:${ResourceTag.Run}`, Values: [run.id] },
      ],
    },
  );
  const found: Volume[] = [];
  for await (const page of pages) found.push(...(page.Volumes ?? []));
  return found;
}

export function sourceOf(volume: Volume): string | undefined {
  return volume.Tags?.find((tag) => tag.Key === ResourceTag.SourceVolume)?.Value;
}

/**
 * Detaching and deleting are final: four things must agree that this is a copy the run made and not a volume of the CRM.
 *
 * @throws LightsOutError `TestVolumeNotDeleted`.
 */
export function requireOwn(volume: Volume, { run, config, plan }: State): void {
  const id = volume.VolumeId ?? '';
  const planned = (plan.files?.servers ?? []).flatMap((server) => [
    ...server.volumes.map((each) => each.volumeId),
    ...server.excluded,
  ]);
  const source = sourceOf(volume);
  const own =
    hasTags(volume.Tags, config.name, run.id) &&
    source !== undefined &&
    source !== id &&
    !planned.includes(id) &&
    (volume.SnapshotId ?? '') !== '';
  if (own) return;
  throw new LightsOutError(
    ErrorName.TestVolumeNotDeleted,
    `volume ${id} carries this run's tags, but is no copy that the run made (source ${source ?? 'not named'}), so it is left alone; expected ${ResourceTag.SourceVolume} to name another volume: look at it, and delete it by hand if it is a copy`,
  );
}

export interface Restore {
  sourceVolumeId: string;
  snapshotId: string;
  availabilityZone: string;
}

/** Asks for a volume of a snapshot. The token makes a repeat harmless; encryption and key are the snapshot's. */
export async function createTestVolume(
  { run, config }: Pick<State, 'run' | 'config'>,
  { sourceVolumeId, snapshotId, availabilityZone }: Restore,
): Promise<Volume | 'not yet'> {
  try {
    return await ec2().send(
      new CreateVolumeCommand({
        ClientToken: `${run.id}-${sourceVolumeId}`,
        SnapshotId: snapshotId,
        AvailabilityZone: availabilityZone,
        VolumeType: 'gp3',
        TagSpecifications: [
          {
            ResourceType: 'volume',
            Tags: [
              { Key: ResourceTag.System, Value: config.name },
              { Key: ResourceTag.Run, Value: run.id },
              { Key: ResourceTag.SourceVolume, Value: sourceVolumeId },
            ],
          },
        ],
      }),
    );
  } catch (error) {
    // A snapshot that was just completed may still read as pending.
    if (isAwsError(error, 'IncorrectState', 'InvalidSnapshot.NotFound')) return 'not yet';
    if (isAwsError(error, 'VolumeLimitExceeded', 'MaxIOPSLimitExceeded', 'IdempotentParameterMismatch'))
      throw impossible(`snapshot ${snapshotId}`, `EC2 did not restore it: ${messageOf(error)}`, error);
    throw error;
  }
}

/** Attaches a copy under a name that is free; one that was attached meanwhile shows at the next look. */
export async function attachTestVolume(volume: Volume, server: Server): Promise<void> {
  const device = await freeDevice(server);
  try {
    await ec2().send(
      new AttachVolumeCommand({
        VolumeId: volume.VolumeId,
        InstanceId: server.instanceId,
        Device: device,
      }),
    );
  } catch (error) {
    // Attached by a call whose answer was lost, or the name was taken in this moment.
    if (isAwsError(error, 'VolumeInUse', 'IncorrectState')) return;
    if (isAwsError(error, 'InvalidParameterValue') && messageOf(error).includes('already in use')) return;
    if (isAwsError(error, 'AttachmentLimitExceeded', 'InvalidVolume.ZoneMismatch'))
      throw impossible(
        `volume ${volume.VolumeId}`,
        `server ${server.name} does not take it: ${messageOf(error)}`,
        error,
      );
    throw error;
  }
}

async function freeDevice(server: Server): Promise<string> {
  const pages = paginateDescribeVolumes(
    { client: ec2() },
    { Filters: [{ Name: 'attachment.instance-id', Values: [server.instanceId] }] },
  );
  const used = new Set<string>();
  for await (const page of pages)
    for (const attachment of (page.Volumes ?? []).flatMap((volume) => volume.Attachments ?? []))
      used.add((attachment.Device ?? '').slice(-1));
  const letter = LETTERS.find((each) => !used.has(each));
  if (letter !== undefined) return server.platform === 'windows' ? `xvd${letter}` : `/dev/sd${letter}`;
  throw impossible(
    `server ${server.name}`,
    `no device name from /dev/sd${LETTERS[0]} to /dev/sd${LETTERS.at(-1)} is free`,
  );
}

/** One round of removing a copy: detached when it is attached, deleted when it is not. Gone only when EC2 no longer lists it. */
export async function removeTestVolume(volume: Volume, state: State, force: boolean): Promise<void> {
  requireOwn(volume, state);
  const VolumeId = volume.VolumeId ?? '';
  const [attachment] = volume.Attachments ?? [];
  try {
    if (attachment === undefined || attachment.State === 'detached') {
      if (volume.State === 'available' || volume.State === 'error')
        await ec2().send(new DeleteVolumeCommand({ VolumeId }));
      return;
    }
    if (attachment.State === 'detaching' && !force) return;
    // A copy that is mounted read-only loses nothing when it is pulled.
    await ec2().send(
      new DetachVolumeCommand({
        VolumeId,
        ...(attachment.InstanceId === undefined ? {} : { InstanceId: attachment.InstanceId }),
        ...(force ? { Force: true } : {}),
      }),
    );
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
  }
}

/** The error for a comparison that could not be made. */
export function impossible(what: string, found: string, cause?: unknown): LightsOutError {
  return new LightsOutError(
    ErrorName.VolumeCheckImpossible,
    `${what}: ${found}; expected its files to be restored and read: mend it and start the run again, or set files.backup to "snapshot"`,
    cause === undefined ? {} : { cause },
  );
}
