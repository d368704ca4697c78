import type { Difference } from '../../engines/manifest.ts';
import type { SourceLook } from '../contract/last-look.ts';
import type { ShutdownState } from '../contract/state.ts';

/** What `last-look.json` holds. */
export interface LastLookEvidence extends Omit<SourceLook, 'done' | 'waitSeconds' | 'spread'> {
  /** Absent when the counters were enough. */
  compared?: { equal: boolean; differences: Difference[] };
  /** True when the run was not to go on with this backup. */
  outdated?: true;
}

/**
 * How old the last look may be when the run passes the point of no return, in seconds. Usually it is a few seconds; a run that waited for its lock, or was
 * redriven, looks again.
 */
const FRESH_SECONDS = 15 * 60;

/**
 * How old it may be when the database is asked to stop for the first time, in seconds: longer than the 36 minutes for which that call is tried
 * again while AWS does not answer (`NO_WAY_BACK` in `lib/workflows/retry-policies.ts`).
 */
export const OLDEST_SECONDS = 60 * 60;

/** Seconds since the last look was over; undefined for a run whose workflow had none. */
export function secondsSinceLook({
  servicesLook,
  sourceLook,
}: Pick<ShutdownState, 'servicesLook' | 'sourceLook'>): number | undefined {
  const ended = [servicesLook?.at, sourceLook?.endedAt].flatMap((at) =>
    at === undefined ? [] : [Date.parse(at)],
  );
  return ended.length === 0 ? undefined : (Date.now() - Math.max(...ended)) / 1000;
}

/** Whether the run may pass the point of no return on what was seen last. */
export function isLookFresh(state: Pick<ShutdownState, 'servicesLook' | 'sourceLook'>): boolean {
  const seconds = secondsSinceLook(state);
  return seconds === undefined || seconds <= FRESH_SECONDS;
}
