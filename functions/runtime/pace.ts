import { pause } from '../contract/pause.ts';

/**
 * A turn-giver for calls of which an account has only so many a second: so many turns at once, then one after the other. It keeps below the account's own bucket, so that
 * what others call finds something left in it.
 */
export function ratePerSecond({
  atOnce,
  perSecond,
}: {
  atOnce: number;
  perSecond: number;
}): () => Promise<void> {
  const gap = 1000 / perSecond;
  /** When the last turn that was given would have come, had there been no `atOnce`. */
  let due = Number.NEGATIVE_INFINITY;
  return async () => {
    // The clock of the process: it never goes back.
    const now = performance.now();
    due = Math.max(due, now - (atOnce - 1) * gap) + gap;
    await pause(due - gap - now);
  };
}
