import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import type { TimelineStep } from '../functions/contract/timeline.ts';
import type { RehearsalEvent } from '../sandbox/rehearsal/run.ts';
import { wordsOf } from './leftovers.ts';
import { detailOf, span } from './wording.ts';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MILLISECONDS = 100;

/**
 * Shows a rehearsal as it runs: a live list on a terminal, one line per finished step elsewhere, nothing with `--json`. `styleText` applies
 * NO_COLOR and the terminal's colours.
 */
export class LiveView {
  readonly #stream: WriteStream;
  readonly #silent: boolean;
  readonly #live: boolean;
  #lines = 0;
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;
  #startedAt = Date.now();
  #begun = 0;
  #now = 0;
  #steps: TimelineStep[] = [];
  #details: Record<string, unknown> = {};
  #told = new Set<string>();
  #preparing = '';

  constructor(stream: WriteStream, silent: boolean) {
    this.#stream = stream;
    this.#silent = silent;
    this.#live = stream.isTTY === true && !silent;
  }

  show(event: RehearsalEvent): void {
    if (event.kind === 'cleaned-up' || event.kind === 'replaced' || event.kind === 'interrupted') {
      this.end();
      // For people, in every kind of output.
      for (const sentence of wordsOf(event)) process.stderr.write(`lights-out: ${sentence}\n`);
      return;
    }
    if (this.#silent) return;
    if (event.kind === 'preparing') {
      this.#preparing = event.what;
      if (!this.#live) this.#stream.write(`… ${event.what}\n`);
    } else if (event.kind === 'started') {
      this.#preparing = '';
      this.#begun = event.at;
    } else {
      this.#now = event.now;
      this.#steps = event.steps;
      this.#details = event.details;
      if (!this.#live) this.#tell();
    }
    if (this.#live && this.#timer === undefined)
      this.#timer = setInterval(() => this.#draw(), FRAME_MILLISECONDS);
  }

  /** Keeps the last picture. A repeat is harmless. */
  end(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#draw();
    this.#lines = 0;
  }

  /** Plain lines: one when a step begins to take time, one when it ends. */
  #tell(): void {
    for (const step of this.#steps) {
      if (step.endedAt === undefined) continue;
      const key = `${step.name} ${step.endedAt}`;
      const known = [...this.#told].some((told) => told.startsWith(`${step.name} `));
      if (known || step.outcome === 'running') continue;
      // A loop leaves and enters its states all the time. A step is over once a later step has begun.
      const later = this.#steps.some(
        (other) => other !== step && Date.parse(other.startedAt) >= Date.parse(step.endedAt ?? ''),
      );
      if (!later) continue;
      this.#told.add(key);
      const mark = step.outcome === 'succeeded' ? 'done' : 'FAILED';
      this.#stream.write(
        `${step.endedAt.slice(11, 19)} ${step.name} ${'.'.repeat(Math.max(2, 34 - step.name.length))} ${mark} (${span(step)})\n`,
      );
    }
  }

  #draw(): void {
    const width = Math.max(40, this.#stream.columns ?? 80);
    const rows = this.#steps.map((step) => this.#row(step, width));
    const elapsed = `${((Date.now() - this.#startedAt) / 1000).toFixed(0)} s`;
    const simulated =
      this.#begun === 0 ? '' : `, ${Math.round((this.#now - this.#begun) / 60_000)} min of the run`;
    const head =
      this.#preparing === ''
        ? `Rehearsing the shutdown (${elapsed}${simulated})`
        : `${this.#spinner()} ${this.#preparing} (${elapsed})`;
    const text = [head, ...rows].map((line) => `\u001b[2K${line}`).join('\n');
    this.#stream.write(`${this.#lines > 0 ? `\u001b[${this.#lines}A\r` : ''}${text}\n`);
    this.#lines = rows.length + 1;
    this.#frame += 1;
  }

  #spinner(): string {
    return SPINNER[this.#frame % SPINNER.length] ?? '';
  }

  #row(step: TimelineStep, width: number): string {
    const running = step.outcome === 'running' || step === this.#steps.at(-1);
    const ended =
      step.endedAt !== undefined &&
      this.#steps.some((other) => Date.parse(other.startedAt) > Date.parse(step.endedAt ?? ''));
    const state =
      step.outcome === 'failed'
        ? 'failed'
        : running && !ended && this.#timer !== undefined
          ? 'running'
          : 'done';
    const mark = {
      failed: styleText('red', '✗'),
      running: styleText('cyan', this.#spinner()),
      done: styleText('green', '✓'),
    }[state];
    const detail = state === 'running' ? detailOf(step.name, this.#details[step.name]) : '';
    const time =
      state === 'running' ? span({ ...step, endedAt: new Date(this.#now).toISOString() }) : span(step);
    const plain = `${step.name.padEnd(34)} ${time.padStart(9)}  ${detail}`.slice(0, width - 4);
    return ` ${mark} ${state === 'running' ? plain : styleText(state === 'failed' ? 'red' : 'reset', plain)}`;
  }
}
