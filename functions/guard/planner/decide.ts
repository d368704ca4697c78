import type { SystemConfig } from '../../contract/config.ts';
import { defined } from '../../contract/defined.ts';
import { type Hold, holdOver } from '../../contract/holds.ts';
import type { RunInput } from '../../contract/input.ts';
import type { LeftOut } from '../../contract/ledger.ts';
import type { Occurrence } from '../../contract/occurrences.ts';
import type { StartupInput } from '../../contract/startup-input.ts';
import { PLANNER_TICK, shortestNotice } from '../../contract/timetable.ts';
import { reasonOfSkip } from './reasons.ts';

const MINUTE = 60_000;

/** A start-up that is late is still made. After this time it is given up, in milliseconds. */
export const STARTUP_GIVEN_UP = 24 * 60 * MINUTE;

/** What the planner has to know of the system. */
export interface World {
  /** The living run that holds the lock, and when users are out by it, in milliseconds. */
  holder?: { run: string; outAt?: number };
  /** Users can work: nothing has put the system away, or a start-up has let them in again. */
  isOpen: boolean;
  /** What keeps the system from being shut down. */
  holds: readonly Hold[];
  /** Until when users were told that the shutdown lasts, in milliseconds. */
  offUntil?: number;
}

export type Decision =
  | { decision: 'begin'; input: RunInput | StartupInput }
  | { decision: 'skipped' | 'missed'; reason: LeftOut }
  /** It is decided at a later look. */
  | 'later';

/** What becomes of an occurrence that is due. */
export function decide(occurrence: Occurrence, config: SystemConfig, world: World, now: number): Decision {
  const { skipped, action } = occurrence;
  if (skipped !== undefined) return { decision: 'skipped', reason: reasonOfSkip(skipped) };
  return action === 'shutdown'
    ? decideShutdown(occurrence, config, world, now)
    : decideStartup(occurrence, world, now);
}

/** Users are out at the named time, or as much later as the schedule allows. They always hear of it in time. */
function decideShutdown(
  { at, backAt, reason, latestMinutes }: Occurrence,
  config: SystemConfig,
  { holder, isOpen, holds }: World,
  now: number,
): Decision {
  const shortest = shortestNotice(config);
  const outAt = Math.max(at, now + shortest);
  if (outAt > at + latestMinutes * MINUTE) return { decision: 'missed', reason: { why: 'too-late' } };
  if (backAt !== undefined && backAt <= outAt)
    return { decision: 'missed', reason: { why: 'back-before-out' } };
  const hold = holdOver(holds, outAt);
  if (hold !== undefined) {
    const { by, until, reason: why } = hold;
    return { decision: 'skipped', reason: { why: 'hold', by: by.name, until, reason: why } };
  }
  // A system that is off now, or held by another run, may be on and free by then. At the last moment the run itself says why it does not begin.
  const isBusy = holder !== undefined || !isOpen;
  if (isBusy && now + PLANNER_TICK + shortest <= at) return 'later';
  const input: RunInput = {
    at: new Date(outAt).toISOString(),
    ...defined({ reason, backAt: backAt === undefined ? undefined : new Date(backAt).toISOString() }),
  };
  return { decision: 'begin', input };
}

/** The system comes back whatever else is planned, unless it is on, or somebody put it away until later. */
function decideStartup({ at, reason }: Occurrence, world: World, now: number): Decision {
  const { holder, isOpen, offUntil } = world;
  if (holder !== undefined) {
    // A run that only waits for its announced time has touched nothing yet.
    if (holder.outAt !== undefined && holder.outAt > at)
      return { decision: 'skipped', reason: { why: 'is-on' } };
    if (now > at + STARTUP_GIVEN_UP) return { decision: 'missed', reason: { why: 'held', run: holder.run } };
    return 'later';
  }
  if (isOpen) return { decision: 'skipped', reason: { why: 'is-on' } };
  if (offUntil !== undefined && offUntil > at + MINUTE)
    return { decision: 'skipped', reason: { why: 'off-until', until: new Date(offUntil).toISOString() } };
  const input: StartupInput = {
    // A time that has passed is no promise any more: the doors open when the system is healthy.
    ...defined({ reason, backAt: at > now + MINUTE ? new Date(at).toISOString() : undefined }),
  };
  return { decision: 'begin', input };
}
