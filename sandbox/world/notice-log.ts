import { appendFileSync } from 'node:fs';
import type { SimulatedClock } from '../play/clock.ts';

/** A line of `notices.jsonl`: one delivery, as its receiver saw it. */
export interface NoticeLine {
  /** ISO 8601, simulated time. */
  at: string;
  event: string;
  /** `mail`, or `webhook <name>`. */
  channel: string;
  /** `zh-CN`, `en`, or both with a comma. */
  language: string;
  /** A mail's address; of a webhook its audience. */
  recipient: string;
  /** `gave-up`: its last try was answered with "later", and no other came. */
  outcome: 'told' | 'refused' | 'gave-up';
  answer?: string;
}

/** Writes `notices.jsonl`, a line a delivery. */
export class NoticeLog {
  readonly lines: NoticeLine[] = [];
  readonly #clock: SimulatedClock;
  readonly #path: string;

  constructor(clock: SimulatedClock, path: string) {
    this.#clock = clock;
    this.#path = path;
  }

  append(line: Omit<NoticeLine, 'at'>): void {
    const whole = { at: new Date(this.#clock.now()).toISOString(), ...line };
    this.lines.push(whole);
    appendFileSync(this.#path, `${JSON.stringify(whole)}\n`);
  }
}
