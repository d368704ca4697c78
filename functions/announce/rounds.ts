import type { RunContext } from '../shared/contract/state.ts';

/**
 * The round that is due now: the longest lead time first; of several that are due at once only the longest, since its mail
 * tells the same.
 */
export function dueRound(
  leadMinutes: number[],
  run: Pick<RunContext, 'at'>,
  sent: number[],
  now: number,
): number | undefined {
  const at = Date.parse(run.at);
  const open = leadMinutes.filter((minutes) => !sent.includes(minutes)).sort((a, b) => b - a);
  // The first announcement is always made, however late the run was started.
  if (sent.length === 0) return open[0];
  if (now >= at) return undefined;
  return open.find((minutes) => at - minutes * 60_000 <= now);
}

/** When the next reminder is due, in milliseconds since the epoch; undefined when none is left. */
export function nextRoundAt(
  leadMinutes: number[],
  run: Pick<RunContext, 'at'>,
  sent: number[],
): number | undefined {
  const open = leadMinutes.filter((minutes) => !sent.includes(minutes)).sort((a, b) => b - a);
  return open[0] === undefined ? undefined : Date.parse(run.at) - open[0] * 60_000;
}
