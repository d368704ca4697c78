/** The clocks of the caller and of AWS differ a little. A time this far in the past still counts as now. */
const CLOCK_SKEW_MILLISECONDS = 60_000;

/** The execution waits for the announced time and lasts 30 days at most. The remaining two days are for the run itself. */
const LONGEST_AHEAD_DAYS = 28;

/**
 * The reason why a run that starts at `started` cannot be announced for `at`. `at` is as a person wrote it.
 * @returns undefined when the run can be announced.
 */
export function announcedTimeProblem(at: string, started: number): string | undefined {
  const time = Date.parse(at);
  if (time < started - CLOCK_SKEW_MILLISECONDS)
    return `${at} has passed (it is ${new Date(started).toISOString()}); expected a time to come, or none for now plus the longest notice`;
  if (time > started + LONGEST_AHEAD_DAYS * 24 * 3600_000)
    return `${at} is more than ${LONGEST_AHEAD_DAYS} days ahead; expected a nearer time: start the run later, or use a schedule`;
  return undefined;
}
