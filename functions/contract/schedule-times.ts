import { daysOf } from './days.ts';
import type { LocalTime, Schedule } from './schedule-expression.ts';

/**
 * The next times of a schedule in a time zone, in milliseconds, after `after`. A time that clocks skip in spring does not run. A time that
 * comes twice in autumn runs once:
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time. No page says that this is the first of
 * the two.
 *
 * @returns fewer than `count` when no more come, none when the schedule never runs again.
 */
export function timesOf(
  schedule: Schedule,
  { timeZone, after, count }: { timeZone: string; after: number; count: number },
): number[] {
  const zone = new Zone(timeZone);
  const times: number[] = [];
  for (const local of localTimes(schedule, zone.localOf(after))) {
    const time = zone.instantOf(local);
    if (time !== undefined && time > after && !times.includes(time)) times.push(time);
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

const HOUR = 3600_000;

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

  /** The first instant at which clocks show that time, or undefined where they skip it. */
  instantOf(local: LocalTime): number | undefined {
    const wanted = utcOf(local);
    const candidates = AROUND.map((shift) => {
      const near = wanted + shift;
      return wanted - (utcOf(this.localOf(near)) - near);
    });
    return candidates.sort((a, b) => a - b).find((instant) => utcOf(this.localOf(instant)) === wanted);
  }
}

function utcOf({ year, month, day, hour, minute, second }: LocalTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
