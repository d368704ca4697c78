import type { DescribeInstanceStatusCommandInput, StartInstancesCommandInput } from '@aws-sdk/client-ec2';
import type { KeyWorld } from '../../world/keys.ts';
import { publicAddressAfterStart } from '../../world/servers/public-address.ts';
import type { CheckStatus } from '../../world/servers/starts.ts';
import type { SandboxServer, ServerWorld } from '../../world/servers/world.ts';
import { AwsError, type Caller, type Operation, type ServiceOperations } from '../operation.ts';
import { findServers, instanceArns, instanceStateOf, setState } from './ec2-servers.ts';
import { checkFilters } from './request-limits.ts';

const SECOND = 1000;

/** How long a start takes, in milliseconds of simulated time: `running` long before the operating system is up. */
export const START_DURATIONS = { pending: 20 * SECOND, fallBack: 8 * SECOND } as const;

/** "Maximum 100 explicitly specified instance IDs": https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html */
const MOST_IDS = 100;

/** How EC2 starts servers, and what it says of their health. */
export function startOperations(world: ServerWorld, keys: KeyWorld | undefined): ServiceOperations {
  const start: Operation<StartInstancesCommandInput, unknown> = {
    resources: ({ InstanceIds }) => instanceArns(world, InstanceIds),
    run: ({ InstanceIds = [] }, { caller }) => {
      const servers = findServers(world, InstanceIds);
      requireStartable(servers);
      const stopped = servers.filter(({ state }) => state === 'stopped');
      requireRoom(world, stopped);
      return {
        StartingInstances: servers.map((server) => {
          const PreviousState = instanceStateOf(server);
          if (stopped.includes(server)) powerOn(world, server, mayUseVolumes(keys, caller));
          return { InstanceId: server.instanceId, PreviousState, CurrentState: instanceStateOf(server) };
        }),
      };
    },
  };
  const status: Operation<DescribeInstanceStatusCommandInput, unknown> = {
    // It knows no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
    resources: () => ['*'],
    run: (input) => describeStatus(world, input),
  };
  return { StartInstances: start, DescribeInstanceStatus: status };
}

/** A server that runs already, or is about to, is no mistake: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StartInstances.html */
function requireStartable(servers: readonly SandboxServer[]): void {
  const other = servers.find(({ state }) => state === 'stopping' || state === 'terminated');
  if (other !== undefined)
    throw new AwsError(
      'IncorrectInstanceState',
      `The instance '${other.instanceId}' is not in a state from which it can be started.`,
    );
}

/**
 * A server error, so that the SDK tries again by itself: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html,
 * "Server error codes". Its words are those that users of EC2 quote: https://github.com/nib-health-funds/hammertime/issues/29.
 * Of several servers none is started.
 */
function requireRoom(world: ServerWorld, servers: readonly SandboxServer[]): void {
  if (!servers.every((server) => world.starts.hasRoomFor(server)))
    throw new AwsError('InsufficientInstanceCapacity', 'Insufficient capacity.', 500);
}

/**
 * Who starts a server makes EC2 a grant of the key of its volumes: without kms:CreateGrant the start is taken, and the server falls back.
 * https://repost.aws/knowledge-center/kms-iam-ec2-permission
 */
function mayUseVolumes(keys: KeyWorld | undefined, caller: Caller): boolean {
  return keys === undefined || keys.mayUse(keys.volumes, caller, 'ec2', ['kms:CreateGrant']);
}

function powerOn(world: ServerWorld, server: SandboxServer, mayUseKey: boolean): void {
  const { clock } = world.options;
  server.stateReason = undefined;
  server.launchedAt = new Date(clock.now());
  setState(world, server, 'pending');
  if (world.starts.fallsBack(server) || !mayUseKey) {
    clock.after(START_DURATIONS.fallBack, () => {
      if (server.state !== 'pending') return;
      server.stateReason = {
        Code: 'Client.InternalError',
        Message: 'Client.InternalError: Client error on launch',
      };
      setState(world, server, 'stopped');
    });
    return;
  }
  clock.after(START_DURATIONS.pending, () => {
    const release = clock.work();
    void world
      .boot(server)
      .then(() => {
        if (server.state !== 'pending') return;
        server.hasStarted = true;
        server.runningSince = clock.now();
        server.publicAddress = publicAddressAfterStart(server.publicAddress);
        setState(world, server, 'running');
      })
      .finally(release);
  });
}

function describeStatus(world: ServerWorld, input: DescribeInstanceStatusCommandInput): unknown {
  const { InstanceIds, IncludeAllInstances = false, Filters, MaxResults, NextToken } = input;
  checkFilters(Filters);
  if (InstanceIds !== undefined && MaxResults !== undefined)
    throw new AwsError(
      'InvalidParameterCombination',
      'The parameter instancesSet cannot be used with the parameter maxResults',
    );
  if ((InstanceIds?.length ?? 0) > MOST_IDS)
    throw new AwsError(
      'InvalidParameterValue',
      `${InstanceIds?.length} instance ids; expected at most ${MOST_IDS}`,
    );
  const unknown = Filters?.find(({ Name = '' }) => FILTERS[Name] === undefined);
  if (unknown !== undefined)
    throw new AwsError('InvalidParameterValue', `The filter '${unknown.Name}' is invalid`);
  const all = (InstanceIds === undefined ? world.servers : findServers(world, InstanceIds))
    .filter(({ state }) => IncludeAllInstances || state === 'running')
    .map((server) => statusOf(world, server))
    .filter((status) =>
      (Filters ?? []).every(({ Name = '', Values = [] }) => Values.includes(FILTERS[Name]?.(status) ?? '')),
    );
  const first = Number(NextToken ?? 0);
  const next = first + (MaxResults ?? all.length);
  return {
    InstanceStatuses: all.slice(first, next),
    ...(next < all.length ? { NextToken: String(next) } : {}),
  };
}

interface Status {
  InstanceId: string;
  AvailabilityZone: string;
  InstanceState: { Code: number; Name: string };
  InstanceStatus: Summary;
  SystemStatus: Summary;
  AttachedEbsStatus: Summary;
}

interface Summary {
  Status: CheckStatus;
  Details?: { Name: 'reachability'; Status: string; ImpairedSince?: Date }[];
}

/** Filters that are played, of those of the page. */
const FILTERS: Record<string, (status: Status) => string> = {
  'instance-state-name': ({ InstanceState }) => InstanceState.Name,
  'instance-status.status': ({ InstanceStatus }) => InstanceStatus.Status,
  'system-status.status': ({ SystemStatus }) => SystemStatus.Status,
};

function statusOf(world: ServerWorld, server: SandboxServer): Status {
  const { instance, system } = world.starts.checksOf(server);
  const since = new Date(server.runningSince);
  return {
    InstanceId: server.instanceId,
    AvailabilityZone: server.availabilityZone,
    InstanceState: instanceStateOf(server),
    InstanceStatus: summary(instance, since),
    SystemStatus: summary(system, since),
    // Of instances on Nitro: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-system-instance-status-check.html
    AttachedEbsStatus: summary(system === 'impaired' ? 'ok' : system, since),
  };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceStatusDetails.html */
const DETAILS = { ok: 'passed', impaired: 'failed', initializing: 'initializing' } as const;

function summary(status: CheckStatus, launched: Date): Summary {
  if (status === 'not-applicable') return { Status: status };
  const impaired = status === 'impaired' ? { ImpairedSince: launched } : {};
  return { Status: status, Details: [{ Name: 'reachability', Status: DETAILS[status], ...impaired }] };
}
