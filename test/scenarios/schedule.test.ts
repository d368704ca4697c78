import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systems } from '../../systems.ts';
import { rehearseScenario } from '../support/rehearsals.ts';

const [example] = systems;
if (example === undefined) throw new Error('systems.ts holds no example');

const HOUR = 3600_000;

/** Full minutes from now on, so that the test says the same on any day. */
const begin = Math.ceil(Date.now() / 60_000) * 60_000;
const inHours = (hours: number): string => new Date(begin + hours * HOUR).toISOString();
const at = (hours: number): string => `at(${inHours(hours).slice(0, 19)})`;

interface After {
  runs: { action: string; announcedAt?: string; outAt?: string; backAt?: string; outcome: string }[];
}

const schedule = {
  ...example,
  timeZone: 'UTC',
  files: { backup: 'none' as const },
  schedule: [
    { shutdown: at(4), startup: at(10), reason: 'Weekend shutdown' },
    { shutdown: at(30), startup: at(34) },
  ],
  exceptions: [{ from: inHours(30).slice(0, 10), reason: 'Release week' }],
};

/** In a world of its own, whose clock begins now. */
const held = { ...schedule, schedule: schedule.schedule.slice(0, 1), exceptions: [] };

describe('a schedule', { timeout: 300_000 }, () => {
  it('puts users out and lets them back in at the times that the schedule names', async () => {
    const { broken, out, aftermath, notices } = await rehearseScenario({
      systems: [schedule],
      input: { dryRun: true },
      after: [{ days: 1.5 }],
    });

    expect(broken).toEqual([]);
    const { runs } = JSON.parse(readFileSync(join(out, 'after.json'), 'utf8')) as After;
    expect(runs).toEqual([
      { action: 'shutdown', outcome: 'succeeded', announcedAt: inHours(4), outAt: expect.any(String) },
      {
        action: 'startup',
        outcome: 'succeeded',
        outAt: runs[0]?.outAt,
        backAt: expect.any(String),
      },
      // The exception covers that day: nothing runs, and on what is on no start-up begins.
      { action: 'shutdown', outcome: 'skipped', announcedAt: inHours(30) },
    ]);
    const late = (time: string | undefined, hours: number): number =>
      (Date.parse(time ?? '') - Date.parse(inHours(hours))) / 1000;
    for (const seconds of [late(runs[0]?.outAt, 4), late(runs[1]?.backAt, 10)]) {
      expect(seconds).toBeGreaterThanOrEqual(0);
      // A command to a server, and the looks at its health.
      expect(seconds).toBeLessThan(90);
    }
    expect(aftermath[0]?.resources).toMatchObject({ database: 'available', locks: [], maintenance: false });

    const told = notices().filter(({ outcome }) => outcome === 'told');
    const users = new Set(example.notices.users?.map(({ address }) => address));
    const heard = (kind: string) =>
      told.filter(({ event, recipient }) => event === kind && users.has(recipient));
    const minutesBefore = (kind: string, hours: number) => [
      ...new Set(heard(kind).map((each) => Math.round(-late(each.at, hours) / 60))),
    ];
    expect(minutesBefore('announcement', 4)).toEqual([30]);
    expect(minutesBefore('reminder', 4)).toEqual([10]);
    for (const kind of ['announcement', 'reminder', 'back']) expect(heard(kind)).toHaveLength(users.size);
    expect(
      told.filter(({ event }) => event === 'schedule-skipped').map(({ recipient }) => recipient),
    ).toEqual(example.notices.operators.map(({ address }) => address));
    // Nobody is told twice of a start-up that finds everything on.
    expect(told.filter(({ event }) => event === 'already-on')).toEqual([]);
  });

  it('holds a shutdown, tells the operators, and lets the start-up be', async () => {
    const { broken, out, aftermath, notices } = await rehearseScenario({
      systems: [held],
      // What is put away comes back at its time, whoever holds the system.
      input: { backAt: inHours(10) },
      after: [
        { hold: { until: inHours(20), reason: 'Quarter’s end' } },
        { hours: 11 },
        { run: {} },
        { run: { force: true, reason: 'agreed with sales' } },
      ],
    });

    expect(broken).toEqual([]);
    const { runs } = JSON.parse(readFileSync(join(out, 'after.json'), 'utf8')) as After;
    expect(runs.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'shutdown skipped',
      'startup succeeded',
      'shutdown skipped',
      'shutdown succeeded',
    ]);
    expect(aftermath[2]).toMatchObject({ database: 'available', mails: ['not-begun'] });
    expect(aftermath[3]).toMatchObject({ database: 'stopped' });
    const operators = example.notices.operators.length;
    expect(notices().filter(({ event }) => event === 'schedule-skipped')).toHaveLength(operators);
  });
});
