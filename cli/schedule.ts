import { defined } from '../functions/contract/defined.ts';
import { didYouMean } from '../functions/contract/nearest.ts';
import { type Occurrence, occurrencesOf, skippedText } from '../functions/contract/occurrences.ts';
import { shown } from '../functions/contract/shown.ts';
import { BadInputError } from '../sandbox/bad-input.ts';
import { readOptions } from './options.ts';
import { readSystems, systemOf } from './systems-file.ts';

const OPTIONS = {
  system: { type: 'string' },
  count: { type: 'string' },
  from: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Times that are shown: two weeks of a system that goes off every night. */
const DEFAULT_COUNT = 10;
const MOST = 1000;

/**
 * `lights-out schedule next`: the next times at which users are out and back, from `systems.ts` alone, by the code that the planner runs on
 * AWS. A time that does not run is named with the reason.
 *
 * @returns 0.
 * @throws BadInputError when an option is wrong, or the system has no schedule. The command then ends with 2.
 */
export async function scheduleCommand([what, ...argv]: string[]): Promise<number> {
  if (what !== 'next')
    throw new BadInputError(
      `schedule${what === undefined ? ': what to show is missing' : ` "${shown(what)}": unknown`}; expected "lights-out schedule next --system NAME"${didYouMean(what ?? '', ['next'])}`,
    );
  const values = readOptions('schedule', argv, OPTIONS);
  const count = countOf(values.count);
  const after = fromOf(values.from);
  const system = systemOf(await readSystems(), values.system);
  if (system.schedule === undefined)
    throw new BadInputError(
      `--system ${system.name}: it has no schedule; expected schedule: { shutdown: "cron(0 22 ? * FRI *)", startup: "cron(0 6 ? * MON *)" } in systems.ts`,
    );
  const times: Occurrence[] = [];
  for (const each of occurrencesOf(system, after)) {
    times.push(each);
    if (times.length === count) break;
  }
  const rows = times.map((each) => ({
    action: each.action,
    at: new Date(each.at).toISOString(),
    local: each.local,
    offset: each.offset,
    ...defined({ note: skippedText(each, system.timeZone) }),
  }));
  if (values.json === true) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else {
    process.stdout.write(`${system.name} (${system.timeZone})\n`);
    for (const { action, local, offset, note } of rows)
      process.stdout.write(
        `  ${WORDS[action]}  ${weekday(local)} ${local.replace('T', ' ').slice(0, 16)} (${offset})${note === undefined ? '' : `  ${note}`}\n`,
      );
    if (rows.length === 0) process.stdout.write('  no time comes any more\n');
  }
  return 0;
}

const WORDS = { shutdown: 'users out ', startup: 'users back' } as const;

function weekday(local: string): string {
  return new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: 'UTC' }).format(Date.parse(`${local}Z`));
}

function countOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_COUNT;
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= MOST) return count;
  throw new BadInputError(
    `--count ${shown(text)}: expected a whole number from 1 to ${MOST}, e.g. --count 5`,
  );
}

/** ISO 8601 with an offset, so that no time means two moments. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

function fromOf(text: string | undefined): number {
  if (text === undefined) return Date.now();
  const time = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new BadInputError(
    `--from ${shown(text)}: expected a time in ISO 8601 with its offset, e.g. --from 2026-11-27T00:00:00+08:00`,
  );
}
