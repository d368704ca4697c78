import { offline, requireOnline } from '../../aws/commands.ts';
import type { Service, SystemConfig } from '../../contract/config.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { CommandInFlight, ServiceState, ServicesResult } from '../../contract/state.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import { readEvidence, writeEvidenceIf } from '../../runtime/evidence.ts';
import { elapsed } from '../../runtime/step.ts';
import {
  FIRST_POLL_SECONDS,
  isStill,
  LOOK_AGAIN,
  LOOK_FIRST,
  mergeStates,
  POLL_SECONDS,
  readCommands,
  sendForServices,
  stateOf,
  tierDeadlineSeconds,
  tiersOf,
  underWay,
} from './tiers.ts';

type State = StateAfter<'plan', 'run' | 'config' | 'services'>;

/** How long the first look may take, in seconds. */
const LOOK_DEADLINE_SECONDS = 120;

/**
 * One round of stopping. The previous states are stored before the first stop is sent. If the answer of that call is lost, a roll back
 * still knows which services it may start.
 */
export async function stopServices(state: State): Promise<ServicesResult> {
  const { config } = state;
  const previous = state.services;
  const { since } = elapsed(previous);
  if (config.services.length === 0) {
    return {
      done: true,
      waitSeconds: 0,
      since,
      services: [],
      commands: [],
      tier: LOOK_FIRST,
      tierSince: since,
    };
  }
  if (previous === undefined) {
    const servers = config.servers.filter((server) =>
      config.services.some((service) => service.server === server.name),
    );
    await requireOnline(servers);
    const commands = await sendForServices(config, config.services, 'status');
    return underWay(
      { since, services: [], tier: LOOK_FIRST, tierSince: since },
      commands,
      FIRST_POLL_SECONDS,
    );
  }
  const answers = await readCommands(config, previous.commands, ErrorName.ServiceDidNotStop);
  const [failed] = answers.failed;
  if (failed !== undefined) throw failed;
  const services = mergeStates(previous.services, answers.states);
  const current = { since, services, tier: previous.tier, tierSince: previous.tierSince };
  if (previous.tier === LOOK_FIRST) return firstLook(state, current, answers.pending);

  checkDeadline(config, current);
  if (answers.pending.length > 0) return underWay(current, answers.pending, POLL_SECONDS);
  const running = ofTier(config, previous.tier).filter((service) => !isStill(stateOf(services, service)));
  if (running.length === 0) return nextTier(config, current);
  // The stop is sent again rather than only looked for: it changes nothing for a stopping service, and stops one that was restarted.
  return underWay(current, await sendForServices(config, running, 'stop'), POLL_SECONDS);
}

type Current = Pick<ServicesResult, 'since' | 'services' | 'tier' | 'tierSince'>;

/** Nothing was stopped yet. If a server does not answer or does not know a service, the step fails here. */
async function firstLook(
  { config, run }: State,
  current: Current,
  pending: CommandInFlight[],
): Promise<ServicesResult> {
  const { seconds } = elapsed({ since: current.tierSince });
  if (pending.length > 0) {
    if (seconds < LOOK_DEADLINE_SECONDS) return underWay(current, pending, POLL_SECONDS);
    const names = pending.map((command) => `${command.server} (${command.instanceId})`).join(', ');
    throw offline(names, '', `it did not report its services within ${Math.round(seconds)} s`);
  }
  requireKnown(config, current.services);
  await writeEvidenceIf(EvidenceKey.servicesBefore(config.name, run.id), current.services);
  return nextTier(config, current);
}

async function nextTier(
  config: SystemConfig,
  current: Pick<ServicesResult, 'since' | 'services' | 'tier'>,
): Promise<ServicesResult> {
  const now = new Date(Date.now()).toISOString();
  const tiers = tiersOf(config);
  const next = tiers.find((tier) => tier > current.tier);
  if (next === undefined && tiers.length > 1 && current.tier !== LOOK_AGAIN) {
    // A watchdog, a socket or a person may have started a service of an earlier tier meanwhile.
    const commands = await sendForServices(config, config.services, 'status');
    return underWay({ ...current, tier: LOOK_AGAIN, tierSince: now }, commands, FIRST_POLL_SECONDS);
  }
  if (next === undefined) return { ...current, done: true, waitSeconds: 0, commands: [], tierSince: now };
  const commands = await sendForServices(config, ofTier(config, next), 'stop');
  return underWay({ ...current, tier: next, tierSince: now }, commands, FIRST_POLL_SECONDS);
}

function ofTier(config: SystemConfig, tier: number): Service[] {
  if (tier === LOOK_AGAIN) return config.services;
  return config.services.filter((service) => service.tier === tier);
}

/** A service unknown to its server is a mistake in systems.ts. Nothing was stopped yet. */
function requireKnown(config: SystemConfig, services: ServiceState[]): void {
  const unknown = config.services.filter(
    (service) => (stateOf(services, service) ?? 'unknown') === 'unknown',
  );
  if (unknown.length === 0) return;
  throw new LightsOutError(
    ErrorName.ServiceDidNotStop,
    `services not known to their servers: ${unknown.map((service) => `${service.name} on ${service.server}`).join(', ')}; ` +
      'expected installed services: correct their names in systems.ts',
  );
}

function checkDeadline(config: SystemConfig, current: Current): void {
  const services = ofTier(config, current.tier);
  const deadline = tierDeadlineSeconds(services);
  const { seconds } = elapsed({ since: current.tierSince });
  const running = services.filter((service) => !isStill(stateOf(current.services, service)));
  if (seconds < deadline || running.length === 0) return;
  const list = running.map(
    (service) => `${service.name} on ${service.server} is ${stateOf(current.services, service) ?? 'unknown'}`,
  );
  throw new LightsOutError(
    ErrorName.ServiceDidNotStop,
    `after ${Math.round(seconds)} s (allowed: ${deadline} s): ${list.join(', ')}; expected inactive: stop it by hand and see its log, or allow it more time (timeoutSeconds in systems.ts)`,
  );
}

/** The services' states before the run, as the first look stored them. Undefined when this run has stopped nothing. */
export async function servicesBefore(
  config: SystemConfig,
  runId: string,
): Promise<ServiceState[] | undefined> {
  return (await readEvidence<ServiceState[]>(EvidenceKey.servicesBefore(config.name, runId)))?.value;
}
