import type {
  AttachVolumeCommandInput,
  CreateVolumeCommandInput,
  DeleteVolumeCommandInput,
  DetachVolumeCommandInput,
} from '@aws-sdk/client-ec2';
import type { KeyWorld } from '../../world/keys.ts';
import { changeOneFile } from '../../world/servers/tamper-file.ts';
import type { SandboxVolume, VolumeWorld } from '../../world/servers/volumes.ts';
import type { ServerWorld } from '../../world/servers/world.ts';
import { AwsError, type Operation, type ServiceOperations } from '../operation.ts';
import { describeVolume, tagMap } from './ebs-describe.ts';

const SECOND = 1000;

/** How long things take, in milliseconds of simulated time. */
export const VOLUME_DURATIONS = {
  create: 6 * SECOND,
  attach: 5 * SECOND,
  detach: 8 * SECOND,
  delete: 3 * SECOND,
} as const;

const DEVICE = /^(\/dev\/)?(sd[f-p]|xvd[f-p])$/;

/** Volumes that are made, attached, detached and deleted, with EC2's checks and states. */
export function volumeOperations(
  servers: ServerWorld,
  world: VolumeWorld,
  keys: KeyWorld | undefined,
): ServiceOperations {
  const { partition, region, account } = world.options.deployment.account;
  const instanceArn = (id = ''): string => `arn:${partition}:ec2:${region}:${account}:instance/${id}`;
  const volumeArn = (id = ''): string => world.arn('volume', id);
  /** By client token: the same request once more makes no second volume. */
  const made = new Map<string, { request: string; volume: SandboxVolume }>();

  const create: Operation<CreateVolumeCommandInput, unknown> = {
    actions: (input) => [
      'ec2:CreateVolume',
      ...(input.TagSpecifications === undefined ? [] : ['ec2:CreateTags']),
    ],
    resources: (input) => [volumeArn('*'), world.arn('snapshot', input.SnapshotId ?? '*')],
    tagsOf: (input) => ({
      [world.arn('snapshot', input.SnapshotId ?? '*')]: tagMap(
        world.snapshots.get(input.SnapshotId ?? '')?.tags,
      ),
    }),
    run: (input, { caller }) => {
      const request = JSON.stringify({ ...input, ClientToken: undefined });
      const before = input.ClientToken === undefined ? undefined : made.get(input.ClientToken);
      if (before !== undefined && before.request !== request)
        throw new AwsError('IdempotentParameterMismatch', 'The client token was used with other parameters.');
      if (before !== undefined) return describeVolume(before.volume, keys);
      const mayUse = keys === undefined || keys.mayUse(keys.volumes, caller, 'ec2');
      const volume = createVolume(world, input, mayUse);
      if (input.ClientToken !== undefined) made.set(input.ClientToken, { request, volume });
      return describeVolume(volume, keys);
    },
  };
  const attach: Operation<AttachVolumeCommandInput, unknown> = {
    resources: (input) => [volumeArn(input.VolumeId), instanceArn(input.InstanceId)],
    tagsOf: (input) => ({
      [volumeArn(input.VolumeId)]: tagMap(world.volumes.get(input.VolumeId ?? '')?.tags),
    }),
    run: (input) => attachVolume(servers, world, input),
  };
  const detach: Operation<DetachVolumeCommandInput, unknown> = {
    resources: (input) => {
      const attached = world.volumes.get(input.VolumeId ?? '')?.attachment?.instanceId;
      return [volumeArn(input.VolumeId), ...(attached === undefined ? [] : [instanceArn(attached)])];
    },
    tagsOf: (input) => ({
      [volumeArn(input.VolumeId)]: tagMap(world.volumes.get(input.VolumeId ?? '')?.tags),
    }),
    run: (input) => detachVolume(world, input),
  };
  const remove: Operation<DeleteVolumeCommandInput, unknown> = {
    resources: (input) => [volumeArn(input.VolumeId)],
    tagsOf: (input) => ({
      [volumeArn(input.VolumeId)]: tagMap(world.volumes.get(input.VolumeId ?? '')?.tags),
    }),
    run: ({ VolumeId }) => {
      const volume = find(world, VolumeId);
      if (volume.attachment !== undefined)
        throw new AwsError(
          'VolumeInUse',
          `Volume ${volume.volumeId} is currently attached to ${volume.attachment.instanceId}`,
        );
      if (volume.state !== 'available' && volume.state !== 'error')
        throw new AwsError('IncorrectState', `The volume '${volume.volumeId}' is ${volume.state}.`);
      volume.state = 'deleting';
      world.options.clock.after(VOLUME_DURATIONS.delete, () => world.volumes.delete(volume.volumeId));
      return {};
    },
  };
  return { CreateVolume: create, AttachVolume: attach, DetachVolume: detach, DeleteVolume: remove };
}

function find(world: VolumeWorld, id = ''): SandboxVolume {
  if (!/^vol-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id))
    throw new AwsError('InvalidParameterValue', `Value (${id}) for parameter volumeId is invalid.`);
  const volume = world.volumes.get(id);
  if (volume === undefined)
    throw new AwsError('InvalidVolume.NotFound', `The volume '${id}' does not exist.`);
  return volume;
}

/**
 * @param mayUseKey false: the volume ends as `error` in place of `available`. EC2 asks for the key asynchronously:
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html
 */
function createVolume(
  world: VolumeWorld,
  input: CreateVolumeCommandInput,
  mayUseKey: boolean,
): SandboxVolume {
  const snapshot = world.snapshots.get(input.SnapshotId ?? '');
  if (snapshot === undefined)
    throw new AwsError('InvalidSnapshot.NotFound', `The snapshot '${input.SnapshotId}' does not exist.`);
  if (snapshot.state !== 'completed')
    throw new AwsError('IncorrectState', `Snapshot is in invalid state - ${snapshot.state}`);
  if (snapshot.encrypted && input.Encrypted === false)
    throw new AwsError('InvalidParameterDependency', 'A volume of an encrypted snapshot is encrypted.');
  if (!['a', 'b'].some((zone) => input.AvailabilityZone?.endsWith(zone) === true))
    throw new AwsError('InvalidZone.NotFound', `The zone '${input.AvailabilityZone}' does not exist.`);
  const volume = world.add({
    sizeGib: Math.max(snapshot.sizeGib, input.Size ?? 0),
    availabilityZone: input.AvailabilityZone ?? '',
    encrypted: snapshot.encrypted || input.Encrypted === true,
    snapshotId: snapshot.snapshotId,
    tags: (input.TagSpecifications ?? []).flatMap(({ Tags }) => Tags ?? []),
  });
  const corrupt = world.options.faults.find((fault) => fault.world === 'corrupt-volume');
  const first = [...world.volumes.values()].filter((each) => each.snapshotId !== undefined).length === 1;
  world.options.clock.after(VOLUME_DURATIONS.create, () => {
    later(
      world,
      async () => {
        if (volume.encrypted && !mayUseKey) {
          volume.state = 'error';
          return;
        }
        await world.copy(snapshot.folder, volume.folder);
        if (corrupt !== undefined && first) {
          world.options.onFault?.('corrupt-volume');
          await changeOneFile(volume.folder, 'silent' in corrupt && corrupt.silent === true);
        }
        volume.state = 'available';
      },
      () => {
        volume.state = 'error';
      },
    );
  });
  return volume;
}

function attachVolume(servers: ServerWorld, world: VolumeWorld, input: AttachVolumeCommandInput): unknown {
  const volume = find(world, input.VolumeId);
  const { InstanceId = '', Device = '' } = input;
  const server = servers.find(InstanceId);
  if (server === undefined)
    throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${InstanceId}' does not exist`);
  if (volume.attachment !== undefined)
    throw new AwsError('VolumeInUse', `${volume.volumeId} is already attached to an instance`);
  if (volume.state !== 'available')
    throw new AwsError('IncorrectState', `${volume.volumeId} is not 'available'.`);
  if (server.state !== 'running' && server.state !== 'stopped')
    throw new AwsError('IncorrectState', `Instance '${InstanceId}' is not 'running'.`);
  if (volume.availabilityZone !== server.availabilityZone)
    throw new AwsError(
      'InvalidVolume.ZoneMismatch',
      `The volume '${volume.volumeId}' is not in the same availability zone as instance '${InstanceId}'`,
    );
  if (!DEVICE.test(Device))
    throw new AwsError('InvalidParameterValue', `Value (${Device}) for parameter device is invalid.`);
  if (world.attachedTo(InstanceId).some((each) => each.attachment?.device === Device))
    throw new AwsError(
      'InvalidParameterValue',
      `Invalid value '${Device}' for unixDevice. Attachment point ${Device} is already in use`,
    );
  volume.state = 'in-use';
  volume.attachment = {
    instanceId: InstanceId,
    device: Device,
    state: 'attaching',
    name: world.freeName(InstanceId),
  };
  const { attachment } = volume;
  world.options.clock.after(VOLUME_DURATIONS.attach, () => {
    if (volume.attachment !== attachment || attachment.state !== 'attaching') return;
    attachment.state = 'attached';
    later(world, () => world.writeDevices(InstanceId));
  });
  return { VolumeId: volume.volumeId, InstanceId, Device, State: 'attaching' };
}

function detachVolume(world: VolumeWorld, input: DetachVolumeCommandInput): unknown {
  const volume = find(world, input.VolumeId);
  const { attachment } = volume;
  if (attachment === undefined)
    throw new AwsError('IncorrectState', `Volume '${volume.volumeId}' is in the 'available' state.`);
  if (input.InstanceId !== undefined && input.InstanceId !== attachment.instanceId)
    throw new AwsError(
      'InvalidAttachment.NotFound',
      `The volume is attached to ${attachment.instanceId}, not to ${input.InstanceId}.`,
    );
  if (attachment.state === 'detaching' && input.Force !== true)
    throw new AwsError('IncorrectState', `Volume '${volume.volumeId}' is being detached.`);
  attachment.state = 'detaching';
  world.options.clock.after(VOLUME_DURATIONS.detach, () => {
    delete volume.attachment;
    volume.state = 'available';
    later(world, () => world.writeDevices(attachment.instanceId));
  });
  return { VolumeId: volume.volumeId, InstanceId: attachment.instanceId, State: 'detaching' };
}

/** Real work of an operation; what goes wrong there shows as a state, never as a lost rejection. */
function later(world: VolumeWorld, work: () => Promise<void>, failed: () => void = () => undefined): void {
  world.track(work).catch((error: unknown) => {
    console.error(
      `sandbox: an operation of EC2 failed: ${error instanceof Error ? error.message : String(error)}`,
    );
    failed();
  });
}
