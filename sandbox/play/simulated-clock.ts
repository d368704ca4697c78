import type { SimulatedClock } from './clock.ts';

/** Slots of {@link SimulatedClock.shared}: a version that is odd while the others change, then three numbers. */
export const CLOCK_SLOTS = { version: 0, simulated: 1, real: 2, rate: 3 } as const;

/** Real milliseconds on a clock that all threads of a process share. */
export const realNow = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

interface Timer {
  at: number;
  callback: () => void;
}

/** Node makes 1 ms of a longer time, in milliseconds: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const LONGEST_TIMER = 2 ** 31 - 1;

/** How fast simulated time creeps while something works on a clock that jumps: a busy machine hardly moves a run's timeline. */
const CREEP = 0.05;

/**
 * The implementation: a queue of timers on simulated time, and one real timer for the next of them. With an infinite speed nothing is
 * waited for: as soon as nothing works, time is that of the next timer.
 */
export class SandboxClock implements SimulatedClock {
  speed: number;
  readonly shared = new SharedArrayBuffer(8 * 4);
  readonly #numbers = new Float64Array(this.shared);
  #simulated: number;
  #real = realNow();
  #rate: number;
  #workers = 0;
  #timers: Timer[] = [];
  #next: NodeJS.Timeout | undefined;
  #jump: NodeJS.Immediate | undefined;
  #stopped = false;
  #firing = false;

  /**
   * @param speed `Infinity`: time jumps.
   * @param start simulated time at the beginning, in milliseconds since the epoch.
   */
  constructor(speed: number, start: number) {
    this.speed = speed;
    this.#simulated = start;
    this.#rate = this.#rateFor(0);
    this.#publish();
  }

  get #jumps(): boolean {
    return this.speed === Number.POSITIVE_INFINITY;
  }

  #rateFor(workers: number): number {
    if (this.#jumps) return workers > 0 ? CREEP : 0;
    return workers > 0 ? 1 : this.speed;
  }

  now(): number {
    // Who is called back finds the time it was called for, even where the machine pauses between two of its lines.
    if (this.#firing) return this.#simulated;
    const free = this.#simulated + (realNow() - this.#real) * this.#rate;
    const [next] = this.#timers;
    // Running free, time stands still at what is due: on a busy machine a timer that fires a few real milliseconds late would find minutes gone.
    return this.#rate <= 1 || next === undefined ? free : Math.min(free, Math.max(next.at, this.#simulated));
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.after(milliseconds, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      const abort = (): void => {
        cancel();
        reject(signal?.reason);
      };
      if (signal?.aborted === true) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer: Timer = { at: this.now() + Math.max(0, milliseconds), callback };
    this.#timers.push(timer);
    this.#timers.sort((a, b) => a.at - b.at);
    this.#schedule();
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  work(): () => void {
    this.#workers += 1;
    this.#setRate();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#workers -= 1;
      this.#setRate();
    };
  }

  /**
   * Lets time run faster while everything waits: idle days need not be watched.
   *
   * @returns ends it.
   */
  hurry(speed: number): () => void {
    const own = this.speed;
    if (this.#jumps) return () => undefined;
    const change = (to: number): void => {
      const now = this.now();
      this.speed = to;
      this.#rate = this.#rateFor(this.#workers);
      this.#countFrom(now);
      this.#schedule();
    };
    change(Math.max(own, speed));
    return () => change(own);
  }

  /** Drops every timer: what they were for is over. */
  forget(): void {
    this.#timers = [];
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#timers = [];
    clearTimeout(this.#next);
    clearImmediate(this.#jump);
  }

  #setRate(): void {
    const rate = this.#rateFor(this.#workers);
    if (rate === this.#rate) return;
    const now = this.now();
    this.#rate = rate;
    this.#countFrom(now);
    this.#schedule();
  }

  #publish(): void {
    const numbers = this.#numbers;
    numbers[CLOCK_SLOTS.version] = (numbers[CLOCK_SLOTS.version] ?? 0) + 1;
    numbers[CLOCK_SLOTS.simulated] = this.#simulated;
    numbers[CLOCK_SLOTS.real] = this.#real;
    numbers[CLOCK_SLOTS.rate] = this.#rate;
    numbers[CLOCK_SLOTS.version] = (numbers[CLOCK_SLOTS.version] ?? 0) + 1;
  }

  #schedule(): void {
    clearTimeout(this.#next);
    clearImmediate(this.#jump);
    const first = this.#timers[0];
    if (first === undefined || this.#stopped) return;
    if (this.#rate === 0) {
      // Not at once: who was just called back may begin to work.
      this.#jump = setImmediate(() => this.#jumpTo(first.at));
      return;
    }
    const wait = Math.max(0, (first.at - this.now()) / this.#rate);
    this.#next = setTimeout(() => this.#fire(), Math.min(wait, LONGEST_TIMER));
  }

  #jumpTo(at: number): void {
    this.#countFrom(Math.max(this.#simulated, at));
    this.#fire();
  }

  /** Counts from `simulated` on, beginning at this moment. */
  #countFrom(simulated: number): void {
    this.#simulated = simulated;
    this.#real = realNow();
    this.#publish();
  }

  #fire(): void {
    const now = this.now();
    const due = this.#timers.filter((timer) => timer.at <= now);
    this.#timers = this.#timers.filter((timer) => timer.at > now);
    const free = this.#rate > 1;
    if (free) this.#countFrom(now);
    this.#firing = free;
    try {
      for (const timer of due) timer.callback();
    } finally {
      this.#firing = false;
      if (free) this.#countFrom(this.#simulated);
    }
    this.#schedule();
  }
}

/** Simulated time in a worker thread, from the clock's shared memory. */
export function sharedNow(shared: SharedArrayBuffer): number {
  const numbers = new Float64Array(shared);
  for (;;) {
    const version = numbers[CLOCK_SLOTS.version] ?? 0;
    const now =
      (numbers[CLOCK_SLOTS.simulated] ?? 0) +
      (realNow() - (numbers[CLOCK_SLOTS.real] ?? 0)) * (numbers[CLOCK_SLOTS.rate] ?? 1);
    // An odd version, or one that moved meanwhile: the numbers do not belong together.
    if (version % 2 === 0 && version === numbers[CLOCK_SLOTS.version]) return now;
  }
}

/** Puts a thread into simulated time: `Date.now()` and `new Date()`; timers stay real. */
export function simulateDate(shared: SharedArrayBuffer): void {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...values: unknown[]) {
      // The constructor's overloads cannot be forwarded by type.
      super(...((values.length === 0 ? [sharedNow(shared)] : values) as []));
    }

    static override now(): number {
      return Math.floor(sharedNow(shared));
    }
  } as DateConstructor;
}
