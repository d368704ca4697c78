import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SystemConfigInput } from '../../../functions/contract/config.ts';
import {
  type Occurrence,
  occurrenceName,
  occurrencesOf,
  skippedText,
} from '../../../functions/contract/occurrences.ts';
import { validateSystems } from '../../../lib/validate-systems.ts';
import { systems } from '../../../systems.ts';

const [example] = systems;
if (example === undefined) throw new Error('systems.ts holds no example');
const NOW = Date.parse('2026-11-26T12:00:00Z');
const PAIR = { shutdown: 'cron(0 22 ? * FRI *)', startup: 'cron(0 6 ? * MON *)' };

const problemsOf = (changes: Partial<SystemConfigInput>): string[] =>
  validateSystems([{ ...example, ...changes }], NOW).problems;

function next(
  changes: Partial<SystemConfigInput>,
  { after = '2026-11-26T12:00:00Z', count = 4 } = {},
): Occurrence[] {
  const { valid, problems } = validateSystems([{ ...example, ...changes }], NOW);
  const [system] = valid;
  if (system === undefined) throw new Error(problems.join('\n'));
  const found: Occurrence[] = [];
  for (const each of occurrencesOf(system, Date.parse(after))) {
    found.push(each);
    if (found.length === count) break;
  }
  return found;
}

const line = ({ action, local, offset, backAt }: Occurrence): string =>
  [action, local.slice(0, 16), offset, backAt && new Date(backAt).toISOString().slice(0, 16)]
    .filter(Boolean)
    .join(' ');

describe('a schedule of pairs', () => {
  it('says when users are out and back, in order, and what a shutdown promises', () => {
    expect(next({ schedule: PAIR }).map(line)).toEqual([
      'shutdown 2026-11-27T22:00 +08:00 2026-11-29T22:00',
      'startup 2026-11-30T06:00 +08:00',
      'shutdown 2026-12-04T22:00 +08:00 2026-12-06T22:00',
      'startup 2026-12-07T06:00 +08:00',
    ]);
  });

  it('may be several, and promises nothing where no start-up is named', () => {
    const schedule = [
      { shutdown: 'cron(0 21 ? * MON-THU *)', startup: 'cron(0 7 ? * TUE-FRI *)' },
      { shutdown: 'at(2026-11-30T12:00:00)', reason: 'Move of the data centre' },
    ];
    expect(next({ schedule }, { after: '2026-11-28T00:00:00Z' }).map(line)).toEqual([
      'shutdown 2026-11-30T12:00 +08:00',
      'shutdown 2026-11-30T21:00 +08:00 2026-11-30T23:00',
      'startup 2026-12-01T07:00 +08:00',
      'shutdown 2026-12-01T21:00 +08:00 2026-12-01T23:00',
    ]);
  });

  it('takes two pairs that name one time for one run, which lasts until the later return', () => {
    const schedule = [{ ...PAIR, startup: 'cron(0 6 ? * SAT *)' }, PAIR, { shutdown: PAIR.shutdown }];

    expect(next({ schedule }, { count: 3 }).map(line)).toEqual([
      'shutdown 2026-11-27T22:00 +08:00 2026-11-29T22:00',
      'startup 2026-11-28T06:00 +08:00',
      'startup 2026-11-30T06:00 +08:00',
    ]);
  });

  it('names a run by its kind and time, so that no time runs twice', () => {
    expect(next({ schedule: PAIR }, { count: 2 }).map(occurrenceName)).toEqual([
      'scheduled-shutdown-20261127T140000Z',
      'scheduled-startup-20261129T220000Z',
    ]);
  });

  it('keeps shutdowns from days that an exception covers, and never a start-up', () => {
    const exceptions = [
      { from: '2026-11-27', reason: 'Closing of the quarter' },
      { from: '2026-12-07', to: '2026-12-10', reason: 'Fair' },
    ];
    const found = next({ schedule: PAIR, exceptions }, { count: 6 });

    expect(found.map((each) => skippedText(each, 'Asia/Shanghai'))).toEqual([
      'skipped: exception (Closing of the quarter)',
      ...Array.from({ length: 5 }, () => undefined),
    ]);
  });

  it('goes by the day of the system’s clocks', () => {
    const at = (from: string) =>
      next(
        { schedule: { shutdown: 'cron(0 1 ? * SAT *)' }, exceptions: [{ from, reason: 'x' }] },
        { count: 1 },
      );

    // 01:00 of the 28th in Shanghai is 17:00 of the 27th in UTC.
    expect(at('2026-11-28')[0]?.skipped).toEqual({ by: 'exception', reason: 'x' });
    expect(at('2026-11-27')[0]?.skipped).toBeUndefined();
  });

  it.each([
    ['Europe/Berlin', '30 2', '2027-03-28', '2027-03-27T12:00:00Z', '2027-03-28T01:00:00.000Z', '+01:00'],
    ['America/New_York', '30 2', '2027-03-14', '2027-03-13T12:00:00Z', '2027-03-14T07:00:00.000Z', '-05:00'],
    ['Australia/Sydney', '30 2', '2026-10-04', '2026-10-03T12:00:00Z', '2026-10-03T16:00:00.000Z', '+10:00'],
    ['America/Santiago', '30 0', '2026-09-06', '2026-09-05T12:00:00Z', '2026-09-06T04:00:00.000Z', '-04:00'],
    // Half an hour of summer time.
    [
      'Australia/Lord_Howe',
      '15 2',
      '2026-10-04',
      '2026-10-03T12:00:00Z',
      '2026-10-03T15:30:00.000Z',
      '+10:30',
    ],
  ])('names a time that clocks in %s jump over', (timeZone, time, day, after, at, offset) => {
    const schedule = { shutdown: `cron(${time} * * ? *)` };
    const [skipped, tomorrow] = next({ timeZone, schedule }, { after, count: 2 });
    const clock = time
      .split(' ')
      .reverse()
      .map((part) => part.padStart(2, '0'))
      .join(':');

    expect(skipped).toMatchObject({ at: Date.parse(at), local: `${day}T${clock}:00`, offset });
    expect(skipped && skippedText(skipped, timeZone)).toBe(
      `skipped: clocks in ${timeZone} jump over ${clock} on this day`,
    );
    expect(tomorrow?.skipped).toBeUndefined();
  });

  it('keeps the time that comes at the moment of the jump apart from the one that is skipped', () => {
    const schedule = { shutdown: 'cron(0 2-3 28 3 ? 2027)' };
    const both = next({ timeZone: 'Europe/Berlin', schedule });

    expect(both.map(({ at, skipped }) => [new Date(at).toISOString(), skipped?.by])).toEqual([
      ['2027-03-28T01:00:00.000Z', 'clocks'],
      ['2027-03-28T01:00:00.000Z', undefined],
    ]);
    expect(both.map(occurrenceName)).toEqual([
      'skipped-shutdown-20270328T020000',
      'scheduled-shutdown-20270328T010000Z',
    ]);
  });

  it('promises the next start-up that runs', () => {
    const schedule = { shutdown: 'cron(0 22 27 3 ? *)', startup: 'cron(30 2 * * ? *)' };
    const [shutdown] = next({ timeZone: 'Europe/Berlin', schedule }, { after: '2027-03-27T12:00:00Z' });

    expect(shutdown && line(shutdown)).toBe('shutdown 2027-03-27T22:00 +01:00 2027-03-29T00:30');
  });

  it('is in order, has each time once, and promises only what comes', () => {
    const hours = fc.integer({ min: 0, max: 23 });
    const weekday = fc.constantFrom('MON', 'WED', 'FRI', 'SUN', 'MON-FRI', '*');
    const pair = fc.tuple(hours, weekday, hours, weekday).map(([out, on, back, until]) => ({
      shutdown: `cron(0 ${out} ? * ${on} *)`,
      startup: `cron(30 ${back} ? * ${until} *)`,
    }));
    fc.assert(
      fc.property(
        fc.array(pair, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
        (schedule, timeZone) => {
          const all = next({ schedule, timeZone }, { after: '2027-03-10T00:00:00Z', count: 60 });
          const keys = all.map(({ at, action }) => `${at} ${action}`);
          const comes = new Set(
            all.flatMap(({ action, at, skipped }) => (action === 'startup' && !skipped ? [at] : [])),
          );
          const until = all.at(-1)?.at ?? 0;
          return (
            new Set(keys).size === keys.length &&
            all.every(({ at }, index) => at >= (all[index - 1]?.at ?? 0)) &&
            all.every(
              ({ at, backAt }) =>
                backAt === undefined || (backAt > at && (backAt > until || comes.has(backAt))),
            )
          );
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('synth refuses', () => {
  it.each<[string, Partial<SystemConfigInput>, string]>([
    [
      'a start-up that names no time',
      { schedule: { ...PAIR, startup: 'rate(2 days)' } },
      'systems[0].schedule.startup: rate() counts from the deployment',
    ],
    [
      'a mistake in a list, by its place',
      { schedule: [PAIR, { ...PAIR, shutdown: 'cron(banana)' }] },
      'systems[0].schedule[1].shutdown: expected six fields',
    ],
    ['an empty list', { schedule: [] }, 'systems[0].schedule: expected'],
    [
      'a start-up that is over while the shutdown comes again',
      { schedule: { ...PAIR, startup: 'at(2026-11-01T06:00:00)' } },
      'systems[0].schedule.startup: "at(2026-11-01T06:00:00)" never comes (again)',
    ],
    [
      'a shutdown of a list that is over',
      { schedule: [PAIR, { shutdown: 'at(2026-11-01T06:00:00)' }] },
      'systems[0].schedule[1].shutdown: "at(2026-11-01T06:00:00)" never comes (again)',
    ],
    [
      'a day that there is not',
      { exceptions: [{ from: '2027-02-29', reason: 'x' }] },
      'systems[0].exceptions[0].from: expected a day that there is, e.g. "2026-12-24"; found "2027-02-29"',
    ],
    [
      'an exception that ends before it begins',
      { exceptions: [{ from: '2026-12-24', to: '2026-12-23', reason: 'x' }] },
      'systems[0].exceptions[0].to: "2026-12-23" is before "2026-12-24"',
    ],
    [
      'an exception without a reason',
      { exceptions: [{ from: '2026-12-24' } as never] },
      'systems[0].exceptions[0].reason: expected',
    ],
  ])('%s', (_name, changes, words) => {
    expect(problemsOf(changes)).toEqual([expect.stringContaining(words)]);
  });

  it('no pair whose shutdown is over and whose start-up is still to come', () => {
    expect(
      problemsOf({ schedule: { shutdown: 'at(2026-11-25T22:00:00)', startup: 'at(2026-11-28T06:00:00)' } }),
    ).toEqual([]);
  });
});
