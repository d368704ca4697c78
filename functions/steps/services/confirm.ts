import { offline } from '../../aws/commands.ts';
import type { Service, SystemConfig } from '../../contract/config.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { CameBack, ServicesLook } from '../../contract/last-look.ts';
import type { ShutdownState } from '../../contract/state.ts';
import { log } from '../../runtime/log.ts';
import { elapsed } from '../../runtime/step.ts';
import {
  FIRST_POLL_SECONDS,
  isStill,
  mergeStates,
  POLL_SECONDS,
  readCommands,
  sendForServices,
  stateOf,
  tierDeadlineSeconds,
} from './tiers.ts';

type State = Pick<ShutdownState, 'run' | 'config' | 'servicesLook'>;

/** How long the servers may take to tell their services' states, in seconds. */
const LOOK_DEADLINE_SECONDS = 180;

/** Rounds in which services may be found running. A service that comes back more often does not stop by asking. */
const MOST_ROUNDS = 3;

/**
 * One round of the last look before the point of no return: every stopped service must still be stopped. If a service came back (by a
 * socket, a timer, a watchdog, a person), it is noted and stopped again, and all services are looked at again. "Confirm the source" finds
 * out whether it wrote.
 *
 * A look that is over and is asked for again begins anew.
 *
 * @throws LightsOutError `AgentOffline`, `ServiceDidNotStop`.
 */
export async function confirmServices(state: State): Promise<ServicesLook> {
  const { config } = state;
  const before = state.servicesLook;
  const previous = before?.done === false ? before : undefined;
  const { since } = elapsed(previous);
  const now = new Date(Date.now()).toISOString();
  if (config.services.length === 0) return { ...begun(since), at: now, done: true, waitSeconds: 0 };
  // The notes of an earlier look of this run stay on record.
  if (previous === undefined)
    return ask(config, { ...begun(since), cameBack: before?.cameBack ?? [] }, 'status');
  const answers = await readCommands(config, previous.commands, ErrorName.ServiceDidNotStop);
  const [failed] = answers.failed;
  if (failed !== undefined) throw failed;
  const look: ServicesLook = { ...previous, services: mergeStates(previous.services, answers.states) };
  const up = config.services.filter((service) => !isStill(stateOf(look.services, service)));
  if (answers.pending.length > 0) {
    checkPending(config, look, answers.pending);
    return { ...look, commands: answers.pending, waitSeconds: POLL_SECONDS };
  }
  if (look.asked === 'stop') {
    // All services are looked at again: stopping one may have started another.
    if (up.length === 0) return ask(config, look, 'status');
    checkStopping(look, up);
    return ask(config, look, 'stop', up);
  }
  if (up.length === 0) return { ...look, commands: [], at: now, done: true, waitSeconds: 0 };
  return stopAgain(config, look, up, now);
}

function begun(since: string): ServicesLook {
  return {
    since,
    done: false,
    waitSeconds: FIRST_POLL_SECONDS,
    services: [],
    commands: [],
    asked: 'status',
    askedSince: since,
    rounds: 0,
    cameBack: [],
  };
}

async function ask(
  config: SystemConfig,
  look: ServicesLook,
  asked: ServicesLook['asked'],
  services: Service[] = config.services,
): Promise<ServicesLook> {
  const isNew = asked !== look.asked;
  return {
    ...look,
    commands: await sendForServices(config, services, asked),
    asked,
    askedSince: isNew ? new Date(Date.now()).toISOString() : look.askedSince,
    waitSeconds: FIRST_POLL_SECONDS,
  };
}

async function stopAgain(
  config: SystemConfig,
  look: ServicesLook,
  up: Service[],
  now: string,
): Promise<ServicesLook> {
  const found = up.map(
    ({ name, server }): CameBack => ({
      name,
      server,
      state: stateOf(look.services, { name, server }) ?? 'unknown',
      at: now,
    }),
  );
  log('warn', 'services: some came back after they had been stopped', { found });
  if (look.rounds >= MOST_ROUNDS) {
    throw new LightsOutError(
      ErrorName.ServiceDidNotStop,
      `stopped ${look.rounds + 1} times and up again each time: ${wordsOf(look, up)}; expected them to stay inactive: ` +
        'find what starts them (a socket, a timer, a watchdog, a scheduled task), stop that too, and start the run again',
    );
  }
  const known = new Set(look.cameBack.map(({ name, server }) => `${server}/${name}`));
  const cameBack = [...look.cameBack, ...found.filter(({ name, server }) => !known.has(`${server}/${name}`))];
  return ask(config, { ...look, cameBack, rounds: look.rounds + 1 }, 'stop', up);
}

function checkPending(config: SystemConfig, look: ServicesLook, pending: ServicesLook['commands']): void {
  const { seconds } = elapsed({ since: look.askedSince });
  const deadline =
    look.asked === 'status'
      ? LOOK_DEADLINE_SECONDS
      : tierDeadlineSeconds(config.services) + LOOK_DEADLINE_SECONDS;
  if (seconds < deadline) return;
  const names = pending.map((command) => `${command.server} (${command.instanceId})`).join(', ');
  throw offline(names, '', `it did not report its services within ${Math.round(seconds)} s`);
}

function checkStopping(look: ServicesLook, up: Service[]): void {
  const deadline = tierDeadlineSeconds(up);
  const { seconds } = elapsed({ since: look.askedSince });
  if (seconds < deadline) return;
  throw new LightsOutError(
    ErrorName.ServiceDidNotStop,
    `came back after they had been stopped, and after ${Math.round(seconds)} s (allowed: ${deadline} s): ${wordsOf(look, up)}; expected inactive: ` +
      'stop it by hand and see its log, or allow it more time (timeoutSeconds in systems.ts)',
  );
}

function wordsOf(look: ServicesLook, services: Service[]): string {
  return services
    .map(
      (service) => `${service.name} on ${service.server} is ${stateOf(look.services, service) ?? 'unknown'}`,
    )
    .join(', ');
}
