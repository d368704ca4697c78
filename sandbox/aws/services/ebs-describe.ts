import type { Filter, Snapshot, Volume } from '@aws-sdk/client-ec2';
import type { KeyWorld } from '../../world/keys.ts';
import type { SandboxVolume, SandboxVolumeSnapshot, Tag, VolumeWorld } from '../../world/servers/volumes.ts';
import { AwsError } from '../operation.ts';

/** All, or those with these ids; an id that nothing has refuses the whole call. */
export function chosen<Value>(ids: string[] | undefined, unknown: string, all: Map<string, Value>): Value[] {
  if (ids === undefined) return [...all.values()];
  return ids.map((id) => {
    const found = all.get(id);
    if (found === undefined) throw new AwsError(unknown, `The id '${id}' does not exist.`);
    return found;
  });
}

export function matchesAll(filters: Filter[] | undefined, valuesOf: (name: string) => string[]): boolean {
  return (filters ?? []).every(({ Name = '', Values = [] }) => {
    const values = valuesOf(Name);
    return Values.some((value) => values.includes(value));
  });
}

function tagValues(tags: Tag[] | undefined, name: string): string[] | undefined {
  if (!name.startsWith('tag:')) return undefined;
  return (tags ?? []).filter((tag) => `tag:${tag.Key}` === name).map((tag) => tag.Value ?? '');
}

export function volumeValues(volume: Volume, name: string): string[] {
  const tags = tagValues(volume.Tags, name);
  if (tags !== undefined) return tags;
  switch (name) {
    case 'attachment.instance-id':
      return (volume.Attachments ?? []).map((attachment) => attachment.InstanceId ?? '');
    case 'status':
      return [volume.State ?? ''];
    default:
      throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`);
  }
}

export function snapshotValues(snapshot: Snapshot, name: string): string[] {
  const tags = tagValues(snapshot.Tags, name);
  if (tags !== undefined) return tags;
  switch (name) {
    case 'volume-id':
      return [snapshot.VolumeId ?? ''];
    case 'status':
      return [snapshot.State ?? ''];
    default:
      throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`);
  }
}

export function describeVolume(volume: SandboxVolume, keys: KeyWorld | undefined): Volume {
  const { attachment } = volume;
  return {
    VolumeId: volume.volumeId,
    State: volume.state,
    Size: volume.sizeGib,
    AvailabilityZone: volume.availabilityZone,
    Encrypted: volume.encrypted,
    ...(volume.encrypted && keys !== undefined ? { KmsKeyId: keys.volumes.arn } : {}),
    VolumeType: 'gp3',
    MultiAttachEnabled: false,
    CreateTime: volume.createdAt,
    ...(volume.snapshotId === undefined ? {} : { SnapshotId: volume.snapshotId }),
    Tags: volume.tags as { Key: string; Value: string }[],
    Attachments:
      attachment === undefined
        ? []
        : [
            {
              VolumeId: volume.volumeId,
              InstanceId: attachment.instanceId,
              Device: attachment.device,
              State: attachment.state,
            },
          ],
  };
}

export function describeVolumeSnapshot(world: VolumeWorld, snapshot: SandboxVolumeSnapshot): Snapshot {
  const part = (world.options.clock.now() - snapshot.begun) / Math.max(1, snapshot.duration);
  const percent = snapshot.state === 'completed' ? 100 : Math.max(0, Math.min(99, Math.floor(part * 100)));
  return {
    SnapshotId: snapshot.snapshotId,
    VolumeId: snapshot.volumeId,
    State: snapshot.state,
    Progress: `${percent}%`,
    VolumeSize: snapshot.sizeGib,
    StartTime: new Date(snapshot.begun),
    OwnerId: world.options.deployment.account.account,
    Encrypted: snapshot.encrypted,
    Description: snapshot.description,
    Tags: snapshot.tags as { Key: string; Value: string }[],
  };
}

/** Tags as a policy's conditions are held against them. */
export function tagMap(tags: Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
}
