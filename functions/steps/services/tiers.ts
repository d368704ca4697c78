import { type Invocation, offline, readInvocation, sendToServer } from '../../aws/commands.ts';
import type { Service, SystemConfig } from '../../contract/config.ts';
import { DOCUMENT_WAIT_SECONDS } from '../../contract/deadlines.ts';
import { EnvironmentVariable } from '../../contract/environment.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { lookAgainIn } from '../../contract/pacing.ts';
import { fingerprint, listAsData } from '../../contract/server-data.ts';
import type { CommandInFlight, ServiceState, ServicesResult } from '../../contract/state.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import { sideBySide } from '../../runtime/parallel-work.ts';
import { elapsed } from '../../runtime/step.ts';

/** A command takes about this long on top: delivery, start of the shell. */
const COMMAND_SECONDS = 4;

/** Seconds until the answer of a command that was just sent is worth asking for. */
export const FIRST_POLL_SECONDS = 5;

/** Seconds between two looks at a command in flight. */
export const POLL_SECONDS = 5;

export type ServiceAction = 'status' | 'stop' | 'start';

/** The tier before the first: every service is asked for its state, and the answers are kept as evidence. */
export const LOOK_FIRST = 0;

/** The tier after the last (a system's own tiers go to 99): every service is asked again whether it stayed stopped. */
export const LOOK_AGAIN = 100;

/** The tiers of a system in the order they stop: services that feed others come first. `start.ts` goes through them in reverse. */
export function tiersOf(config: SystemConfig): number[] {
  return [...new Set(config.services.map((service) => service.tier))].sort((a, b) => a - b);
}

/** How long a whole tier may take, in seconds: its slowest service and the command's own time. */
export function tierDeadlineSeconds(services: Service[]): number {
  return (
    Math.max(...services.map((service) => service.timeoutSeconds), 0) +
    DOCUMENT_WAIT_SECONDS +
    4 * COMMAND_SECONDS
  );
}

/**
 * Services that one command names. Their answers stay below what SSM gives with the list of a command (2,500 characters), and their names, of up to 256 characters each,
 * below 20 KB.
 */
const SERVICES_A_COMMAND = 40;

/** Sends a command a server for these services, several where one server has many. */
export async function sendForServices(
  config: SystemConfig,
  services: Pick<Service, 'name' | 'server'>[],
  action: ServiceAction,
): Promise<CommandInFlight[]> {
  const byServer = Map.groupBy(services, (service) => service.server);
  const commands = [...byServer].flatMap(([name, own]) => {
    const server = config.servers.find((candidate) => candidate.name === name);
    if (server === undefined) {
      throw new LightsOutError(
        ErrorName.InvalidConfiguration,
        `services: no server is called "${name}"; correct systems.ts`,
      );
    }
    return chunksOf(own).map((chunk) => ({ server, chunk }));
  });
  return sideBySide(commands, async ({ server, chunk }) => {
    const id = await sendToServer({
      document: environmentVariable(EnvironmentVariable.ServiceDocument),
      instanceId: server.instanceId,
      server: server.name,
      parameters: {
        Action: [action],
        Services: [listAsData(chunk.map((service) => service.name))],
        WaitSeconds: [String(action === 'status' ? 0 : DOCUMENT_WAIT_SECONDS)],
      },
      comment: `${action} services of ${config.name} on ${server.name}`,
    });
    return { server: server.name, instanceId: server.instanceId, id };
  });
}

function chunksOf<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / SERVICES_A_COMMAND) }, (_, index) =>
    items.slice(index * SERVICES_A_COMMAND, (index + 1) * SERVICES_A_COMMAND),
  );
}

export interface CommandAnswers {
  /** Commands still in flight. */
  pending: CommandInFlight[];
  /** What the finished ones reported. */
  states: ServiceState[];
  /** Those that ended without a report, as errors that say why. */
  failed: LightsOutError[];
}

/**
 * Reads the commands in flight.
 *
 * @param failure name of the error of a script that itself failed; one that never reached its server is `AgentOffline`.
 */
export async function readCommands(
  { services }: Pick<SystemConfig, 'services'>,
  commands: CommandInFlight[],
  failure: ErrorName,
): Promise<CommandAnswers> {
  const names = new Map(services.map(({ name }) => [fingerprint(name), name]));
  const answers: CommandAnswers = { pending: [], states: [], failed: [] };
  const invocations = await sideBySide(commands, async (command) => ({
    command,
    invocation: await readInvocation(command.id, command.instanceId),
  }));
  for (const { command, invocation } of invocations) {
    if (invocation.status === 'pending') answers.pending.push(command);
    else if (invocation.status === 'failed') answers.failed.push(errorOf(command, invocation, failure));
    else answers.states.push(...invocation.lines.flatMap((line) => toState(line, command.server, names)));
  }
  return answers;
}

/** Exit code of lib/documents/services.sh and .ps1 for a service that is not the system's. */
const NOT_OURS = 3;

function errorOf(command: CommandInFlight, invocation: Invocation, failure: ErrorName): LightsOutError {
  const problem =
    invocation.exitCode === NOT_OURS
      ? 'its document does not have all of these services, since the stack was deployed with others meanwhile'
      : (invocation.problem ?? 'no reason given');
  if (invocation.undelivered === true) return offline(command.server, command.instanceId, problem);
  return new LightsOutError(
    failure,
    `server ${command.server} (${command.instanceId}): ${problem}; expected the script to report its services: see command ${command.id} in Systems Manager`,
  );
}

const STATES: Record<string, ServiceState['state']> = {
  active: 'active',
  inactive: 'inactive',
  failed: 'failed',
  changing: 'changing',
};

/** @param names of the system's services, by the fingerprints that a script answers with. */
function toState(
  line: Record<string, string>,
  server: string,
  names: ReadonlyMap<string, string>,
): ServiceState[] {
  const name = names.get(line['service'] ?? '');
  return name === undefined ? [] : [{ name, server, state: STATES[line['state'] ?? ''] ?? 'unknown' }];
}

/** The newer reports over the older ones. */
export function mergeStates(before: ServiceState[], newer: ServiceState[]): ServiceState[] {
  const merged = new Map(before.map((state) => [`${state.server}/${state.name}`, state]));
  for (const state of newer) merged.set(`${state.server}/${state.name}`, state);
  return [...merged.values()];
}

export function stateOf(
  states: ServiceState[],
  service: Pick<Service, 'name' | 'server'>,
): ServiceState['state'] | undefined {
  return states.find((state) => state.name === service.name && state.server === service.server)?.state;
}

/** Tells whether a service was in use. A service that was just reloading or starting is `changing`, and belongs up. */
export function wasUp(state: ServiceState['state'] | undefined): boolean {
  return state === 'active' || state === 'changing';
}

/** Tells whether a service does not run. systemd calls a service `failed` if its process ended badly; it is as still as `inactive`. */
export function isStill(state: ServiceState['state'] | undefined): boolean {
  return state === 'inactive' || state === 'failed';
}

/** The answer while a tier is under way. */
export function underWay(
  base: Pick<ServicesResult, 'since' | 'services' | 'tier' | 'tierSince'>,
  commands: CommandInFlight[],
  waitSeconds: number,
): ServicesResult {
  return { done: false, waitSeconds: lookAgainIn(waitSeconds, elapsed(base).seconds), ...base, commands };
}
