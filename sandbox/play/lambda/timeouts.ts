import type { SimulatedClock } from '../clock.ts';
import { realNow } from '../simulated-clock.ts';

/** A timer this long, in milliseconds, is a time-out: the SDK's shortest is 5 s. A shorter one is a pause. */
const TIMEOUT_MILLISECONDS = 5_000;

/** Pauses (the SDK's backoff, the pace of the mails) are this many times shorter. */
const PAUSES_SHORTENED = 50;

/**
 * Time as a function's pauses know it, in milliseconds: simulated time, to which real time is added as often as pauses are shortened where they are. A
 * rate limit that fills by it fills by as much during a back-off as AWS's own would.
 */
export function lived(clock: Pick<SimulatedClock, 'now' | 'speed'>): number {
  const skipsPauses = clock.speed === Number.POSITIVE_INFINITY;
  return clock.now() + (skipsPauses ? realNow() * PAUSES_SHORTENED : 0);
}

/**
 * A function's timers in a world without waiting. Pauses pass quickly. Time-outs stay real, since a busy machine may need the time;
 * but when the world says that time has passed ({@link Timeouts.pass}), those that are due fire at once: a slow answer of AWS meets the
 * SDK's own time-out without the ten seconds.
 */
export class Timeouts {
  readonly #pending = new Map<NodeJS.Timeout, { milliseconds: number; fire(): void }>();

  /** Takes the place of this thread's own `setTimeout`. */
  install(): void {
    const { setTimeout: set, clearTimeout: clear } = globalThis;
    const pending = this.#pending;
    globalThis.setTimeout = ((
      callback: (...values: unknown[]) => void,
      milliseconds = 0,
      ...values: unknown[]
    ) => {
      if (milliseconds < TIMEOUT_MILLISECONDS)
        return set(callback, milliseconds / PAUSES_SHORTENED, ...values);
      const fire = (): void => {
        if (!pending.delete(timer)) return;
        clear(timer);
        callback(...values);
      };
      const timer = set(fire, milliseconds);
      pending.set(timer, { milliseconds, fire });
      return timer;
    }) as typeof setTimeout;
    globalThis.clearTimeout = ((timer: NodeJS.Timeout | undefined) => {
      if (timer !== undefined) pending.delete(timer);
      clear(timer);
    }) as typeof clearTimeout;
  }

  /** So much time passes at once. */
  pass(milliseconds: number): void {
    for (const timer of [...this.#pending.values()]) if (timer.milliseconds <= milliseconds) timer.fire();
  }
}
