import type { Service, SystemConfig } from '../../contract/config.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { CommandInFlight, ServiceState, ServicesResult } from '../../contract/state.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import { log } from '../../runtime/log.ts';
import { sideBySide } from '../../runtime/parallel-work.ts';
import { elapsed, progressOf } from '../../runtime/step.ts';
import { servicesBefore } from './stop.ts';
import {
  FIRST_POLL_SECONDS,
  mergeStates,
  POLL_SECONDS,
  readCommands,
  sendForServices,
  stateOf,
  tierDeadlineSeconds,
  tiersOf,
  underWay,
  wasUp,
} from './tiers.ts';

type State = StateAfter<'plan', 'run' | 'config' | 'rollback'>;

/**
 * One round of starting the services that this run stopped: those that were up before it, highest tier first. If a tier does not come up,
 * the others are still tried. At the end every service that failed is named.
 */
export async function startServices(state: State): Promise<ServicesResult> {
  const { config, run } = state;
  const before = await servicesBefore(config, run.id);
  const wanted = config.services.filter((service) => before !== undefined && wasUp(stateOf(before, service)));
  return startInOrder({
    config,
    wanted,
    previous: progressOf(state.rollback?.services),
    remedy: 'expected active, as before the run: start it by hand and see its log',
  });
}

/** Services that are to come up, tier by tier. */
export interface StartOrder {
  config: SystemConfig;
  wanted: Service[];
  previous: ServicesResult | undefined;
  /** No tier is started on top of one that did not come up. Default: the others are still tried. */
  stopAtDeadTier?: boolean;
  /** Ends the error's sentence: what was expected, and what to do. */
  remedy: string;
}

/**
 * One round of starting services, highest tier first. A service that is up already is accepted.
 *
 * @throws LightsOutError `ServiceDidNotStart` naming every service that did not come up.
 */
export async function startInOrder(order: StartOrder): Promise<ServicesResult> {
  const { config, wanted, previous } = order;
  const { since } = elapsed(previous);
  if (previous === undefined) return nextTier(order, { since, services: [], tier: Number.POSITIVE_INFINITY });

  const answers = await readCommands(config, previous.commands, ErrorName.ServiceDidNotStart);
  // The command is sent again until the deadline: one failure must keep neither the server's services nor the lower tiers down.
  for (const error of answers.failed)
    log('warn', 'services: a start command failed; it is sent again', { reason: error.message });
  const services = mergeStates(previous.services, answers.states);
  const current = { since, services, tier: previous.tier, tierSince: previous.tierSince };
  const own = wanted.filter((service) => service.tier === previous.tier);
  const down = own.filter((service) => stateOf(services, service) !== 'active');
  const late = elapsed({ since: previous.tierSince }).seconds >= tierDeadlineSeconds(own);
  if (down.length > 0 && !late) {
    if (answers.pending.length > 0) return underWay(current, answers.pending, POLL_SECONDS);
    return underWay(current, await sendWhereItWorks(config, down), POLL_SECONDS);
  }
  if (down.length > 0 && order.stopAtDeadTier === true) throw notActive(order, services);
  return nextTier(order, current);
}

async function nextTier(
  order: StartOrder,
  current: Pick<ServicesResult, 'since' | 'services' | 'tier'>,
): Promise<ServicesResult> {
  const { config, wanted } = order;
  const now = new Date(Date.now()).toISOString();
  const next = tiersOf(config)
    .reverse()
    .find((tier) => tier < current.tier && wanted.some((service) => service.tier === tier));
  if (next !== undefined) {
    const own = wanted.filter((service) => service.tier === next);
    return underWay(
      { ...current, tier: next, tierSince: now },
      await sendWhereItWorks(config, own),
      FIRST_POLL_SECONDS,
    );
  }
  const down = wanted.filter((service) => stateOf(current.services, service) !== 'active');
  if (down.length > 0) throw notActive(order, current.services);
  return {
    since: current.since,
    services: current.services,
    done: true,
    waitSeconds: 0,
    commands: [],
    tier: 0,
    tierSince: now,
  };
}

function notActive({ wanted, remedy }: StartOrder, services: ServiceState[]): LightsOutError {
  const down = wanted
    .filter((service) => stateOf(services, service) !== 'active')
    .map((service) => `${service.name} on ${service.server} is ${stateOf(services, service) ?? 'unknown'}`);
  return new LightsOutError(ErrorName.ServiceDidNotStart, `not active again: ${down.join(', ')}; ${remedy}`);
}

/** An unreachable server must not keep the services of the others down. Its own services are named at the end. */
async function sendWhereItWorks(config: SystemConfig, services: Service[]): Promise<CommandInFlight[]> {
  const byServer = [...Map.groupBy(services, (service) => service.server)];
  const commands = await sideBySide(byServer, async ([server, own]) => {
    try {
      return await sendForServices(config, own, 'start');
    } catch (error) {
      if (!(error instanceof LightsOutError && error.name === ErrorName.AgentOffline)) throw error;
      log('warn', 'services: a server cannot be reached; the others go on', {
        server,
        reason: error.message,
      });
      return [];
    }
  });
  return commands.flat();
}
