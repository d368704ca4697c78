import { pause } from '../contract/pause.ts';

/**
 * Paces calls whose rate AWS limits for the whole account: `atOnce` turns at once, then one after the other. The rate stays below the
 * account's limit, so that other callers have room.
 */
export function ratePerSecond({
  atOnce,
  perSecond,
}: {
  atOnce: number;
  perSecond: number;
}): () => Promise<void> {
  const gap = 1000 / perSecond;
  /** The time of the last given turn, if there were no `atOnce`. */
  let due = Number.NEGATIVE_INFINITY;
  return async () => {
    // This clock never goes back.
    const now = performance.now();
    due = Math.max(due, now - (atOnce - 1) * gap) + gap;
    await pause(due - gap - now);
  };
}
