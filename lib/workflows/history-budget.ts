import type { SystemConfig } from '../../functions/contract/config.ts';
import { DEADLINE_SECONDS } from '../../functions/contract/deadlines.ts';
import { MOST_HEALTH_LOOKS, mostLooks } from '../../functions/contract/pacing.ts';
import type { RunKind } from '../../functions/contract/run-kinds.ts';

/** "Maximum open Execution event history: 25,000 events": https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const EVENTS_ALLOWED = 25_000;

/** The largest planned number of events. The rest is for what is not planned, e.g. a redrive, which adds to the same history. */
export const EVENTS_PLANNED = 22_000;

/**
 * Events of one look (https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html): the task's state entered and
 * exited, its function scheduled, started and succeeded, the Choice entered and exited, the Wait entered and exited.
 */
const EVENTS_A_LOOK = 9;

/** A failed try takes three events: scheduled, started, failed. Each loop may use all twelve tries of `HALF_WAY` once. */
const EVENTS_OF_RETRIES = 3 * 12;

/**
 * An inline Map reads up to 40 batches. Each is started and succeeded, takes up to two looks, and ends in a Pass. All this happens twice.
 */
const EVENTS_OF_BATCHES = 2 * 40 * (2 + 2 * EVENTS_A_LOOK + 2);

/** States outside loops: the plan's four, the choices, the Parallels, the closing, each with its own retries. */
export const EVENTS_BETWEEN = 200 + 8 * EVENTS_OF_RETRIES;

const HOUR = 3600;

/** The state machine's own time-out (`lib/workflows/shutdown.ts`). */
const MACHINE_SECONDS = 30 * 24 * HOUR;

/** A loop of the workflow: its shortest pause and its deadline. */
export interface LoopBound {
  pauseSeconds: number;
  deadlineSeconds: number;
}

/** How long all tiers of services may take, one after the other. */
function secondsOfTiers({ services }: SystemConfig): number {
  return [...Map.groupBy(services, ({ tier }) => tier).values()]
    .map((own) => Math.max(...own.map(({ timeoutSeconds }) => timeoutSeconds)) + 2 * 60)
    .reduce((sum, seconds) => sum + seconds, 5 * 60);
}

/** Each loop's shortest pause, and its deadline, of a shutdown. */
export function loopsOf(system: SystemConfig): Record<string, LoopBound> {
  const tiersSeconds = secondsOfTiers(system);
  const files = system.files.backup;
  const within = (pauseSeconds: number, deadlineSeconds: number): LoopBound => ({
    pauseSeconds,
    deadlineSeconds,
  });
  const { maintenanceOn, maintenanceOff, testInstanceDeletion, volumeDeletion } = DEADLINE_SECONDS;
  return {
    'ask the servers': within(3, DEADLINE_SECONDS.askServers),
    maintenance: within(1, maintenanceOn),
    drain: within(20, system.drain.timeoutMinutes * 60),
    ...(system.updates === 'install' ? { updates: within(1, DEADLINE_SECONDS.updates) } : {}),
    services: within(5, tiersSeconds),
    manifest: within(1, DEADLINE_SECONDS.reading),
    snapshot: within(10, DEADLINE_SECONDS.snapshot),
    // Buffers are written out before the snapshots. To compare files, they are listed then too, and the number of volumes is unknown at synth.
    ...(files === 'snapshot' ? { volumes: within(5, DEADLINE_SECONDS.volumeSnapshots + HOUR) } : {}),
    ...(files === 'verify'
      ? {
          volumes: within(5, MACHINE_SECONDS),
          'verify volumes': within(5, MACHINE_SECONDS),
          'delete volumes': within(10, volumeDeletion),
        }
      : {}),
    restore: within(10, DEADLINE_SECONDS.restore),
    verify: within(1, DEADLINE_SECONDS.reading),
    'delete test instance': within(10, testInstanceDeletion),
    // A run takes either the way past the point of no return or the way back. The way back is longer.
    'roll back: services': within(5, tiersSeconds),
    'roll back: maintenance': within(4, maintenanceOff),
    'roll back: test instance': within(10, testInstanceDeletion),
    ...(files === 'verify' ? { 'roll back: volumes': within(10, volumeDeletion) } : {}),
  };
}

/** The same of a start-up. Its health checks are bounded by {@link MOST_HEALTH_LOOKS}. */
export function startupLoopsOf(system: SystemConfig): Record<string, LoopBound> {
  const within = (pauseSeconds: number, deadlineSeconds: number): LoopBound => ({
    pauseSeconds,
    deadlineSeconds,
  });
  return {
    'start database': within(10, DEADLINE_SECONDS.databaseStart),
    'confirm the data': within(1, system.startup.confirmTimeoutMinutes * 60),
    'start servers': within(15, DEADLINE_SECONDS.serversStart),
    'start services': within(5, secondsOfTiers(system)),
    open: within(4, DEADLINE_SECONDS.maintenanceOff),
  };
}

/** Looks of the announcement: one per six hours of 28 days and one per hour of the last two, two per notice, and one per ten minutes of sending mails. */
function announcementLooks(system: SystemConfig): number {
  const { leadMinutes, users } = system.notices;
  // SES's lowest rate outside the sandbox is 1 a second: https://docs.aws.amazon.com/ses/latest/dg/quotas.html
  return 28 * 4 + 48 + leadMinutes.length * (2 + Math.ceil(users.length / 590));
}

/** The most events that a run of this system writes, by its kind. */
export function mostEvents(system: SystemConfig, kind: RunKind = 'shutdown'): number {
  const tiers = new Set(system.services.map(({ tier }) => tier)).size;
  if (kind === 'startup') {
    // Looked at once more after the wait for the promised time. The last round comes on top.
    const healthLooks = system.startup.health.length === 0 ? 0 : 2 * (MOST_HEALTH_LOOKS + 2);
    return (
      eventsOf(startupLoopsOf(system)) +
      EVENTS_A_LOOK * (tiers + healthLooks) +
      2 * EVENTS_OF_RETRIES +
      EVENTS_OF_BATCHES +
      EVENTS_BETWEEN
    );
  }
  // Each tier begins with a look of its own, on the way and on the way back.
  return (
    eventsOf(loopsOf(system)) +
    EVENTS_A_LOOK * (2 * 2 * tiers + announcementLooks(system)) +
    2 * EVENTS_OF_BATCHES +
    EVENTS_BETWEEN
  );
}

function eventsOf(loops: Record<string, LoopBound>): number {
  return Object.values(loops).reduce(
    (sum, { pauseSeconds, deadlineSeconds }) =>
      sum + EVENTS_A_LOOK * mostLooks(pauseSeconds, deadlineSeconds) + EVENTS_OF_RETRIES,
    0,
  );
}
