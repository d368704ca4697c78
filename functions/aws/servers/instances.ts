import { type Instance, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { ec2 } from '../../runtime/clients.ts';

/** EC2 takes at most so many values in one filter: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html */
export const VALUES_A_FILTER = 200;

/**
 * Servers by id, however many. By filters, which pass over what is not there: an id that EC2 does not know fails a question by ids for all of them,
 * and asking for each by itself would take more calls than an account has in a second.
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
