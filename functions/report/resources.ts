import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { ec2, rds } from '../shared/aws/clients.ts';
import { isAwsError } from '../shared/aws/errors.ts';
import type { SystemConfig } from '../shared/contract/config.ts';
import { messageOf } from '../shared/contract/errors.ts';
import { resourceName } from '../shared/contract/keys.ts';
import type { ReachedState } from './outcome.ts';

export interface ResourceState {
  /** `database crm-db`, `server web-1`, `service nginx`. */
  name: string;
  /** As its service says it; what could not be looked at says so. */
  state: string;
}

/** What is on and what is off, looked at now; the services' states are the last that were seen. */
export async function finalStates(
  config: SystemConfig,
  runId: string,
  state: ReachedState,
): Promise<ResourceState[]> {
  const [database, test, servers] = await Promise.all([
    instanceState(config.database.identifier),
    instanceState(resourceName(config.name, runId)),
    serverStates(config),
  ]);
  return [
    { name: `database ${config.database.identifier}`, state: database },
    ...servers,
    ...serviceStates(state),
    { name: `test instance ${resourceName(config.name, runId)}`, state: test },
  ];
}

async function instanceState(identifier: string): Promise<string> {
  try {
    const answer = await rds().send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }));
    return answer.DBInstances?.[0]?.DBInstanceStatus ?? 'unknown';
  } catch (error) {
    if (isAwsError(error, 'DBInstanceNotFoundFault', 'DBInstanceNotFound')) return 'not there';
    return `could not be looked at (${messageOf(error)})`;
  }
}

async function serverStates(config: SystemConfig): Promise<ResourceState[]> {
  const name = (server: { name: string }): string => `server ${server.name}`;
  try {
    const answer = await ec2().send(
      new DescribeInstancesCommand({ InstanceIds: config.servers.map((server) => server.instanceId) }),
    );
    const found = new Map(
      (answer.Reservations ?? [])
        .flatMap((reservation) => reservation.Instances ?? [])
        .map((instance) => [instance.InstanceId, instance.State?.Name ?? 'unknown']),
    );
    return config.servers.map((server) => ({
      name: name(server),
      state: found.get(server.instanceId) ?? 'unknown',
    }));
  } catch (error) {
    return config.servers.map((server) => ({
      name: name(server),
      state: `could not be looked at (${messageOf(error)})`,
    }));
  }
}

function serviceStates(state: ReachedState): ResourceState[] {
  const started = state.rollback?.services;
  const seen = new Map(
    (state.services?.services ?? []).map((service) => [`${service.server}/${service.name}`, service]),
  );
  if (started !== undefined && 'services' in started) {
    for (const service of started.services) seen.set(`${service.server}/${service.name}`, service);
  }
  return [...seen.values()].map((service) => ({
    name: `service ${service.name} on ${service.server}`,
    state: service.state,
  }));
}
