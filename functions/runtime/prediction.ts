import { lookAgainIn } from '../contract/pacing.ts';

/** Shortest and longest pause between two looks, in seconds. */
const SHORTEST_SECONDS = 10;
const LONGEST_SECONDS = 300;

export interface Forecast {
  /** Since the operation was begun. */
  elapsedSeconds: number;
  /** What AWS says is done, 0 to 100, where it says so. */
  percent?: number | undefined;
  /** What earlier runs took. */
  expectedSeconds?: number | undefined;
}

/**
 * How long to wait before the next look, in whole seconds: to just before the predicted end, then a short tail. Few polls are
 * made (a day of 10 s polls would fill an execution's 25,000 events) and little time is lost at the end.
 */
export function predictWait({ elapsedSeconds, percent = 0, expectedSeconds }: Forecast): number {
  const byProgress = percent > 0 && percent < 100 ? (elapsedSeconds * (100 - percent)) / percent : undefined;
  const byHistory = expectedSeconds === undefined ? undefined : expectedSeconds - elapsedSeconds;
  const predicted = byProgress ?? byHistory;
  // Past the prediction, or without one: a tail that grows with what has passed, a tenth of it.
  const wait = predicted !== undefined && predicted > 0 ? predicted * 0.8 : elapsedSeconds * 0.1;
  return Math.max(
    lookAgainIn(SHORTEST_SECONDS, elapsedSeconds),
    Math.ceil(Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, wait))),
  );
}
