import { type Invocation, offline, readInvocation, sendToServer } from '../shared/commands.ts';
import type { Service, SystemConfig } from '../shared/contract/config.ts';
import { EnvironmentVariable } from '../shared/contract/environment.ts';
import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import type { CommandInFlight, ServiceState, ServicesResult } from '../shared/contract/state.ts';
import { environmentVariable } from '../shared/environment.ts';
import { lookAgainIn } from '../shared/pacing.ts';
import { elapsed } from '../shared/step.ts';

/** The document waits this long itself before it answers, in seconds; longer stops are polled by sending it again. */
export const DOCUMENT_WAIT_SECONDS = 25;

/** A command takes about this long on top: delivery, start of the shell. */
const COMMAND_SECONDS = 4;

/** Seconds until the answer of a command that was just sent is worth asking for. */
export const FIRST_POLL_SECONDS = 5;

/** Seconds between two looks at a command in flight. */
export const POLL_SECONDS = 5;

export type ServiceAction = 'status' | 'stop' | 'start';

/** The tier before the first: every service is asked for its state, and the answer kept as evidence. */
export const LOOK_FIRST = 0;

/** The tier behind the last (a system's own go to 99): every service is asked once more whether it stayed as it was led. */
export const LOOK_AGAIN = 100;

/** The tiers of a system, in the order they stop: what feeds others first. */
export function tiersOf(config: SystemConfig): number[] {
  return [...new Set(config.services.map((service) => service.tier))].sort((a, b) => a - b);
}

/** How long a tier may take as a whole, in seconds: its slowest service and the command's own time. */
export function tierDeadlineSeconds(services: Service[]): number {
  return (
    Math.max(...services.map((service) => service.timeoutSeconds), 0) +
    DOCUMENT_WAIT_SECONDS +
    4 * COMMAND_SECONDS
  );
}

/** Sends one command a server for these services. */
export async function sendForServices(
  config: SystemConfig,
  services: Pick<Service, 'name' | 'server'>[],
  action: ServiceAction,
): Promise<CommandInFlight[]> {
  const byServer = Map.groupBy(services, (service) => service.server);
  const commands: CommandInFlight[] = [];
  for (const [serverName, own] of byServer) {
    const server = config.servers.find((candidate) => candidate.name === serverName);
    if (server === undefined) {
      throw new LightsOutError(
        ErrorName.InvalidConfiguration,
        `services: no server is called "${serverName}"; correct systems.ts`,
      );
    }
    const id = await sendToServer({
      document: environmentVariable(EnvironmentVariable.ServiceDocument),
      instanceId: server.instanceId,
      server: server.name,
      parameters: {
        Action: [action],
        Services: [own.map((service) => service.name).join(' ')],
        WaitSeconds: [String(action === 'status' ? 0 : DOCUMENT_WAIT_SECONDS)],
      },
      comment: `${action} services of ${config.name} on ${server.name}`,
    });
    commands.push({ server: server.name, instanceId: server.instanceId, id });
  }
  return commands;
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
export async function readCommands(commands: CommandInFlight[], failure: ErrorName): Promise<CommandAnswers> {
  const answers: CommandAnswers = { pending: [], states: [], failed: [] };
  for (const command of commands) {
    const invocation = await readInvocation(command.id, command.instanceId);
    if (invocation.status === 'pending') answers.pending.push(command);
    else if (invocation.status === 'failed') answers.failed.push(errorOf(command, invocation, failure));
    else answers.states.push(...invocation.lines.flatMap((line) => toState(line, command.server)));
  }
  return answers;
}

function errorOf(command: CommandInFlight, invocation: Invocation, failure: ErrorName): LightsOutError {
  const problem = invocation.problem ?? 'no reason given';
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

function toState(line: Record<string, string>, server: string): ServiceState[] {
  if (line['service'] === undefined) return [];
  return [{ name: line['service'], server, state: STATES[line['state'] ?? ''] ?? 'unknown' }];
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

/** Was it in use? A service that was just reloading or starting is `changing`, and belongs up. */
export function wasUp(state: ServiceState['state'] | undefined): boolean {
  return state === 'active' || state === 'changing';
}

/** Not running: `failed` is how systemd calls a service whose process ended badly, and it is as still as `inactive`. */
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
