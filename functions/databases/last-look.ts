import type { Difference } from '../../engines/manifest.ts';
import type { SourceLook } from '../contract/last-look.ts';
import type { ShutdownState } from '../contract/state.ts';

/** Content of `last-look.json`. */
export interface LastLookEvidence extends Omit<SourceLook, 'done' | 'waitSeconds' | 'spread'> {
  /** Absent when the counters were enough. */
  compared?: { equal: boolean; differences: Difference[] };
  /** True when the backup is out of date, so that the run must not go on. */
  outdated?: true;
}

/**
 * The greatest age of the last look at the point of no return. Usually the look is a few seconds old. A run
 * that was kept waiting since, by many tries of one state, looks again.
 */
const FRESH_SECONDS = 15 * 60;

/**
 * The greatest age of the last look at the first request to stop the database. It is longer than the 36 minutes of retries while AWS does
 * not answer (`NO_WAY_BACK` in `lib/workflows/retry-policies.ts`).
 */
export const OLDEST_SECONDS = 60 * 60;

/** Seconds since the end of the last look. Undefined for a run whose workflow had none. */
export function secondsSinceLook({
  servicesLook,
  sourceLook,
}: Pick<ShutdownState, 'servicesLook' | 'sourceLook'>): number | undefined {
  const ended = [servicesLook?.at, sourceLook?.endedAt].flatMap((at) =>
    at === undefined ? [] : [Date.parse(at)],
  );
  return ended.length === 0 ? undefined : (Date.now() - Math.max(...ended)) / 1000;
}

/** Whether the last look is fresh enough for the run to pass the point of no return. */
export function isLookFresh(state: Pick<ShutdownState, 'servicesLook' | 'sourceLook'>): boolean {
  const seconds = secondsSinceLook(state);
  return seconds === undefined || seconds <= FRESH_SECONDS;
}
