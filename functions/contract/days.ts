import type { DayRule } from './cron.ts';

/** @param month from 1. */
export function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** The weekday, from 1 (Sunday) to 7 (Saturday). */
function weekdayOf(year: number, month: number, day: number): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
}

/** The days of a month that match a rule, in order. */
export function daysOf(rule: DayRule, year: number, month: number): number[] {
  const last = daysInMonth(year, month);
  const all = Array.from({ length: last }, (_, index) => index + 1);
  const on = (weekday: number): number[] => all.filter((day) => weekdayOf(year, month, day) === weekday);
  switch (rule.kind) {
    case 'days':
      return rule.days.filter((day) => day <= last);
    case 'last-day':
      return [last];
    case 'nearest-weekday':
      return rule.day > last ? [] : [nearestWeekday(year, month, rule.day, last)];
    case 'weekdays':
      return all.filter((day) => rule.weekdays.includes(weekdayOf(year, month, day)));
    case 'last-weekday':
      return on(rule.weekday).slice(-1);
    case 'nth-weekday':
      return on(rule.weekday).slice(rule.nth - 1, rule.nth);
  }
}

/** The nearest day from Monday to Friday, never in another month. */
function nearestWeekday(year: number, month: number, day: number, last: number): number {
  const weekday = weekdayOf(year, month, day);
  if (weekday === 7) return day === 1 ? 3 : day - 1;
  if (weekday === 1) return day === last ? day - 2 : day + 1;
  return day;
}
