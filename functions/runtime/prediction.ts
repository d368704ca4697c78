import { lookAgainIn } from '../contract/pacing.ts';

/** Shortest and longest pause between two looks. */
const SHORTEST_SECONDS = 10;
const LONGEST_SECONDS = 300;

export interface Forecast {
  /** Time since the operation began. */
  elapsedSeconds: number;
  /** Progress by AWS's word, 0 to 100. Absent where AWS does not tell it. */
  percent?: number | undefined;
  /** Duration in earlier runs. */
  expectedSeconds?: number | undefined;
}

/**
 * How long to wait before the next look, in whole seconds: until just before the predicted end, then a short tail. This needs few polls and
 * loses little time at the end. A day of 10 s polls would fill an execution's 25,000 events.
 */
export function predictWait({ elapsedSeconds, percent = 0, expectedSeconds }: Forecast): number {
  const byProgress = percent > 0 && percent < 100 ? (elapsedSeconds * (100 - percent)) / percent : undefined;
  const byHistory = expectedSeconds === undefined ? undefined : expectedSeconds - elapsedSeconds;
  const predicted = byProgress ?? byHistory;
  // After the predicted end, or without a prediction, the wait is a tenth of the elapsed time.
  const wait = predicted !== undefined && predicted > 0 ? predicted * 0.8 : elapsedSeconds * 0.1;
  return Math.max(
    lookAgainIn(SHORTEST_SECONDS, elapsedSeconds),
    Math.ceil(Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, wait))),
  );
}
