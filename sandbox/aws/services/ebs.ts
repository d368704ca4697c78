import type {
  CreateSnapshotsCommandInput,
  CreateTagsCommandInput,
  DeleteSnapshotCommandInput,
  DescribeSnapshotsCommandInput,
  DescribeVolumesCommandInput,
} from '@aws-sdk/client-ec2';
import type { KeyWorld } from '../../world/keys.ts';
import type { SandboxVolume, Tag, VolumeWorld } from '../../world/servers/volumes.ts';
import type { ServerWorld } from '../../world/servers/world.ts';
import { AwsError, type Operation, type ServiceOperations } from '../operation.ts';
import {
  chosen,
  describeVolume,
  describeVolumeSnapshot,
  matchesAll,
  snapshotValues,
  tagMap,
  volumeValues,
} from './ebs-describe.ts';
import { volumeOperations } from './ebs-volumes.ts';

const SECOND = 1000;

/** How long things take, in milliseconds of simulated time. */
export const EBS_DURATIONS = {
  /** A snapshot or a volume that was just asked for is not listed yet. */
  visible: 4 * SECOND,
  /** An incremental snapshot: something, and more for larger volumes. */
  snapshot: 60 * SECOND,
  snapshotGib: 3 * SECOND,
} as const;

/** EC2's limit of volumes that a request may leave out. */
const MOST_EXCLUDED = 40;

/** The operations of EBS that the functions use, over the sandbox's volumes. Errors and states as the EC2 API reference has them. */
export function createEbs(servers: ServerWorld, world: VolumeWorld, keys?: KeyWorld): ServiceOperations {
  const describe: Operation<DescribeVolumesCommandInput, unknown> = {
    resources: () => ['*'],
    run: ({ VolumeIds, Filters }) => {
      const now = world.options.clock.now();
      const listed = new Map(
        [...world.volumes].filter(([, one]) => now - one.createdAt.getTime() >= EBS_DURATIONS.visible),
      );
      return {
        Volumes: chosen(VolumeIds, 'InvalidVolume.NotFound', listed)
          .map((volume) => describeVolume(volume, keys))
          .filter((volume) => matchesAll(Filters, (name) => volumeValues(volume, name))),
      };
    },
  };
  return {
    DescribeVolumes: describe,
    ...snapshotOperations(servers, world),
    ...volumeOperations(servers, world, keys),
  };
}

function snapshotOperations(servers: ServerWorld, world: VolumeWorld): ServiceOperations {
  const { partition, region, account } = world.options.deployment.account;
  const describe: Operation<DescribeSnapshotsCommandInput, unknown> = {
    resources: () => ['*'],
    run: ({ SnapshotIds, Filters }) => {
      const now = world.options.clock.now();
      const listed = new Map(
        [...world.snapshots].filter(([, one]) => now - one.begun >= EBS_DURATIONS.visible),
      );
      return {
        Snapshots: chosen(SnapshotIds, 'InvalidSnapshot.NotFound', listed)
          .map((snapshot) => describeVolumeSnapshot(world, snapshot))
          .filter((snapshot) => matchesAll(Filters, (name) => snapshotValues(snapshot, name))),
      };
    },
  };
  const create: Operation<CreateSnapshotsCommandInput, unknown> = {
    actions: (input) => [
      'ec2:CreateSnapshots',
      ...(input.TagSpecifications === undefined ? [] : ['ec2:CreateTags']),
    ],
    resources: (input) => {
      const instanceId = input.InstanceSpecification?.InstanceId ?? '';
      return [
        `arn:${partition}:ec2:${region}:${account}:instance/${instanceId}`,
        ...world.attachedTo(instanceId).map((volume) => world.arn('volume', volume.volumeId)),
        world.arn('snapshot', '*'),
      ];
    },
    run: (input) => createSnapshots(servers, world, input),
  };
  const remove: Operation<DeleteSnapshotCommandInput, unknown> = {
    resources: ({ SnapshotId = '' }) => [world.arn('snapshot', SnapshotId)],
    tagsOf: ({ SnapshotId = '' }) => ({
      [world.arn('snapshot', SnapshotId)]: tagMap(world.snapshots.get(SnapshotId)?.tags),
    }),
    run: ({ SnapshotId = '' }) => {
      if (!/^snap-([0-9a-f]{8}|[0-9a-f]{17})$/.test(SnapshotId))
        throw new AwsError('InvalidSnapshotID.Malformed', `Invalid id: "${SnapshotId}"`);
      if (!world.snapshots.delete(SnapshotId))
        throw new AwsError('InvalidSnapshot.NotFound', `The snapshot '${SnapshotId}' does not exist.`);
      return {};
    },
  };
  const tag: Operation<CreateTagsCommandInput, unknown> = {
    resources: ({ Resources = [] }) => Resources.map((id) => world.arn('snapshot', id)),
    tagsOf: ({ Resources = [] }) =>
      Object.fromEntries(
        Resources.map((id) => [world.arn('snapshot', id), tagMap(world.snapshots.get(id)?.tags)]),
      ),
    run: ({ Resources = [], Tags = [] }) => {
      for (const id of Resources) {
        const snapshot = world.snapshots.get(id);
        if (snapshot === undefined)
          throw new AwsError('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`);
        snapshot.tags = merged(snapshot.tags, Tags);
      }
      return {};
    },
  };
  return { DescribeSnapshots: describe, CreateSnapshots: create, DeleteSnapshot: remove, CreateTags: tag };
}

async function createSnapshots(
  servers: ServerWorld,
  world: VolumeWorld,
  input: CreateSnapshotsCommandInput,
): Promise<unknown> {
  const { InstanceId = '', ExcludeBootVolume, ExcludeDataVolumeIds = [] } = input.InstanceSpecification ?? {};
  const server = servers.find(InstanceId);
  if (server === undefined)
    throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${InstanceId}' does not exist`);
  if (server.state !== 'running' && server.state !== 'stopped')
    throw new AwsError('IncorrectInstanceState', `The instance '${InstanceId}' is ${server.state}.`);
  if (ExcludeDataVolumeIds.length > MOST_EXCLUDED)
    throw new AwsError('InvalidParameterValue', `At most ${MOST_EXCLUDED} volumes can be excluded.`);
  const attached = world.attachedTo(InstanceId).filter((volume) => volume.attachment?.state === 'attached');
  const boot = (volume: SandboxVolume): boolean => volume.attachment?.device === '/dev/xvda';
  for (const id of ExcludeDataVolumeIds) {
    const volume = attached.find((each) => each.volumeId === id);
    if (volume === undefined || boot(volume))
      throw new AwsError('InvalidParameterValue', `The volume ${id} is not a data volume of ${InstanceId}.`);
  }
  const volumes = attached.filter(
    (volume) =>
      !(boot(volume) && ExcludeBootVolume === true) && !ExcludeDataVolumeIds.includes(volume.volumeId),
  );
  if (volumes.length === 0)
    throw new AwsError('InvalidParameterValue', 'No volumes left to make snapshots of.');
  const given = (input.TagSpecifications ?? []).flatMap(({ ResourceType, Tags }) => {
    if (ResourceType !== 'snapshot')
      throw new AwsError('InvalidParameterValue', `${ResourceType} is not created by this call.`);
    return Tags ?? [];
  });
  const made = volumes.map((volume) =>
    world.addSnapshot(volume, {
      description: input.Description ?? '',
      tags: input.CopyTagsFromSource === 'volume' ? merged(volume.tags, given) : given,
      duration: EBS_DURATIONS.snapshot + volume.sizeGib * EBS_DURATIONS.snapshotGib,
    }),
  );
  // The data is of the moment of the call, however long the copy to S3 takes: all volumes of the server at once.
  await Promise.all(made.map((snapshot, index) => world.copy(volumes[index]?.folder ?? '', snapshot.folder)));
  const fails = world.strikes('volume-snapshot-fails');
  made.forEach((snapshot, index) => {
    const failing = fails && index === made.length - 1;
    world.options.clock.after(failing ? snapshot.duration / 2 : snapshot.duration, () => {
      snapshot.state = failing ? 'error' : 'completed';
    });
  });
  return {
    Snapshots: made.map((snapshot) => {
      const { SnapshotId, VolumeId, State, VolumeSize, StartTime, Progress, Tags, Encrypted } =
        describeVolumeSnapshot(world, snapshot);
      return { SnapshotId, VolumeId, State, VolumeSize, StartTime, Progress, Tags, Encrypted };
    }),
  };
}

/** A key that is given wins over the same key of the volume. */
function merged(own: Tag[], given: Tag[]): Tag[] {
  return [...own.filter((tag) => !given.some((each) => each.Key === tag.Key)), ...given];
}
