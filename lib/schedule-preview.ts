import type { SystemConfig } from '../functions/contract/config.ts';
import { parseSchedule } from '../functions/contract/schedule-expression.ts';
import { timesOf } from '../functions/contract/schedule-times.ts';

/** How many times are shown: enough to see whether they are the meant ones. */
const SHOWN = 3;

export type ScheduledSystem = Pick<SystemConfig, 'name' | 'timeZone' | 'schedule' | 'notices'>;

function nextTimes({ schedule, timeZone }: ScheduledSystem, now: number): number[] | undefined {
  const parsed = schedule === undefined ? undefined : parseSchedule(schedule.shutdown);
  if (parsed === undefined || 'problem' in parsed) return undefined;
  return timesOf(parsed, { timeZone, after: now, count: SHOWN });
}

/**
 * The problem of a schedule that never comes again: it shuts nothing down, and nobody would notice. Only synth asks this. In a deployed
 * stack such a schedule is merely over.
 */
export function neverAgain(system: ScheduledSystem, now: number): string | undefined {
  if (nextTimes(system, now)?.length !== 0) return undefined;
  return `"${system.schedule?.shutdown}" never comes (again) in ${system.timeZone}; expected a time to come, e.g. "cron(0 22 ? * FRI *)", or no schedule`;
}

/** `crm: the schedule starts the run at Fri, Nov 27, 2026, 22:00 (GMT+08:00), …; the shutdown begins 30 minutes later`. */
export function schedulePreview(system: ScheduledSystem, now: number): string | undefined {
  const times = nextTimes(system, now);
  if (times === undefined) return undefined;
  const format = new Intl.DateTimeFormat('en', {
    timeZone: system.timeZone,
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  });
  const words = times.map((time) => format.format(time).replace(/ (GMT\S*)$/, ' ($1)'));
  return (
    `${system.name}: the schedule starts a run at ${words.join('; ')} (${system.timeZone}). ` +
    `Users are told then, and the shutdown begins ${Math.max(...system.notices.leadMinutes)} minutes later`
  );
}
