import type { SystemConfig } from '../functions/contract/config.ts';
import { type Occurrence, occurrencesOf, skippedText } from '../functions/contract/occurrences.ts';
import { pairsOf } from '../functions/contract/schedule-config.ts';
import { parseSchedule } from '../functions/contract/schedule-expression.ts';
import { timesOf } from '../functions/contract/schedule-times.ts';
import { runBeginsBefore } from '../functions/contract/timetable.ts';

/** How many shutdowns are shown: enough to see whether their times are the meant ones. */
const SHOWN = 3;

type PreviewedSystem = Pick<
  SystemConfig,
  'name' | 'timeZone' | 'schedule' | 'exceptions' | 'notices' | 'approval'
>;

/**
 * The problems of schedules that never come again: such a schedule does nothing, and nobody would notice. Only synth asks this. In a deployed
 * stack such a schedule is merely over. A pair whose last shutdown is over may still bring the system back.
 *
 * @returns each with its path below the system.
 */
export function neverAgain(
  { schedule, timeZone }: Pick<SystemConfig, 'schedule' | 'timeZone'>,
  now: number,
): { path: string; problem: string }[] {
  const isOver = (expression: string): boolean => {
    const parsed = parseSchedule(expression);
    return !('problem' in parsed) && timesOf(parsed, { timeZone, after: now, count: 1 }).length === 0;
  };
  return pairsOf(schedule).flatMap(({ shutdown, startup }, index) => {
    const path = Array.isArray(schedule) ? `schedule[${index}]` : 'schedule';
    const problemOf = (field: 'shutdown' | 'startup', expression: string) => [
      {
        path: `${path}.${field}`,
        problem: `"${expression}" never comes (again) in ${timeZone}; expected a time to come, e.g. "cron(0 22 ? * FRI *)", or no schedule`,
      },
    ];
    if (isOver(shutdown))
      return startup === undefined || isOver(startup) ? problemOf('shutdown', shutdown) : [];
    return startup !== undefined && isOver(startup) ? problemOf('startup', startup) : [];
  });
}

/** The next shutdowns of a system, a line each, and how much earlier its run begins. Undefined: it has no schedule. */
export function schedulePreview(system: PreviewedSystem, now: number): string | undefined {
  const shutdowns: Occurrence[] = [];
  for (const each of occurrencesOf(system, now)) {
    if (each.action === 'shutdown') shutdowns.push(each);
    if (shutdowns.length === SHOWN) break;
  }
  if (shutdowns.length === 0) return undefined;
  const lines = shutdowns.map((each) => {
    const { at, backAt } = each;
    const note = skippedText(each, system.timeZone);
    if (note !== undefined) return `  ${inWords(at, system.timeZone)}: ${note}`;
    const back =
      backAt === undefined
        ? 'and nothing in the schedule brings them back'
        : `back at ${inWords(backAt, system.timeZone)}`;
    return `  users are out at ${inWords(at, system.timeZone)}, ${back}`;
  });
  const minutes = Math.round(runBeginsBefore(system) / 60_000);
  return [
    `${system.name} (${system.timeZone}): a run begins about ${minutes} minutes before users are out.`,
    ...lines,
  ].join('\n');
}

/** `Fri, Nov 27, 2026, 22:00 (GMT+08:00)`. */
function inWords(time: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  });
  return format.format(time).replace(/ (GMT\S*)$/, ' ($1)');
}
