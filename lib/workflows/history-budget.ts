import type { SystemConfig } from '../../functions/contract/config.ts';
import { mostLooks } from '../../functions/contract/pacing.ts';

/** "Maximum open Execution event history: 25,000 events": https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const EVENTS_ALLOWED = 25_000;

/** The largest planned number of events. The rest is for redrives, which add to the same history. */
export const EVENTS_PLANNED = 22_000;

/**
 * Events of one look (https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html): the task's state entered and
 * exited, its function scheduled, started and succeeded, the Choice entered and exited, the Wait entered and exited.
 */
const EVENTS_A_LOOK = 9;

/** A failed try takes three events: scheduled, started, failed. Each loop may use all twelve tries of `HALF_WAY` once. */
const EVENTS_OF_RETRIES = 3 * 12;

/** One step of a run may wait for a lock that CleanUp holds: `LOCK_COMES_BACK` in `lib/workflows/retry-policies.ts`. */
const EVENTS_OF_THE_LOCK = 3 * 300;

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

/** Each loop's pause and deadline, as its function has them. */
export function loopsOf(system: SystemConfig): Record<string, LoopBound> {
  const tiers = Map.groupBy(system.services, ({ tier }) => tier);
  const tiersSeconds = [...tiers.values()]
    .map((services) => Math.max(...services.map(({ timeoutSeconds }) => timeoutSeconds)) + 2 * 60)
    .reduce((sum, seconds) => sum + seconds, 5 * 60);
  const files = system.files.backup;
  return {
    'ask the servers': { pauseSeconds: 3, deadlineSeconds: 180 },
    maintenance: { pauseSeconds: 1, deadlineSeconds: 180 },
    drain: { pauseSeconds: 20, deadlineSeconds: system.drain.timeoutMinutes * 60 },
    ...(system.updates === 'install' ? { updates: { pauseSeconds: 1, deadlineSeconds: 2 * HOUR } } : {}),
    services: { pauseSeconds: 5, deadlineSeconds: tiersSeconds },
    manifest: { pauseSeconds: 1, deadlineSeconds: 24 * HOUR },
    snapshot: { pauseSeconds: 10, deadlineSeconds: 6 * HOUR },
    // The number of successive volumes is unknown at synth.
    ...(files === 'none' ? {} : { volumes: { pauseSeconds: 5, deadlineSeconds: 7 * HOUR } }),
    ...(files === 'verify'
      ? {
          'verify volumes': { pauseSeconds: 5, deadlineSeconds: MACHINE_SECONDS },
          'delete volumes': { pauseSeconds: 10, deadlineSeconds: HOUR },
        }
      : {}),
    restore: { pauseSeconds: 10, deadlineSeconds: 4 * HOUR },
    verify: { pauseSeconds: 1, deadlineSeconds: 24 * HOUR },
    'delete test instance': { pauseSeconds: 10, deadlineSeconds: 2 * HOUR },
    // A run takes either the way past the point of no return or the way back. The way back is longer.
    'roll back: services': { pauseSeconds: 5, deadlineSeconds: tiersSeconds },
    'roll back: maintenance': { pauseSeconds: 4, deadlineSeconds: 600 },
    'roll back: test instance': { pauseSeconds: 10, deadlineSeconds: 2 * HOUR },
    ...(files === 'verify' ? { 'roll back: volumes': { pauseSeconds: 10, deadlineSeconds: HOUR } } : {}),
  };
}

/** Looks of the announcement: one per six hours of 28 days, two per notice, and one per ten minutes of sending mails. */
function announcementLooks(system: SystemConfig): number {
  const { leadMinutes, users } = system.notices;
  // SES's lowest rate outside the sandbox is 1 a second: https://docs.aws.amazon.com/ses/latest/dg/quotas.html
  return 28 * 4 + leadMinutes.length * (2 + Math.ceil(users.length / 590));
}

/** The most events that a run of this system writes before its first redrive. */
export function mostEvents(system: SystemConfig): number {
  const loops = Object.values(loopsOf(system)).map(
    ({ pauseSeconds, deadlineSeconds }) =>
      EVENTS_A_LOOK * mostLooks(pauseSeconds, deadlineSeconds) + EVENTS_OF_RETRIES,
  );
  // Each tier begins with a look of its own, on the way and on the way back.
  const tiers = 2 * 2 * new Set(system.services.map(({ tier }) => tier)).size;
  return (
    loops.reduce((sum, events) => sum + events, 0) +
    EVENTS_A_LOOK * (tiers + announcementLooks(system)) +
    2 * EVENTS_OF_BATCHES +
    EVENTS_OF_THE_LOCK +
    EVENTS_BETWEEN
  );
}
