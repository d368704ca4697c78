import { randomUUID } from 'node:crypto';
import type {
  DescribeInstanceInformationCommandInput,
  DescribeInstancePatchStatesCommandInput,
  GetCommandInvocationCommandInput,
  ListCommandInvocationsCommandInput,
  SendCommandCommandInput,
} from '@aws-sdk/client-ssm';
import type { SandboxServer, ServerWorld } from '../../world/servers/world.ts';
import { AwsError, type Operation, type ServiceOperations } from '../operation.ts';
import { checkSendCommand } from './request-limits.ts';
import { type CommandDocument, checkParameters, refusalOfAgent, renderScript } from './ssm-document.ts';

const SECOND = 1000;

/** How long things take, in milliseconds of simulated time. */
export const SSM_DURATIONS = { visible: 1 * SECOND, delivery: 2 * SECOND, patching: 240 * SECOND } as const;

/** What GetCommandInvocation gives of a command's output, in characters: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetCommandInvocation.html */
const MAXIMUM_OUTPUT = 24_000;

/** What ListCommandInvocations gives of it: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CommandPlugin.html */
const OUTPUT_IN_LIST = 2_500;

const PATCH_DOCUMENT = 'AWS-RunPatchBaseline';

interface Command {
  id: string;
  server: SandboxServer;
  document: string;
  sentAt: number;
  status: 'Pending' | 'InProgress' | 'Success' | 'Failed' | 'TimedOut';
  details: string;
  code: number;
  output: string;
  errors: string;
}

/** The operations of Systems Manager that the functions use; documents' scripts run for real on the sandbox's servers. */
export function createSsm(world: ServerWorld): ServiceOperations {
  const commands = new Map<string, Command>();
  const { deployment, clock } = world.options;
  const { partition, region, account } = deployment.account;
  const information: Operation<DescribeInstanceInformationCommandInput, unknown> = {
    resources: () => ['*'],
    run: ({ Filters }) => {
      const ids = Filters?.find((filter) => filter.Key === 'InstanceIds')?.Values;
      const listed = world.servers.filter(
        (server) => server.state === 'running' && (ids === undefined || ids.includes(server.instanceId)),
      );
      const isOnline = (server: SandboxServer) => server.agentOnline && world.starts.hasAgentCalled(server);
      if (listed.some((server) => !server.agentOnline)) world.options.onFault?.('agent-offline');
      return {
        InstanceInformationList: listed.map((server) => ({
          InstanceId: server.instanceId,
          PingStatus: isOnline(server) ? 'Online' : 'ConnectionLost',
          PlatformType: server.platform === 'windows' ? 'Windows' : 'Linux',
          AgentVersion: '3.3.3050.0',
        })),
      };
    },
  };
  const patches: Operation<DescribeInstancePatchStatesCommandInput, unknown> = {
    resources: () => ['*'],
    run: ({ InstanceIds = [] }) => ({
      InstancePatchStates: world.servers
        .filter((server) => InstanceIds.includes(server.instanceId))
        .map((server) => ({
          InstanceId: server.instanceId,
          PatchGroup: '',
          BaselineId: 'pb-0123456789abcdef0',
          OperationStartTime: server.launchedAt,
          OperationEndTime: server.launchedAt,
          Operation: 'Scan',
          InstalledCount: 120,
          MissingCount: server.missingPatches,
          FailedCount: 0,
        })),
    }),
  };
  const send: Operation<SendCommandCommandInput, unknown> = {
    resources: ({ DocumentName = '', InstanceIds = [] }) => [
      documentArn(world, DocumentName),
      ...InstanceIds.map((id) => `arn:${partition}:ec2:${region}:${account}:instance/${id}`),
    ],
    run: (input) => {
      const command = newCommand(world, input);
      commands.set(command.id, command);
      deliver(world, command, input);
      return {
        Command: {
          CommandId: command.id,
          DocumentName: input.DocumentName,
          Status: 'Pending',
          InstanceIds: input.InstanceIds,
        },
      };
    },
  };
  const visibleOn = (id: string, InstanceId: string | undefined): Command | undefined => {
    const command = commands.get(id);
    const visible = command !== undefined && clock.now() - command.sentAt >= SSM_DURATIONS.visible;
    return visible && command.server.instanceId === InstanceId ? command : undefined;
  };
  const invocation: Operation<GetCommandInvocationCommandInput, unknown> = {
    resources: () => ['*'],
    run: ({ CommandId = '', InstanceId, PluginName }) => {
      const command = visibleOn(CommandId, InstanceId);
      if (command === undefined) throw new AwsError('InvocationDoesNotExist', '');
      // "If the document contains more than one step, you must specify the name of the step", as all documents here do:
      // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetCommandInvocation.html
      if (PluginName === undefined || !stepsOf(command).includes(PluginName))
        throw new AwsError('InvalidPluginName', '');
      return {
        CommandId,
        InstanceId,
        PluginName,
        DocumentName: command.document,
        Status: command.status,
        StatusDetails: command.details,
        ResponseCode: command.code,
        StandardOutputContent: command.output.slice(0, MAXIMUM_OUTPUT),
        StandardErrorContent: command.errors.slice(0, MAXIMUM_OUTPUT),
      };
    },
  };
  const list: Operation<ListCommandInvocationsCommandInput, unknown> = {
    resources: () => ['*'],
    run: ({ CommandId = '', InstanceId, Details }) => {
      const command = visibleOn(CommandId, InstanceId);
      if (command === undefined) return { CommandInvocations: [] };
      const own = command.server.platform === 'windows' ? 1 : 0;
      const done = command.status !== 'Pending' && command.status !== 'InProgress';
      return {
        CommandInvocations: [
          {
            CommandId,
            InstanceId,
            DocumentName: command.document,
            Status: command.status,
            StatusDetails: command.details,
            // The step of the other platform is skipped by its precondition.
            CommandPlugins: stepsOf(command).map((Name, index) =>
              index === own
                ? {
                    Name,
                    Status: command.status,
                    StatusDetails: command.details,
                    ResponseCode: command.code,
                    ...(Details === true ? { Output: command.output.slice(0, OUTPUT_IN_LIST) } : {}),
                  }
                : { Name, Status: done ? 'Success' : 'Pending', StatusDetails: done ? 'Success' : 'Pending' },
            ),
          },
        ],
      };
    },
  };
  return {
    ListCommandInvocations: list,
    DescribeInstanceInformation: information,
    DescribeInstancePatchStates: patches,
    SendCommand: send,
    GetCommandInvocation: invocation,
  };
}

/** Names of a document's steps: ours, and those of AWS-RunPatchBaseline. */
function stepsOf({ document }: Command): [string, string] {
  return document === PATCH_DOCUMENT ? ['PatchLinux', 'PatchWindows'] : ['linux', 'windows'];
}

function documentArn(world: ServerWorld, name: string): string {
  const { partition, region, account } = world.options.deployment.account;
  return name.startsWith('AWS-')
    ? `arn:${partition}:ssm:${region}::document/${name}`
    : `arn:${partition}:ssm:${region}:${account}:document/${name}`;
}

function newCommand(world: ServerWorld, input: SendCommandCommandInput): Command {
  checkSendCommand(input);
  const ids = input.InstanceIds ?? [];
  if (ids.length !== 1)
    throw new AwsError('InvalidInstanceId', 'The sandbox runs a command on one instance; expected one id.');
  const server = world.find(ids[0] ?? '');
  // SSM words every reason like this: stopped, not managed, wrong id.
  if (server === undefined || server.state !== 'running')
    throw new AwsError(
      'InvalidInstanceId',
      `Instances [[${ids.join(', ')}]] not in a valid state for account`,
    );
  const known = world.options.deployment.documents.some((document) => document.name === input.DocumentName);
  if (!known && input.DocumentName !== PATCH_DOCUMENT)
    throw new AwsError('InvalidDocument', `document ${input.DocumentName} does not exist in your account`);
  return {
    id: randomUUID(),
    server,
    document: input.DocumentName ?? '',
    sentAt: world.options.clock.now(),
    status: 'Pending',
    details: 'Pending',
    code: -1,
    output: '',
    errors: '',
  };
}

function finish(command: Command, status: Command['status'], details: string, code: number): void {
  Object.assign(command, { status, details, code });
}

function deliver(world: ServerWorld, command: Command, input: SendCommandCommandInput): void {
  const { clock, deployment } = world.options;
  const { server } = command;
  // Undelivered it waits for the agent: https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html, "Delivery Timed Out".
  const untilAgent = Math.max(0, world.starts.agentCallsAt(server) - clock.now());
  const timeout = (input.TimeoutSeconds ?? 3600) * SECOND;
  const isReachable = server.agentOnline && server.state === 'running';
  if (isReachable && untilAgent > 0 && untilAgent <= timeout) {
    clock.after(untilAgent, () => deliver(world, command, input));
    return;
  }
  if (!isReachable || untilAgent > timeout) {
    clock.after(timeout, () => finish(command, 'TimedOut', 'DeliveryTimedOut', -1));
    return;
  }
  if (command.document === PATCH_DOCUMENT) {
    finish(command, 'InProgress', 'InProgress', -1);
    clock.after(SSM_DURATIONS.patching, () => {
      if (world.options.faults.some((fault) => fault.world === 'update-fails')) {
        world.options.onFault?.('update-fails');
        finish(command, 'Failed', 'Failed', 1);
        return;
      }
      if (input.Parameters?.['Operation']?.[0] === 'Install') server.missingPatches = 0;
      finish(command, 'Success', 'Success', 0);
    });
    return;
  }
  const document = deployment.documents.find((candidate) => candidate.name === command.document)
    ?.content as CommandDocument;
  const parameters = checkParameters(document, input.Parameters ?? {});
  clock.after(SSM_DURATIONS.delivery, () => {
    const refusal = refusalOfAgent(document);
    if (refusal !== undefined) {
      command.errors = refusal;
      finish(command, 'Failed', 'Failed', 1);
      return;
    }
    finish(command, 'InProgress', 'InProgress', -1);
    const { script, seconds } = renderScript(document, server, parameters, world.health.pathsOn(server));
    world.health.beforeRun(server, parameters['Check'] ?? '');
    void server.supervisor.runScript(script, seconds, parameters).then(({ code, output, errors }) => {
      Object.assign(command, { output, errors });
      finish(command, code === 0 ? 'Success' : 'Failed', code === 0 ? 'Success' : 'Failed', code);
    });
  });
}
