/** Lead times still to be told, the longest first. */
function open(leadMinutes: number[], told: number[]): number[] {
  return leadMinutes.filter((minutes) => !told.includes(minutes)).sort((a, b) => b - a);
}

/**
 * The round that is due now. If several are due at once, only the longest is sent, since its mail says the same. Until users have been told
 * once, a round is due however late it is. Afterwards nobody is reminded of a time that has come.
 *
 * @param at the announced time, in milliseconds since the epoch, as `now`.
 */
export function dueRound(leadMinutes: number[], at: number, told: number[], now: number): number | undefined {
  if (told.length > 0 && now >= at) return undefined;
  return open(leadMinutes, told).find((minutes) => at - minutes * 60_000 <= now);
}

/** The rounds that one mail covers: its own, and every round whose time had come when the mail was sent. */
export function roundsTold(leadMinutes: number[], at: number, round: number, now: number): number[] {
  return leadMinutes.filter((minutes) => minutes === round || at - minutes * 60_000 <= now);
}

/** When the next round is due, in milliseconds since the epoch: the announced time when none is left. */
export function nextRoundAt(leadMinutes: number[], at: number, told: number[]): number {
  const longest = open(leadMinutes, told)[0];
  return longest === undefined ? at : Math.min(at, at - longest * 60_000);
}

/**
 * The time to announce: the run's own, unless an approval took so long that users would get no notice. If nobody asked for the time
 * (`asked` false: start plus longest notice), it then counts from the approval. A time that was asked for is kept while it lies ahead;
 * otherwise users get the shortest notice.
 */
export function timeToAnnounce(
  leadMinutes: number[],
  run: { at: number; asked: boolean; approved: boolean },
  now: number,
): number {
  if (!run.approved) return run.at;
  if (!run.asked) return Math.max(run.at, now + Math.max(...leadMinutes) * 60_000);
  return run.at > now ? run.at : now + Math.min(...leadMinutes) * 60_000;
}
