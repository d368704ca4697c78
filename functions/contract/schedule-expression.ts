import { type Cron, parseCron } from './cron.ts';
import { daysInMonth } from './days.ts';

export type Schedule = { kind: 'cron'; cron: Cron } | { kind: 'at'; local: LocalTime };

/** A local time. Its time zone stands elsewhere. */
export interface LocalTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/** EventBridge Scheduler also takes forms that are refused here. Decision 18 has the reasons. */
const EXPECTED =
  'expected cron(minutes hours day-of-month month day-of-week year) or at(yyyy-mm-ddThh:mm:ss), e.g. "cron(0 22 ? * FRI *)" or "at(2026-12-31T22:00:00)"';

/** Parses an expression of EventBridge Scheduler, or answers the reason why it is refused. `timesOf` tells whether it still comes. */
export function parseSchedule(expression: string): Schedule | { problem: string } {
  const [, kind, inner = ''] = /^(cron|at|rate)\((.*)\)$/.exec(expression) ?? [];
  if (kind === 'rate')
    return {
      problem:
        'rate() counts from the deployment and so names no time of day; expected the times themselves, e.g. "cron(0 22 ? * FRI *)" for every Friday at 22:00',
    };
  if (kind === 'cron') {
    const cron = parseCron(inner);
    return 'problem' in cron ? cron : { kind, cron };
  }
  if (kind === 'at') {
    const local = localTime(inner);
    return local === undefined
      ? {
          problem:
            'expected a date and time that there is, at(yyyy-mm-ddThh:mm:ss), e.g. "at(2026-12-31T22:00:00)"',
        }
      : { kind, local };
  }
  return { problem: EXPECTED };
}

function localTime(text: string): LocalTime | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const isThere =
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysInMonth(year, month) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59;
  return isThere ? { year, month, day, hour, minute, second } : undefined;
}
