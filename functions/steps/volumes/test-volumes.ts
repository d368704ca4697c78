import {
  AttachVolumeCommand,
  CreateVolumeCommand,
  paginateDescribeVolumes,
  type Volume,
} from '@aws-sdk/client-ec2';
import { tagsOf } from '../../aws/ownership.ts';
import { detachOrDelete, isTestVolume, plannedVolumes, sourceOf } from '../../aws/volumes/test-volumes.ts';
import type { Server } from '../../contract/config.ts';
import { ErrorName, LightsOutError, messageOf } from '../../contract/errors.ts';
import { ResourceTag } from '../../contract/keys.ts';
import type { ShutdownState } from '../../contract/state.ts';
import type { PlannedTag } from '../../contract/tags-config.ts';
import { isAwsError } from '../../runtime/aws-errors.ts';
import { ec2 } from '../../runtime/clients.ts';

type State = Pick<ShutdownState, 'run' | 'config' | 'plan'>;

/** Names that EC2 recommends for data volumes: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html */
const LETTERS = [...'fghijklmnop'];

/** Every volume with this run's tags that was restored for the comparison, in any state. */
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

/** True when it is a copy that the run made and not a volume of the CRM. */
export function isOwn(volume: Volume, { run, config, plan }: State): boolean {
  return isTestVolume(volume, { system: config.name, runId: run.id, planned: plannedVolumes(plan.files) });
}

/**
 * Requires that a volume is this run's copy, since detaching and deleting are final.
 *
 * @throws LightsOutError `TestVolumeNotDeleted`.
 */
export function requireOwn(volume: Volume, state: State): void {
  if (isOwn(volume, state)) return;
  throw new LightsOutError(
    ErrorName.TestVolumeNotDeleted,
    `volume ${volume.VolumeId} carries this run's tags, but is no copy that the run made (source ${sourceOf(volume) ?? 'not named'}), so it is left alone; expected ${ResourceTag.SourceVolume} to name another volume: look at it, and delete it by hand if it is a copy`,
  );
}

export interface Restore {
  sourceVolumeId: string;
  snapshotId: string;
  availabilityZone: string;
  /** Tags of the source, where they are copied. */
  sourceTags?: PlannedTag[] | undefined;
}

/** Requests a volume of a snapshot. The token makes a repeat harmless. Encryption and key are the snapshot's. */
export async function createTestVolume(
  { run, config }: Pick<State, 'run' | 'config'>,
  { sourceVolumeId, snapshotId, availabilityZone, sourceTags }: Restore,
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
            Tags: tagsOf(config, run.id, sourceTags, { [ResourceTag.SourceVolume]: sourceVolumeId }),
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

/** Attaches a copy under a free name. If the copy was attached meanwhile, the next look shows it. */
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
    // The copy was attached by a call whose answer was lost, or the name was taken just now.
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

/**
 * One round of removing a copy, which is gone only when EC2 no longer lists it. @param force detach it although its server still holds it.
 */
export async function removeTestVolume(volume: Volume, state: State, force: boolean): Promise<void> {
  requireOwn(volume, state);
  await detachOrDelete(volume, force);
}

/** The error for a comparison that could not be made. */
export function impossible(what: string, found: string, cause?: unknown): LightsOutError {
  return new LightsOutError(
    ErrorName.VolumeCheckImpossible,
    `${what}: ${found}; expected its files to be restored and read: mend it and start the run again, or set files.backup to "snapshot"`,
    cause === undefined ? {} : { cause },
  );
}
