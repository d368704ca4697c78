import {
  type CommandPlugin,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  paginateDescribeInstanceInformation,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import { defined } from '../contract/defined.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';
import { RESOURCE_PREFIX } from '../contract/keys.ts';
import { isAwsError } from '../runtime/aws-errors.ts';
import { ssm } from '../runtime/clients.ts';
import { log } from '../runtime/log.ts';

export interface ServerCommand {
  /** Name of the SSM document. */
  document: string;
  instanceId: string;
  /** Name of the server, for messages. */
  server: string;
  parameters: Record<string, string[]>;
  /** How long the agent may take to pick the command up; at least 30 (SSM's own limit). Default 60. */
  deliverySeconds?: number;
  comment: string;
}

/**
 * SSM's minimum for `TimeoutSeconds`:
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html
 */
const LEAST_DELIVERY_SECONDS = 30;

/**
 * Sends a document to one server. Each server has a command of its own, and its own invocation decides the result. A command for many
 * servers can read Success although one server never got it.
 *
 * @returns the command's id.
 * @throws LightsOutError `AgentOffline` when SSM does not know the instance as a running, managed one.
 */
export async function sendToServer(command: ServerCommand): Promise<string> {
  try {
    const answer = await ssm().send(
      new SendCommandCommand({
        DocumentName: command.document,
        InstanceIds: [command.instanceId],
        Parameters: command.parameters,
        TimeoutSeconds: Math.max(LEAST_DELIVERY_SECONDS, command.deliverySeconds ?? 60),
        Comment: `${RESOURCE_PREFIX}: ${command.comment}`.slice(0, 100),
      }),
    );
    const id = answer.Command?.CommandId;
    if (id !== undefined) {
      log('info', 'command sent', {
        server: command.server,
        instance: command.instanceId,
        document: command.document,
        command: id,
      });
      return id;
    }
    throw new LightsOutError(
      ErrorName.AwsTemporarilyUnavailable,
      `server ${command.server}: SSM answered SendCommand without a command id; the workflow tries again`,
    );
  } catch (error) {
    // SSM answers "invalid id" also for an instance that is stopped, unmanaged or offline.
    if (isAwsError(error, 'InvalidInstanceId'))
      throw offline(
        command.server,
        command.instanceId,
        'SSM does not know it as a running, managed instance',
        error,
      );
    throw error;
  }
}

export interface Invocation {
  status: 'pending' | 'succeeded' | 'failed';
  /** The `lights-out key=value …` lines of the document. */
  lines: Record<string, string>[];
  /** The reason for the failure in the words of SSM; never the command's output. */
  problem?: string;
  /** Exit code of the script, if it is not 0. */
  exitCode?: number;
  /** True if the command never reached the server. */
  undelivered?: boolean;
}

const PENDING = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

/**
 * StatusDetails of an invocation that never reached its server:
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
 */
const UNDELIVERED = new Set(['Undeliverable', 'DeliveryTimedOut', 'Terminated']);

/**
 * How many characters of a plugin's output `ListCommandInvocations` returns. Longer output ends in a note that it was cut:
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CommandPlugin.html (Output). The rest needs a request per step.
 */
const OUTPUT_IN_LIST = 2_400;

/**
 * Reads the result of a command on one server. Just after the send SSM may not list the invocation yet: that counts as pending.
 *
 * Our documents have one step per platform. For such a document `GetCommandInvocation` needs the name of a step, and refuses a request
 * without it (`InvalidPluginName`). The status of the whole command and the names of its steps therefore come from
 * `ListCommandInvocations`:
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetCommandInvocation.html, PluginName.
 */
export async function readInvocation(commandId: string, instanceId: string): Promise<Invocation> {
  const answer = await ssm().send(
    new ListCommandInvocationsCommand({ CommandId: commandId, InstanceId: instanceId, Details: true }),
  );
  const [whole] = answer.CommandInvocations ?? [];
  if (whole === undefined || PENDING.has(whole.Status ?? 'Pending')) return { status: 'pending', lines: [] };
  const undelivered = UNDELIVERED.has((whole.StatusDetails ?? '').replaceAll(' ', ''));
  const steps = undelivered ? [] : (whole.CommandPlugins ?? []);
  const outputs: string[] = [];
  for (const step of steps) outputs.push(await outputOf(commandId, instanceId, step));
  const lines = outputs.flatMap(parseLines);
  if (whole.Status === 'Success') return { status: 'succeeded', lines };
  const code = steps.map((step) => step.ResponseCode ?? 0).find((each) => each > 0);
  log('warn', 'command failed', {
    instance: instanceId,
    command: commandId,
    status: whole.StatusDetails ?? whole.Status,
    ...defined({ exitCode: code }),
  });
  const exit = code === undefined ? '' : ` with exit code ${code}`;
  return {
    status: 'failed',
    lines,
    problem: `the command ended as "${whole.StatusDetails ?? whole.Status}"${exit}`,
    ...defined({ exitCode: code }),
    ...(undelivered ? { undelivered } : {}),
  };
}

/** The whole output of one step, as far as SSM keeps it: 24,000 characters. */
async function outputOf(
  CommandId: string,
  InstanceId: string,
  { Name: PluginName, Output = '' }: CommandPlugin,
): Promise<string> {
  if (Output.length < OUTPUT_IN_LIST || PluginName === undefined) return Output;
  const answer = await ssm().send(new GetCommandInvocationCommand({ CommandId, InstanceId, PluginName }));
  return answer.StandardOutputContent ?? '';
}

/** `lights-out service=a state=inactive` → `{ service: 'a', state: 'inactive' }`. Other lines are ignored. */
export function parseLines(output: string): Record<string, string>[] {
  return output
    .split(/\r?\n/)
    .filter((line) => line.startsWith('lights-out '))
    .map((line) =>
      Object.fromEntries(
        line
          .slice('lights-out '.length)
          .trim()
          .split(/\s+/)
          .map((pair) => {
            const at = pair.indexOf('=');
            return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
          }),
      ),
    );
}

/** SSM takes at most this many instances in one filter or list. */
export const INSTANCES_A_CALL = 50;

/** The instances whose SSM agent answers now. SSM's list lacks a stopped instance altogether. */
export async function onlineInstances(instanceIds: string[]): Promise<Set<string>> {
  const online = new Set<string>();
  for (let first = 0; first < instanceIds.length; first += INSTANCES_A_CALL) {
    const Values = instanceIds.slice(first, first + INSTANCES_A_CALL);
    const pages = paginateDescribeInstanceInformation(
      { client: ssm() },
      { Filters: [{ Key: 'InstanceIds', Values }] },
    );
    for await (const page of pages) {
      for (const entry of page.InstanceInformationList ?? []) {
        if (entry.PingStatus === 'Online' && entry.InstanceId !== undefined) online.add(entry.InstanceId);
      }
    }
  }
  return online;
}

/**
 * Checks that every server's agent answers before a command is sent. A command to an offline agent would wait for hours.
 *
 * @throws LightsOutError `AgentOffline` naming every server whose agent does not answer.
 */
export async function requireOnline(servers: { name: string; instanceId: string }[]): Promise<void> {
  if (servers.length === 0) return;
  const online = await onlineInstances(servers.map((server) => server.instanceId));
  const silent = servers.filter((server) => !online.has(server.instanceId));
  if (silent.length === 0) return;
  const names = silent.map((server) => `${server.name} (${server.instanceId})`).join(', ');
  throw offline(names, '', 'its PingStatus is not Online');
}

/** The error for a server whose agent does not answer. */
export function offline(server: string, instanceId: string, found: string, cause?: unknown): LightsOutError {
  const name = instanceId === '' ? server : `${server} (${instanceId})`;
  return new LightsOutError(
    ErrorName.AgentOffline,
    `server ${name}: the SSM agent does not answer (${found}); expected it online: check that the server runs, ` +
      'that the agent is started, and that its instance profile and network let it reach SSM',
    cause === undefined ? {} : { cause },
  );
}
