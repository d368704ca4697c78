import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { ec2 } from './aws/clients.ts';
import type { SystemConfig } from './contract/config.ts';

/**
 * How the system's servers are, by name, as EC2 says it. What EC2 no longer lists was terminated some time ago.
 * Asked by a filter: an id that EC2 does not know any more fails a question by ids for all of them.
 */
export async function serverStates(config: SystemConfig): Promise<Map<string, string>> {
  const Values = config.servers.map(({ instanceId }) => instanceId);
  const answer = await ec2().send(
    new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values }] }),
  );
  const found = new Map(
    (answer.Reservations ?? [])
      .flatMap((reservation) => reservation.Instances ?? [])
      .map((instance) => [instance.InstanceId, instance.State?.Name]),
  );
  return new Map(config.servers.map(({ name, instanceId }) => [name, found.get(instanceId) ?? 'terminated']));
}
