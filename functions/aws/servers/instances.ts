import { type Instance, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { ec2 } from '../../runtime/clients.ts';

/**
 * EC2 takes at most this many values in one filter:
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html
 */
export const VALUES_A_FILTER = 200;

/**
 * Any number of servers, by id. Filters ignore unknown ids. A request by ids would fail for all of them because of one unknown id. A
 * request per id would exceed the account's calls per second.
 */
export async function describeInstancesById(ids: string[]): Promise<Map<string, Instance>> {
  const found = new Map<string, Instance>();
  for (let first = 0; first < ids.length; first += VALUES_A_FILTER) {
    const Values = ids.slice(first, first + VALUES_A_FILTER);
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
