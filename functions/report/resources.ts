import { DescribeVolumesCommand } from '@aws-sdk/client-ec2';
import { databaseKindOf } from '../aws/rds/kinds.ts';
import { describeInstancesById } from '../aws/servers/instances.ts';
import type { Server, SystemConfig } from '../contract/config.ts';
import { messageOf } from '../contract/errors.ts';
import { ResourceTag, resourceName } from '../contract/keys.ts';
import type { ServiceState } from '../contract/state.ts';
import { ec2 } from '../runtime/clients.ts';
import { isFailure, type ReachedState } from './outcome.ts';

export interface ResourceState {
  /** `database crm-db`, `server web-1`, `service nginx on web-1`, `maintenance mode`. */
  name: string;
  /** As its service says it. The text says so if the state could not be looked at. */
  state: string;
  kind: 'database' | 'server' | 'service' | 'test instance' | 'test volume' | 'maintenance';
  /** True for a state that was remembered from the run, since only the step itself can look. */
  lastSeen?: true;
}

/** The product's own word for a missing instance, for which RDS answers an error. */
export const NOT_THERE = 'not there';

/** The beginning of a state that AWS did not tell. */
export const NOT_SEEN = 'could not be looked at';

/** The resources that are on and off, looked at now. For services and maintenance mode the last seen states are used. */
export async function finalStates(
  config: SystemConfig,
  runId: string,
  state: ReachedState,
): Promise<ResourceState[]> {
  const test = resourceName(config.name, runId);
  const kind = databaseKindOf(config);
  const [own, testInstance, testVolumes] = await Promise.all([
    databaseAndServers(config),
    stateOf(async () => (await kind.findCopy(test))?.status),
    config.files.backup === 'verify' ? testVolumeStates(config.name, runId) : [],
  ]);
  return [
    ...own,
    ...servicesSeen(state),
    ...maintenanceSeen(state),
    { kind: 'test instance', name: `test instance ${test}`, state: testInstance },
    ...testVolumes,
  ];
}

/** The database and the servers, looked at now. */
export async function databaseAndServers(config: SystemConfig): Promise<ResourceState[]> {
  const [database, servers] = await Promise.all([
    stateOf(() => databaseKindOf(config).status(config.database.identifier)),
    serverStates(config.servers),
  ]);
  return [{ kind: 'database', name: `database ${config.database.identifier}`, state: database }, ...servers];
}

async function stateOf(look: () => Promise<string | undefined>): Promise<string> {
  try {
    return (await look()) ?? NOT_THERE;
  } catch (error) {
    return `${NOT_SEEN} (${messageOf(error)})`;
  }
}

/** Copies of volumes that this run has not deleted. Normally there are none. */
async function testVolumeStates(system: string, runId: string): Promise<ResourceState[]> {
  try {
    const answer = await ec2().send(
      new DescribeVolumesCommand({
        Filters: [
          { Name: `tag:${ResourceTag.System}`, Values: [system] },
          { Name: `tag:${ResourceTag.Run}`, Values: [runId] },
        ],
      }),
    );
    return (answer.Volumes ?? [])
      .filter((volume) => volume.State !== 'deleting' && volume.State !== 'deleted')
      .map((volume) => ({
        kind: 'test volume',
        name: `test volume ${volume.VolumeId}`,
        state: volume.State ?? 'unknown',
      }));
  } catch (error) {
    return [{ kind: 'test volume', name: 'test volumes', state: `${NOT_SEEN} (${messageOf(error)})` }];
  }
}

async function serverStates(servers: Server[]): Promise<ResourceState[]> {
  const told = (server: Server, state: string): ResourceState => ({
    kind: 'server',
    name: `server ${server.name}`,
    state,
  });
  try {
    const found = await describeInstancesById(servers.map((server) => server.instanceId));
    return servers.map((server) => {
      const instance = found.get(server.instanceId);
      return told(server, instance === undefined ? NOT_THERE : (instance.State?.Name ?? 'unknown'));
    });
  } catch (error) {
    return servers.map((server) => told(server, `${NOT_SEEN} (${messageOf(error)})`));
  }
}

/** The last seen state of each service: when it was stopped, or later when it was started again. */
function servicesSeen({ services, servicesLook, rollback }: ReachedState): ResourceState[] {
  const started =
    rollback?.services === undefined || isFailure(rollback.services) ? [] : rollback.services.services;
  const seen = new Map<string, ServiceState>(
    [...(services?.services ?? []), ...(servicesLook?.services ?? []), ...started].map((service) => [
      `${service.server}/${service.name}`,
      service,
    ]),
  );
  return [...seen.values()].map(({ name, server, state }) => ({
    kind: 'service',
    name: `service ${name} on ${server}`,
    state,
    lastSeen: true,
  }));
}

/** Maintenance mode, when the run switched it. */
function maintenanceSeen({ drain, rollback }: ReachedState): ResourceState[] {
  if (drain?.maintenance !== 'on') return [];
  const end = rollback?.maintenance;
  const state = end !== undefined && !isFailure(end) && end.done ? 'off' : 'on';
  return [{ kind: 'maintenance', name: 'maintenance mode', state, lastSeen: true }];
}
