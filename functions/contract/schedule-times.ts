import { daysOf } from './days.ts';
import type { LocalTime, Schedule } from './schedule-expression.ts';

/** One time of a schedule. */
export interface ScheduledTime {
  /** Milliseconds since the epoch. Of a time that clocks skip: the moment at which they jump over it. */
  at: number;
  local: LocalTime;
  /** How far clocks are ahead of UTC then, in milliseconds; of a time that they skip, before the jump. */
  offset: number;
  /** Clocks skip this time, so it does not run. */
  isSkippedByClocks: boolean;
}

/**
 * Every time of a schedule in a time zone after `after`, in order. A time that clocks skip in spring does not run. A time that comes twice in
 * autumn runs once:
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time. No page says that this is the first of
 * the two.
 *
 * It ends when the schedule never runs again.
 */
export function* scheduledTimes(
  schedule: Schedule,
  { timeZone, after }: { timeZone: string; after: number },
): Generator<ScheduledTime> {
  const zone = new Zone(timeZone);
  let last = after;
  for (const local of localTimes(schedule, zone.localOf(after))) {
    const time = zone.timeOf(local);
    if (time.isSkippedByClocks ? time.at > after : time.at > last) yield time;
    // A time that comes twice runs once. The first time after a jump is the moment of the jump.
    if (!time.isSkippedByClocks) last = Math.max(last, time.at);
  }
}

/** The next times that run, in milliseconds: fewer than `count` when no more come. */
export function timesOf(
  schedule: Schedule,
  { timeZone, after, count }: { timeZone: string; after: number; count: number },
): number[] {
  const times: number[] = [];
  for (const { at, isSkippedByClocks } of scheduledTimes(schedule, { timeZone, after })) {
    if (!isSkippedByClocks) times.push(at);
    if (times.length === count) break;
  }
  return times;
}

/** Every time of the schedule, from the day before `from` on. One day is more than any time zone is off. */
function* localTimes(schedule: Schedule, from: LocalTime): Generator<LocalTime> {
  if (schedule.kind === 'at') {
    yield schedule.local;
    return;
  }
  const { minutes, hours, months, years, day: rule } = schedule.cron;
  const earliest = Date.UTC(from.year, from.month - 1, from.day - 1);
  for (const year of years.filter((each) => each >= from.year - 1)) {
    for (const month of months) {
      if (Date.UTC(year, month, 1) < earliest) continue;
      for (const day of daysOf(rule, year, month)) {
        if (Date.UTC(year, month - 1, day) < earliest) continue;
        for (const hour of hours)
          for (const minute of minutes) yield { year, month, day, hour, minute, second: 0 };
      }
    }
  }
}

const SECOND = 1_000;
const HOUR = 3600 * SECOND;

/** Shifts at which to look for the offsets of a zone: twice the largest change that ever was. */
const AROUND = [-26 * HOUR, 0, 26 * HOUR];

/** Converts between local times and instants, by the rules that Node knows. */
class Zone {
  readonly #format: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en', {
      timeZone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  localOf(instant: number): LocalTime {
    const parts = Object.fromEntries(
      this.#format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
    return { year, month, day, hour, minute, second };
  }

  /** The first instant at which clocks show that time, or the one at which they jump over it. */
  timeOf(local: LocalTime): ScheduledTime {
    const wanted = utcOf(local);
    const candidates = AROUND.map((shift) => wanted - this.#offsetAt(wanted + shift)).sort((a, b) => a - b);
    const found = candidates.find((instant) => utcOf(this.localOf(instant)) === wanted);
    if (found !== undefined) return { at: found, local, offset: wanted - found, isSkippedByClocks: false };
    // The larger offset, after the jump, makes the earliest candidate, which therefore lies before the jump.
    const [before = wanted] = candidates;
    const at = this.#jumpBetween(before, candidates.at(-1) ?? wanted);
    return { at, local, offset: this.#offsetAt(before), isSkippedByClocks: true };
  }

  /** How far clocks are ahead of UTC, in milliseconds. */
  #offsetAt(instant: number): number {
    return utcOf(this.localOf(instant)) - instant;
  }

  /** The first second of the new offset. Between the two instants it changes once. */
  #jumpBetween(before: number, after: number): number {
    const old = this.#offsetAt(before);
    let [low, high] = [before, after];
    while (high - low > SECOND) {
      const middle = low + Math.floor((high - low) / 2 / SECOND) * SECOND;
      if (this.#offsetAt(middle) === old) low = middle;
      else high = middle;
    }
    return high;
  }
}

/** The time that clocks show, as milliseconds of UTC. */
export function utcOf({ year, month, day, hour, minute, second }: LocalTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
