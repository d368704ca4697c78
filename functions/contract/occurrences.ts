import type { SystemConfig } from './config.ts';
import { defined } from './defined.ts';
import type { RunKind } from './run-kinds.ts';
import { pairsOf, type SchedulePair } from './schedule-config.ts';
import { parseSchedule, type Schedule } from './schedule-expression.ts';
import { type ScheduledTime, scheduledTimes, utcOf } from './schedule-times.ts';

export type ScheduledSystem = Pick<SystemConfig, 'timeZone' | 'schedule' | 'exceptions'>;

/** One time at which a schedule lets users out, or in again. */
export interface Occurrence {
  action: RunKind;
  /** When users are out (`shutdown`) or back (`startup`), in milliseconds since the epoch. */
  at: number;
  /** The same as clocks of the system's zone show it: `2026-11-27T22:00:00`. */
  local: string;
  /** Offset of those clocks from UTC: `+08:00`. */
  offset: string;
  /** Expression of the schedule, for people. */
  expression: string;
  /** Of a shutdown: the next start-up of its pair, which the notices promise. */
  backAt?: number;
  reason?: string;
  latestMinutes: number;
  /** Why it does not run. */
  skipped?: { by: 'clocks' } | { by: 'exception'; reason: string };
}

/**
 * Every occurrence of a system's schedules after `after`, in order of time, those that do not run too. Preview and planner read the same list.
 * It never ends for a schedule that never ends.
 */
export function* occurrencesOf(system: ScheduledSystem, after: number): Generator<Occurrence> {
  const series = pairsOf(system.schedule).flatMap((pair) => [
    new Series('shutdown', pair, system, after),
    ...(pair.startup === undefined ? [] : [new Series('startup', pair, system, after)]),
  ]);
  for (;;) {
    const [next] = series
      .filter(({ head }) => head !== undefined)
      .toSorted((a, b) => (a.head?.at ?? 0) - (b.head?.at ?? 0));
    if (next?.head === undefined) return;
    const { at, isSkippedByClocks } = next.head;
    // Two pairs that name the same time mean one run.
    const same = series.filter(
      ({ action, head }) =>
        action === next.action && head?.at === at && head.isSkippedByClocks === isSkippedByClocks,
    );
    const found = same.flatMap((each) => each.take());
    yield found.reduce((one, other) => ((other.backAt ?? 0) > (one.backAt ?? 0) ? other : one));
  }
}

/** The times of one expression, each as an occurrence. */
class Series {
  readonly action: RunKind;
  head: ScheduledTime | undefined;
  readonly #pair: SchedulePair;
  readonly #system: ScheduledSystem;
  readonly #times: Generator<ScheduledTime>;

  constructor(action: RunKind, pair: SchedulePair, system: ScheduledSystem, after: number) {
    this.action = action;
    this.#pair = pair;
    this.#system = system;
    this.#times = scheduledTimes(parsed(this.#expression), { timeZone: system.timeZone, after });
    this.#next();
  }

  /** The next occurrence, which is then over. */
  take(): Occurrence[] {
    const { head } = this;
    if (head === undefined) return [];
    this.#next();
    const { at, local, offset } = head;
    const { reason, latestMinutes } = this.#pair;
    return [
      {
        action: this.action,
        at,
        local: new Date(utcOf(local)).toISOString().slice(0, 19),
        offset: offsetText(offset),
        expression: this.#expression,
        latestMinutes,
        ...defined({ reason, backAt: this.#backAt(at), skipped: this.#skipped(head) }),
      },
    ];
  }

  get #expression(): string {
    return (this.action === 'startup' ? this.#pair.startup : this.#pair.shutdown) ?? '';
  }

  #next(): void {
    const { value, done } = this.#times.next();
    this.head = done === true ? undefined : value;
  }

  #backAt(at: number): number | undefined {
    const { startup } = this.#pair;
    if (this.action === 'startup' || startup === undefined) return undefined;
    for (const time of scheduledTimes(parsed(startup), { timeZone: this.#system.timeZone, after: at }))
      if (!time.isSkippedByClocks) return time.at;
    return undefined;
  }

  #skipped({ local, isSkippedByClocks }: ScheduledTime): Occurrence['skipped'] {
    if (isSkippedByClocks) return { by: 'clocks' };
    // Exceptions keep the system on, so they never keep it off.
    if (this.action === 'startup') return undefined;
    const day = new Date(utcOf(local)).toISOString().slice(0, 10);
    const exception = this.#system.exceptions.find(({ from, to = from }) => from <= day && day <= to);
    return exception === undefined ? undefined : { by: 'exception', reason: exception.reason };
  }
}

/** Synth has refused every expression that cannot be read. */
function parsed(expression: string): Schedule {
  const schedule = parseSchedule(expression);
  if ('problem' in schedule) throw new Error(`schedule "${expression}": ${schedule.problem}`);
  return schedule;
}

function offsetText(milliseconds: number): string {
  const minutes = Math.round(Math.abs(milliseconds) / 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${milliseconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Why an occurrence does not run, in one line that begins with `skipped`. Undefined: it runs. */
export function skippedText({ skipped, local }: Occurrence, timeZone: string): string | undefined {
  if (skipped === undefined) return undefined;
  return skipped.by === 'clocks'
    ? `skipped: clocks in ${timeZone} jump over ${local.slice(11, 16)} on this day`
    : `skipped: exception (${skipped.reason})`;
}

/**
 * Name of an occurrence, and of the execution that it starts: `scheduled-shutdown-20261127T140000Z`. It follows from the time, so no occurrence
 * starts twice. A time that clocks skip goes by the time that they do not show: at the moment of the jump another one may run.
 */
export function occurrenceName({ action, at, local, skipped }: Occurrence): string {
  const digits = (time: string): string => time.replaceAll(/[-:]|\.\d+/g, '');
  return skipped?.by === 'clocks'
    ? `skipped-${action}-${digits(local)}`
    : `scheduled-${action}-${digits(new Date(at).toISOString())}`;
}
