import {
  type _InstanceType,
  DescribeInstanceTypesCommand,
  type Instance,
  paginateDescribeInstances,
  paginateDescribeSnapshots,
  paginateDescribeVolumes,
  type Volume,
} from '@aws-sdk/client-ec2';
import { ec2 } from '../shared/aws/clients.ts';

/** EC2 takes at most so many values in one filter: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html */
const VALUES_A_FILTER = 200;

/** DescribeInstanceTypes takes at most so many types: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html */
const TYPES_A_CALL = 100;

/** Servers by id. By filters, which pass over what is not there. */
export async function describeInstancesById(ids: string[]): Promise<Map<string, Instance>> {
  const found = new Map<string, Instance>();
  for (const Values of batches(ids, VALUES_A_FILTER)) {
    const pages = paginateDescribeInstances(
      { client: ec2() },
      { Filters: [{ Name: 'instance-id', Values }] },
    );
    for await (const page of pages)
      for (const instance of (page.Reservations ?? []).flatMap((each) => each.Instances ?? []))
        if (instance.InstanceId !== undefined) found.set(instance.InstanceId, instance);
  }
  return found;
}

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
