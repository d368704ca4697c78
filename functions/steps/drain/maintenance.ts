import {
  type Invocation,
  offline,
  onlineInstances,
  readInvocation,
  requireOnline,
  sendToServer,
} from '../../aws/commands.ts';
import type { Server, SystemConfig } from '../../contract/config.ts';
import { DEADLINE_SECONDS } from '../../contract/deadlines.ts';
import { EnvironmentVariable } from '../../contract/environment.ts';
import { ErrorName, LightsOutError, messageOf } from '../../contract/errors.ts';
import { lookAgainIn } from '../../contract/pacing.ts';
import { asData } from '../../contract/server-data.ts';
import type { CommandInFlight, Progress } from '../../contract/state.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import { sideBySide } from '../../runtime/parallel-work.ts';
import { elapsed } from '../../runtime/step.ts';

export interface MaintenanceProgress extends Progress {
  /** Sent and not yet answered. */
  commands: CommandInFlight[];
  /** Switching on: false while only the agents were looked at, so that nothing has changed on a server. */
  sent?: boolean;
  /** Switching off: servers, by name, that have not confirmed yet that the flag is gone, each with its last answer. */
  open?: Record<string, string>;
}

const POLL_SECONDS = 4;

/**
 * One round of switching maintenance mode on; done when every server has confirmed the flag. A configuration without maintenance mode is
 * done at once. The first round only looks: if it throws, no server was touched.
 *
 * @throws LightsOutError `AgentOffline`, or `MaintenanceModeFailed` when a script does not confirm the flag.
 */
export async function switchOn(
  config: SystemConfig,
  previous: MaintenanceProgress | undefined,
): Promise<MaintenanceProgress> {
  const { since, seconds } = elapsed(previous);
  const maintenance = config.maintenance;
  if (maintenance === undefined) return { done: true, waitSeconds: 0, since, commands: [] };
  const servers = maintenanceServers(config);
  if (previous === undefined) {
    await requireOnline(servers);
    return { done: false, waitSeconds: 1, since, commands: [], sent: false };
  }
  if (previous.sent === false) {
    const commands = await sideBySide(servers, (server) => send(config, server, 'on', maintenance.flagFile));
    return { done: false, waitSeconds: POLL_SECONDS, since, commands, sent: true };
  }
  const pending: CommandInFlight[] = [];
  for (const { command, invocation } of await readAll(previous.commands)) {
    if (invocation.status === 'pending') pending.push(command);
    else if (invocation.undelivered === true)
      throw offline(command.server, command.instanceId, invocation.problem ?? 'undelivered');
    else if (!invocation.lines.some((line) => line['maintenance'] === 'on'))
      throw notOn(command, wordsOf(invocation));
  }
  const first = pending[0];
  if (first === undefined) return { done: true, waitSeconds: 0, since, commands: [], sent: true };
  if (seconds > DEADLINE_SECONDS.maintenanceOn)
    throw notOn(first, `no answer after ${Math.round(seconds)} s`);
  return {
    done: false,
    waitSeconds: lookAgainIn(POLL_SECONDS, seconds),
    since,
    commands: pending,
    sent: true,
  };
}

/**
 * One round of switching maintenance mode off, as part of a roll back. If a server is unreachable or its script fails, the other servers do
 * not wait. The server is tried again until the deadline, since its users stay locked out while the flag exists.
 *
 * @throws LightsOutError `MaintenanceModeFailed` naming every server on which the flag may still exist.
 */
export async function switchOff(
  config: SystemConfig,
  previous: MaintenanceProgress | undefined,
): Promise<MaintenanceProgress> {
  const { since, seconds } = elapsed(previous);
  const maintenance = config.maintenance;
  if (maintenance === undefined) return { done: true, waitSeconds: 0, since, commands: [] };
  const servers = maintenanceServers(config);
  const open =
    previous?.open ?? Object.fromEntries(servers.map((server) => [server.name, 'not asked yet'] as const));
  const commands: CommandInFlight[] = [];
  for (const { command, invocation } of await readAll(previous?.commands ?? [])) {
    if (invocation.status === 'pending') commands.push(command);
    else if (invocation.lines.some((line) => line['maintenance'] === 'off')) delete open[command.server];
    else open[command.server] = wordsOf(invocation);
  }
  const idle = servers.filter(
    (server) =>
      open[server.name] !== undefined && !commands.some((command) => command.server === server.name),
  );
  const online = await onlineInstances(idle.map((server) => server.instanceId));
  await sideBySide(idle, async (server) => {
    if (!online.has(server.instanceId)) {
      open[server.name] = 'its SSM agent does not answer';
      return;
    }
    try {
      commands.push(await send(config, server, 'off', maintenance.flagFile));
    } catch (error) {
      if (!(error instanceof LightsOutError) || error.name !== ErrorName.AgentOffline) throw error;
      open[server.name] = messageOf(error);
    }
  });
  if (Object.keys(open).length === 0) return { done: true, waitSeconds: 0, since, commands: [] };
  if (seconds > DEADLINE_SECONDS.maintenanceOff) throw notOff(config, open, maintenance.flagFile);
  return { done: false, waitSeconds: lookAgainIn(POLL_SECONDS, seconds), since, commands, open };
}

function readAll(
  commands: CommandInFlight[],
): Promise<{ command: CommandInFlight; invocation: Invocation }[]> {
  return sideBySide(commands, async (command) => ({
    command,
    invocation: await readInvocation(command.id, command.instanceId),
  }));
}

/** Exit codes of lib/documents/maintenance.sh and .ps1. */
const REFUSALS: Record<number, string> = {
  3: 'the document is of another flag file than the configuration; deploy the stack',
  4: 'something stands at that path which Lights Out did not make; look at it and move it away',
};

function wordsOf({ exitCode = 0, problem }: Invocation): string {
  return REFUSALS[exitCode] ?? problem ?? 'the script did not confirm it';
}

function maintenanceServers(config: SystemConfig): Server[] {
  return config.servers.filter((server) => config.maintenance?.servers.includes(server.name) === true);
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
    parameters: { Action: [to], FlagFile: [asData(flagFile)] },
    comment: `maintenance mode of ${config.name} ${to} on ${server.name}`,
  });
  return { server: server.name, instanceId: server.instanceId, id };
}

function notOn(command: CommandInFlight, found: string): LightsOutError {
  return new LightsOutError(
    ErrorName.MaintenanceModeFailed,
    `server ${command.server} (${command.instanceId}): maintenance mode was not seen on (${found}); expected the flag file to be there: ` +
      `see command ${command.id} in Systems Manager and the folder of maintenance.flagFile`,
  );
}

function notOff(config: SystemConfig, open: Record<string, string>, flagFile: string): LightsOutError {
  const servers = config.servers
    .filter((server) => open[server.name] !== undefined)
    .map((server) => `${server.name} (${server.instanceId}: ${open[server.name]})`);
  return new LightsOutError(
    ErrorName.MaintenanceModeFailed,
    `maintenance mode may still be on, so users may be kept out, on server ${servers.join(', ')}; expected the flag file ${flagFile} to be gone: ` +
      'delete it there by hand',
  );
}
