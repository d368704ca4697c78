import { daysOf } from './days.ts';
import type { LocalTime, Schedule } from './schedule-expression.ts';

/**
 * The next times of a schedule in a time zone, in milliseconds, from `after` on, which is left out. Of a time that clocks skip in spring nothing runs; one
 * that comes twice in autumn runs once: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time. That it is the first of the two, no page says.
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

/** Every time that the schedule names, from the day before `from` on: a day more than enough, whatever the zone does. */
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

/** Offsets that a zone has had within a day: twice the largest change that there ever was. */
const AROUND = [-26 * HOUR, 0, 26 * HOUR];

/** Local times of a time zone and instants, by the rules that Node knows. */
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
