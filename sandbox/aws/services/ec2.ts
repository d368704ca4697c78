import type {
  DescribeInstanceAttributeCommandInput,
  DescribeInstancesCommandInput,
  DescribeInstanceTypesCommandInput,
  Instance,
  StopInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { defined } from '../../../functions/contract/defined.ts';
import type { KeyWorld } from '../../world/keys.ts';
import type { SandboxServer, ServerWorld } from '../../world/servers/world.ts';
import { AwsError, type Operation, type ServiceOperations } from '../operation.ts';
import { findServers, INSTANCE_TYPE, instanceArns, instanceStateOf, setState } from './ec2-servers.ts';
import { startOperations } from './ec2-start.ts';
import { checkFilters } from './request-limits.ts';

const SECOND = 1000;

/** How long the operations take, in milliseconds of simulated time. */
export const EC2_DURATIONS = { stop: 60 * SECOND } as const;

/** The operations of EC2 that the functions use, over the sandbox's servers. */
export function createEc2(world: ServerWorld, keys?: KeyWorld): ServiceOperations {
  const find = (ids: string[]): SandboxServer[] => findServers(world, ids);
  const arns = (ids: string[] | undefined): string[] => instanceArns(world, ids);
  const describe: Operation<DescribeInstancesCommandInput, unknown> = {
    // DescribeInstances knows no resource.
    resources: () => ['*'],
    run: ({ InstanceIds, Filters, MaxResults }) => {
      checkFilters(Filters);
      if (InstanceIds !== undefined && MaxResults !== undefined) {
        throw new AwsError(
          'InvalidParameterCombination',
          'The parameter instancesSet cannot be used with the parameter maxResults',
        );
      }
      const servers = (InstanceIds === undefined ? world.servers : find(InstanceIds)).filter((server) =>
        (Filters ?? []).every(({ Name, Values = [] }) => {
          if (Name !== 'instance-id')
            throw new AwsError('InvalidParameterValue', `The filter '${Name}' is invalid`);
          return Values.includes(server.instanceId);
        }),
      );
      return {
        Reservations: servers.map((server) => ({
          ReservationId: `r-${server.instanceId.slice(2)}`,
          Instances: [describeServer(server)],
        })),
      };
    },
  };
  const types: Operation<DescribeInstanceTypesCommandInput, unknown> = {
    resources: () => ['*'],
    run: ({ InstanceTypes = [] }) => ({
      InstanceTypes: InstanceTypes.map((InstanceType) => {
        if (InstanceType !== INSTANCE_TYPE)
          throw new AwsError('InvalidInstanceType', `The instance type '${InstanceType}' does not exist`);
        return { InstanceType, InstanceStorageSupported: false };
      }),
    }),
  };
  const attribute: Operation<DescribeInstanceAttributeCommandInput, unknown> = {
    resources: (input) => arns([input.InstanceId ?? '']),
    run: (input) => {
      const [server] = find([input.InstanceId ?? '']);
      if (input.Attribute !== 'disableApiStop')
        return { InstanceId: input.InstanceId, InstanceInitiatedShutdownBehavior: { Value: 'stop' } };
      if (server?.stopProtection === true) world.options.onFault?.('stop-protection');
      return { InstanceId: input.InstanceId, DisableApiStop: { Value: server?.stopProtection === true } };
    },
  };
  const stop: Operation<StopInstancesCommandInput, unknown> = {
    resources: (input) => arns(input.InstanceIds),
    run: (input) => ({
      StoppingInstances: find(input.InstanceIds ?? []).map((server) => {
        // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-stop-protection.html
        if (server.stopProtection)
          throw new AwsError(
            'OperationNotPermitted',
            `The instance '${server.instanceId}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
          );
        if (server.state === 'terminated')
          throw new AwsError(
            'IncorrectInstanceState',
            `This instance '${server.instanceId}' is not in a state from which it can be stopped.`,
          );
        const PreviousState = instanceStateOf(server);
        if (server.state === 'running') powerOff(world, server);
        return { InstanceId: server.instanceId, PreviousState, CurrentState: instanceStateOf(server) };
      }),
    }),
  };
  return {
    DescribeInstances: describe,
    DescribeInstanceTypes: types,
    DescribeInstanceAttribute: attribute,
    StopInstances: stop,
    ...startOperations(world, keys),
  };
}

function powerOff(world: ServerWorld, server: SandboxServer): void {
  setState(world, server, 'stopping');
  if (server.willNotStop) {
    world.options.onFault?.('server-will-not-stop');
    return;
  }
  world.options.clock.after(EC2_DURATIONS.stop, () => {
    void server.supervisor.stop().then(() => {
      server.stateReason = {
        Code: 'Client.UserInitiatedShutdown',
        Message: 'Client.UserInitiatedShutdown: User initiated shutdown',
      };
      setState(world, server, server.isReplaced ? 'terminated' : 'stopped');
      if (server.isReplaced) world.options.onFault?.('server-replaced');
    });
  });
}

/** Auto Scaling takes a server for unhealthy: it is gone for good. */
export function terminate(world: ServerWorld, server: SandboxServer): void {
  setState(world, server, 'terminated');
  void server.supervisor.stop();
}

function describeServer(server: SandboxServer): Instance {
  return {
    InstanceId: server.instanceId,
    State: instanceStateOf(server),
    ...defined({ StateReason: server.stateReason }),
    ...addressOf(server),
    InstanceType: INSTANCE_TYPE,
    Placement: { AvailabilityZone: server.availabilityZone },
    LaunchTime: server.launchedAt,
    RootDeviceType: 'ebs',
    RootDeviceName: '/dev/xvda',
    // EC2 answers "windows" in small letters, whatever the SDK's type says.
    ...(server.platform === 'windows' ? { Platform: 'windows' as 'Windows' } : {}),
    PlatformDetails: server.platform === 'windows' ? 'Windows' : 'Linux/UNIX',
    Tags: [{ Key: 'Name', Value: server.name }],
  };
}

/** Of an address that EC2 assigned the owner is `amazon`: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceAssociation.html */
function addressOf({
  publicAddress,
  state,
  arn,
}: SandboxServer): Pick<Instance, 'PublicIpAddress' | 'NetworkInterfaces'> {
  const isHeld = publicAddress?.isElastic === true || state === 'running' || state === 'stopping';
  if (publicAddress === undefined || !isHeld) return {};
  const { ip, isElastic } = publicAddress;
  const IpOwnerId = isElastic ? (arn.split(':')[4] ?? '') : 'amazon';
  return { PublicIpAddress: ip, NetworkInterfaces: [{ Association: { PublicIp: ip, IpOwnerId } }] };
}
