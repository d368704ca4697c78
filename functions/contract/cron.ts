/**
 * A cron expression of EventBridge Scheduler, as AWS documents it. The parser refuses whatever those pages do not name: if AWS reads an
 * expression in another way, the CRM is shut down at another time.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
 */
export interface Cron {
  minutes: number[];
  hours: number[];
  months: number[];
  years: number[];
  day: DayRule;
}

/** The days of a month on which a schedule runs. Weekdays count from 1 (Sunday) to 7 (Saturday). */
export type DayRule =
  | { kind: 'days'; days: number[] }
  | { kind: 'last-day' }
  /** The working day (Monday to Friday) nearest to that day, in the same month. */
  | { kind: 'nearest-weekday'; day: number }
  | { kind: 'weekdays'; weekdays: number[] }
  | { kind: 'last-weekday'; weekday: number }
  | { kind: 'nth-weekday'; weekday: number; nth: number };

interface Field {
  name: string;
  min: number;
  max: number;
  names?: readonly string[];
  expected: string;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] as const;
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const;

const MINUTES: Field = { name: 'minutes', min: 0, max: 59, expected: '0-59, e.g. "30"' };
const HOURS: Field = { name: 'hours', min: 0, max: 23, expected: '0-23, e.g. "22"' };
const DAY_OF_MONTH: Field = {
  name: 'day-of-month',
  min: 1,
  max: 31,
  expected: '1-31, "L" (the last day), "15W" (the weekday nearest to the 15th) or "?"',
};
const MONTH: Field = {
  name: 'month',
  min: 1,
  max: 12,
  names: MONTHS,
  expected: '1-12 or JAN-DEC, e.g. "*"',
};
const DAY_OF_WEEK: Field = {
  name: 'day-of-week',
  min: 1,
  max: 7,
  names: WEEKDAYS,
  expected: '1-7 (1 is Sunday) or SUN-SAT, "6L" (the last Friday), "6#2" (the second Friday) or "?"',
};
const YEAR: Field = { name: 'year', min: 1970, max: 2199, expected: '1970-2199, e.g. "*"' };

const EXAMPLE = '"cron(0 22 ? * FRI *)" is every Friday at 22:00';

/** The reason why an expression is invalid. */
class CronProblem extends Error {}

/** Parses the text between `cron(` and `)`. An invalid text answers the reason. */
export function parseCron(fields: string): Cron | { problem: string } {
  try {
    return read(fields);
  } catch (error) {
    if (error instanceof CronProblem) return { problem: error.message };
    throw error;
  }
}

function read(text: string): Cron {
  const parts = text.trim().split(/\s+/);
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = parts;
  if (parts.length !== 6)
    throw new CronProblem(
      `expected six fields (minutes, hours, day-of-month, month, day-of-week, year), found ${text.trim() === '' ? 0 : parts.length}; ${EXAMPLE}`,
    );
  return {
    minutes: valuesOf(minutes, MINUTES),
    hours: valuesOf(hours, HOURS),
    months: valuesOf(month, MONTH),
    years: valuesOf(year, YEAR),
    day: dayRule(dayOfMonth, dayOfWeek),
  };
}

function dayRule(dayOfMonth: string, dayOfWeek: string): DayRule {
  if ((dayOfMonth === '?') === (dayOfWeek === '?'))
    throw new CronProblem(
      `expected "?" in exactly one of day-of-month and day-of-week, found "${dayOfMonth}" and "${dayOfWeek}"; ${EXAMPLE}`,
    );
  if (dayOfWeek === '?') return dayOfMonthRule(dayOfMonth);
  if (dayOfWeek === 'L') return { kind: 'weekdays', weekdays: [7] };
  const last = /^([1-7])L$/.exec(dayOfWeek);
  if (last !== null) return { kind: 'last-weekday', weekday: Number(last[1]) };
  const nth = /^(.+)#([1-5])$/.exec(dayOfWeek);
  if (nth !== null)
    return {
      kind: 'nth-weekday',
      weekday: numberOf(nth[1] ?? '', DAY_OF_WEEK, dayOfWeek),
      nth: Number(nth[2]),
    };
  return { kind: 'weekdays', weekdays: valuesOf(dayOfWeek, DAY_OF_WEEK) };
}

function dayOfMonthRule(text: string): DayRule {
  if (text === 'L') return { kind: 'last-day' };
  const nearest = /^(\d+)W$/.exec(text);
  if (nearest !== null)
    return { kind: 'nearest-weekday', day: numberOf(nearest[1] ?? '', DAY_OF_MONTH, text) };
  return { kind: 'days', days: valuesOf(text, DAY_OF_MONTH) };
}

/** The values of a field: `*`, `5`, `1-5`, `0/15`, `1-31/7`, and lists of these forms. */
function valuesOf(text: string, field: Field): number[] {
  const values = new Set<number>();
  for (const part of text.split(',')) for (const value of partOf(part, field, text)) values.add(value);
  return [...values].sort((a, b) => a - b);
}

function partOf(part: string, field: Field, whole: string): number[] {
  const [range = '', step, ...more] = part.split('/');
  const by = step === undefined ? 1 : Number(step);
  if (more.length > 0 || (step !== undefined && !/^\d+$/.test(step)) || by < 1 || by > field.max)
    throw problemOf(whole, field);
  const [from, to] = boundsOf(range, field, whole, step !== undefined);
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by);
}

function boundsOf(range: string, field: Field, whole: string, isStepped: boolean): [number, number] {
  if (range === '*') return [field.min, field.max];
  const [first = '', last, ...more] = range.split('-');
  const from = numberOf(first, field, whole);
  if (last === undefined) return [from, isStepped ? field.max : from];
  const to = numberOf(last, field, whole);
  if (more.length > 0) throw problemOf(whole, field);
  if (to < from)
    throw new CronProblem(
      `${field.name} "${whole}": the range "${range}" ends before it begins; expected a list in its place, such as "${first},${last}"`,
    );
  return [from, to];
}

function numberOf(text: string, field: Field, whole: string): number {
  const named = field.names?.indexOf(text) ?? -1;
  const value = named >= 0 ? named + 1 : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= field.min && value <= field.max)) throw problemOf(whole, field);
  return value;
}

function problemOf(whole: string, field: Field): CronProblem {
  return new CronProblem(`${field.name} "${whole}": expected ${field.expected}`);
}
