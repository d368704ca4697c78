/** Characters of the bar. */
const WIDTH = 24;

/** How often the line is drawn at most, in milliseconds. */
const PAUSE_MILLISECONDS = 100;

/** Share that must be read before the remaining time is worth showing. */
const ENOUGH = 0.02;

/** One line on a terminal: the share of both databases that was read, rows, and the remaining time. Quiet without a terminal. */
export class Progress {
  readonly #quiet: boolean;
  readonly #begun = performance.now();
  readonly #shares = new Map<string, number>();
  #rows = 0;
  #drawn = 0;

  constructor(quiet: boolean) {
    this.#quiet = quiet;
  }

  /** @param share of what one side holds, from 0 to 1. */
  add(side: string, rows: number, share: number): void {
    this.#rows += rows;
    this.#shares.set(side, (this.#shares.get(side) ?? 0) + share);
    const now = performance.now();
    if (this.#quiet || now - this.#drawn < PAUSE_MILLISECONDS) return;
    this.#drawn = now;
    process.stderr.write(`\r${this.line(now)}\u001b[K`);
  }

  /** Each side fills half of the bar, so the slower side ends it. */
  line(now: number): string {
    const shares = [...this.#shares.values()];
    const done = Math.min(1, shares.reduce((sum, share) => sum + share, 0) / 2);
    const seconds = (now - this.#begun) / 1000;
    const left = done < ENOUGH ? '' : `, ${clock((seconds / done) * (1 - done))} left`;
    const full = Math.round(done * WIDTH);
    const rate = Math.round(this.#rows / Math.max(seconds, 0.001)).toLocaleString('en');
    return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${Math.floor(done * 100)} %  ${this.#rows.toLocaleString('en')} rows, ${rate}/s${left}`;
  }

  /** Removes the line. */
  end(): void {
    if (!this.#quiet && this.#drawn > 0) process.stderr.write('\r\u001b[K');
  }
}

function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
