import {
  type _InstanceType,
  DescribeInstanceTypesCommand,
  paginateDescribeSnapshots,
  paginateDescribeVolumes,
  type Volume,
} from '@aws-sdk/client-ec2';
import { VALUES_A_FILTER } from '../../aws/servers/instances.ts';
import { ec2 } from '../../runtime/clients.ts';

/** DescribeInstanceTypes takes at most so many types: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html */
const TYPES_A_CALL = 100;

/** Every EBS volume that is attached to one of these servers, once. */
export async function describeVolumesOf(instanceIds: string[]): Promise<Volume[]> {
  const found = new Map<string, Volume>();
  for (const Values of batches(instanceIds, VALUES_A_FILTER)) {
    const pages = paginateDescribeVolumes(
      { client: ec2() },
      { Filters: [{ Name: 'attachment.instance-id', Values }] },
    );
    for await (const page of pages)
      for (const volume of page.Volumes ?? []) found.set(volume.VolumeId ?? '', volume);
  }
  return [...found.values()];
}

/** GB of instance store, by instance type; 0 for a type without. */
export async function instanceStoreGigabytes(types: _InstanceType[]): Promise<Map<_InstanceType, number>> {
  const found = new Map<_InstanceType, number>();
  for (const InstanceTypes of batches([...new Set(types)], TYPES_A_CALL)) {
    const answer = await ec2().send(new DescribeInstanceTypesCommand({ InstanceTypes }));
    for (const { InstanceType, InstanceStorageInfo } of answer.InstanceTypes ?? [])
      if (InstanceType !== undefined) found.set(InstanceType, InstanceStorageInfo?.TotalSizeInGB ?? 0);
  }
  return found;
}

/** Those of these volumes of which this account has a completed snapshot. */
export async function volumesWithSnapshot(volumeIds: string[]): Promise<Set<string>> {
  const known = new Set<string>();
  for (const Values of batches(volumeIds, VALUES_A_FILTER)) {
    const pages = paginateDescribeSnapshots(
      { client: ec2() },
      {
        OwnerIds: ['self'],
        Filters: [
          { Name: 'volume-id', Values },
          { Name: 'status', Values: ['completed'] },
        ],
      },
    );
    for await (const page of pages)
      for (const { VolumeId } of page.Snapshots ?? []) if (VolumeId !== undefined) known.add(VolumeId);
  }
  return known;
}

function batches<Value>(values: Value[], size: number): Value[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_each, index) =>
    values.slice(index * size, (index + 1) * size),
  );
}
