import { offline, readInvocation, requireOnline, sendToServer } from '../shared/commands.ts';
import type { Server, SystemConfig } from '../shared/contract/config.ts';
import { EnvironmentVariable } from '../shared/contract/environment.ts';
import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import type { CommandInFlight, Progress } from '../shared/contract/state.ts';
import { environmentVariable } from '../shared/environment.ts';
import { elapsed } from '../shared/step.ts';

export interface MaintenanceProgress extends Progress {
  commands: CommandInFlight[];
}

/** How long switching may take on all servers, in seconds. */
const DEADLINE_SECONDS = 180;
const POLL_SECONDS = 4;

/**
 * One round of switching maintenance mode; done when every server has said that the flag is as it should be. Without
 * maintenance mode in the configuration it is done at once. Switching twice changes nothing.
 */
export async function switchMaintenance(
  config: SystemConfig,
  to: 'on' | 'off',
  previous: MaintenanceProgress | undefined,
): Promise<MaintenanceProgress> {
  const { since, seconds } = elapsed(previous);
  const servers = config.servers.filter(
    (server) => config.maintenance?.servers.includes(server.name) === true,
  );
  if (config.maintenance === undefined) return { done: true, waitSeconds: 0, since, commands: [] };
  if (previous === undefined) {
    await requireOnline(servers);
    const commands: CommandInFlight[] = [];
    for (const server of servers) commands.push(await send(config, server, to, config.maintenance.flagFile));
    return { done: false, waitSeconds: POLL_SECONDS, since, commands };
  }
  const pending: CommandInFlight[] = [];
  for (const command of previous.commands) {
    const invocation = await readInvocation(command.id, command.instanceId);
    if (invocation.status === 'pending') pending.push(command);
    else if (invocation.undelivered === true)
      throw offline(command.server, command.instanceId, invocation.problem ?? 'undelivered');
    else if (!invocation.lines.some((line) => line['maintenance'] === to))
      throw notSwitched(command, to, invocation.problem ?? 'the script did not confirm it');
  }
  if (pending.length === 0) return { done: true, waitSeconds: 0, since, commands: [] };
  const first = pending[0];
  if (first !== undefined && seconds > DEADLINE_SECONDS)
    throw notSwitched(first, to, `no answer after ${Math.round(seconds)} s`);
  return { done: false, waitSeconds: POLL_SECONDS, since, commands: pending };
}

async function send(
  config: SystemConfig,
  server: Server,
  to: 'on' | 'off',
  flagFile: string,
): Promise<CommandInFlight> {
  const id = await sendToServer({
    document: environmentVariable(EnvironmentVariable.MaintenanceDocument),
    instanceId: server.instanceId,
    server: server.name,
    parameters: { Action: [to], FlagFile: [flagFile] },
    comment: `maintenance mode of ${config.name} ${to} on ${server.name}`,
  });
  return { server: server.name, instanceId: server.instanceId, id };
}

function notSwitched(command: CommandInFlight, to: string, found: string): LightsOutError {
  return new LightsOutError(
    ErrorName.MaintenanceModeFailed,
    `server ${command.server} (${command.instanceId}): maintenance mode was not seen ${to} (${found}); expected the flag file to be switched: ` +
      `see command ${command.id} in Systems Manager and the folder of maintenance.flagFile`,
  );
}
