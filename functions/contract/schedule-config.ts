import { z } from 'zod';
import { parseSchedule } from './schedule-expression.ts';

/** The most entries of a list of schedules, or of exceptions. */
const MOST = 100;

const Expression = z.string().check((context) => {
  const schedule = parseSchedule(context.value);
  if ('problem' in schedule)
    context.issues.push({ code: 'custom', message: schedule.problem, input: context.value });
});

/** When users are out and when they are back. Everything before is counted back from these times. */
const SchedulePair = z.strictObject({
  /**
   * When users are out, in the system's time zone: an expression of EventBridge Scheduler, `cron(…)` or `at(…)`. The run begins so much earlier that every
   * notice, and an approval, has its time. Synth prints the next three times.
   *
   * @example 'cron(0 22 ? * FRI *)'
   */
  shutdown: Expression,
  /**
   * When they are back: the doors open then, and the notices promise this time. The start-up begins as much earlier as it is expected to take. Left
   * out: somebody starts it.
   *
   * @example 'cron(0 6 ? * MON *)'
   */
  startup: Expression.optional(),
  /** Why, for the notices. */
  reason: z.string().min(1).max(500).optional(),
  /**
   * How many minutes later than its time users may be out, where the run could not begin in time. Beyond that it is not made up for, and the operators are told.
   * Default 15.
   *
   * @example 60
   */
  latestMinutes: z
    .number()
    .int()
    .min(0)
    .max(24 * 60)
    .default(15),
});
export type SchedulePair = z.output<typeof SchedulePair>;

/** One pair or several. */
export const Schedule = z.union([SchedulePair, z.array(SchedulePair).min(1).max(MOST)]);

/** The pairs of a system, however its schedule is written. */
export function pairsOf(schedule: z.output<typeof Schedule> | undefined): SchedulePair[] {
  if (schedule === undefined) return [];
  return Array.isArray(schedule) ? schedule : [schedule];
}

/** A day of the calendar that exists. */
const Day = z.iso.date({ error: 'expected a day that there is, e.g. "2026-12-24"' });

/** Days on which no schedule shuts the system down. */
const Exception = z
  .strictObject({
    /**
     * The first day, in the system's time zone.
     *
     * @example '2026-12-24'
     */
    from: Day,
    /**
     * The last day. Left out: that one day.
     *
     * @example '2027-01-03'
     */
    to: Day.optional(),
    /**
     * Why, for the record and the operators.
     *
     * @example 'Year-end closing'
     */
    reason: z.string().min(1).max(200),
  })
  .check((context) => {
    const { from, to } = context.value;
    if (to !== undefined && to < from)
      context.issues.push({
        code: 'custom',
        path: ['to'],
        message: `"${to}" is before "${from}"; expected the last day, not before the first`,
        input: context.value,
      });
  });
export const Exceptions = z.array(Exception).max(MOST);
