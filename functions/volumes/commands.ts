import { type Invocation, offline, readInvocation, sendToServer } from '../shared/commands.ts';
import { EnvironmentVariable } from '../shared/contract/environment.ts';
import { type ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import { RESOURCE_PREFIX } from '../shared/contract/keys.ts';
import type { CommandInFlight } from '../shared/contract/progress.ts';
import { environmentVariable } from '../shared/environment.ts';

/** What the volumes' document can do: write buffers out. */
export type VolumesAction = 'flush';

export interface VolumesCommand {
  action: VolumesAction;
  server: { name: string; instanceId: string };
  system: string;
  runId: string;
}

/** Sends the volumes' document to one server. */
export async function sendForVolumes(command: VolumesCommand): Promise<CommandInFlight> {
  const { action, server, system, runId } = command;
  const id = await sendToServer({
    document: environmentVariable(EnvironmentVariable.VolumesDocument),
    instanceId: server.instanceId,
    server: server.name,
    parameters: { Action: [action] },
    comment: `${action} volumes of ${system} on ${server.name}, run ${runId}`,
  });
  return { server: server.name, instanceId: server.instanceId, id };
}

export interface VolumesAnswers {
  /** Commands still in flight. */
  pending: CommandInFlight[];
  /** What the finished ones reported, with the server's name. */
  lines: { server: string; line: Record<string, string> }[];
}

/**
 * Reads the commands in flight.
 *
 * @throws LightsOutError `AgentOffline` when one never reached its server, `failure` when its script failed.
 */
export async function readVolumesCommands(
  commands: CommandInFlight[],
  failure: ErrorName,
): Promise<VolumesAnswers> {
  const answers: VolumesAnswers = { pending: [], lines: [] };
  for (const command of commands) {
    const invocation = await readInvocation(command.id, command.instanceId);
    if (invocation.status === 'failed') throw errorOf(command, invocation, failure);
    if (invocation.status === 'pending') answers.pending.push(command);
    else answers.lines.push(...invocation.lines.map((line) => ({ server: command.server, line })));
  }
  return answers;
}

function errorOf(command: CommandInFlight, invocation: Invocation, failure: ErrorName): LightsOutError {
  const problem = invocation.problem ?? 'no reason given';
  if (invocation.undelivered === true) return offline(command.server, command.instanceId, problem);
  return new LightsOutError(
    failure,
    `server ${command.server} (${command.instanceId}): ${problem}; expected the script of document ` +
      `${RESOURCE_PREFIX} volumes to report: see command ${command.id} in Systems Manager`,
  );
}
