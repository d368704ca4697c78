import { describe, expect, it } from 'vitest';
import type { Hold } from '../../../../functions/contract/holds.ts';
import type { Occurrence } from '../../../../functions/contract/occurrences.ts';
import { decide, type World } from '../../../../functions/guard/planner/decide.ts';
import { system } from '../../fixtures.ts';

const OUT = Date.parse('2026-11-27T14:00:00Z');
const BACK = Date.parse('2026-11-29T22:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OPEN: World = { isOpen: true, holds: [] };
const AWAY: World = { isOpen: false, holds: [] };
const BUSY: World = { ...OPEN, holder: { run: 'r-1', outAt: OUT + 7 * 24 * HOUR } };

const held = (from: number, until: number): Hold => ({
  id: 'h-1',
  from: new Date(from).toISOString(),
  until: new Date(until).toISOString(),
  reason: 'Fair',
  by: { kind: 'user', id: 'arn', name: 'anna' },
  at: '2026-11-01T00:00:00.000Z',
});

const config = system({
  notices: {
    from: 'crm@example.com',
    users: [{ address: 'all@example.com' }],
    operators: [{ address: 'ops@example.com' }],
    leadMinutes: [1440, 30],
  },
});

const shutdown = (changes: Partial<Occurrence> = {}): Occurrence => ({
  action: 'shutdown',
  at: OUT,
  local: '2026-11-27T22:00:00',
  offset: '+08:00',
  expression: 'cron(0 22 ? * FRI *)',
  backAt: BACK,
  latestMinutes: 15,
  ...changes,
});
const startup = (changes: Partial<Occurrence> = {}): Occurrence => {
  const { backAt: _none, ...rest } = shutdown();
  return { ...rest, action: 'startup', at: BACK, expression: 'cron(0 6 ? * MON *)', ...changes };
};
const begin = (input: object): object => ({ decision: 'begin', input });
const TOLD = { at: '2026-11-27T14:00:00.000Z', backAt: '2026-11-29T22:00:00.000Z' };

describe('a shutdown of the schedule', () => {
  it.each<[string, number, World, Partial<Occurrence>, unknown]>([
    ['a day before: it begins, with its time and the promise', 25 * HOUR, OPEN, {}, begin(TOLD)],
    [
      'with the reason of the schedule',
      25 * HOUR,
      OPEN,
      { reason: 'Weekend' },
      begin({ ...TOLD, reason: 'Weekend' }),
    ],
    ['in the last moment in which users can be told', 30 * MINUTE, OPEN, {}, begin(TOLD)],
    [
      'ten minutes too late: users are out as much later',
      20 * MINUTE,
      OPEN,
      {},
      begin({ ...TOLD, at: '2026-11-27T14:10:00.000Z' }),
    ],
    [
      'later than the schedule allows: never made up for',
      14 * MINUTE,
      OPEN,
      {},
      { decision: 'missed', reason: { why: 'too-late' } },
    ],
    [
      'the next morning',
      -10 * HOUR,
      OPEN,
      { latestMinutes: 60 },
      { decision: 'missed', reason: { why: 'too-late' } },
    ],
    [
      'an hour later, where the schedule allows two',
      -HOUR,
      OPEN,
      { latestMinutes: 120 },
      begin({ ...TOLD, at: '2026-11-27T15:30:00.000Z' }),
    ],
    [
      'later than users were to be back',
      -HOUR,
      OPEN,
      { latestMinutes: 120, backAt: OUT + HOUR },
      { decision: 'missed', reason: { why: 'back-before-out' } },
    ],
    ['while another run holds the system', 25 * HOUR, BUSY, {}, 'later'],
    ['while it is off', 25 * HOUR, AWAY, {}, 'later'],
    [
      'while it is held, at the last look in time: the run itself says why not',
      44 * MINUTE,
      BUSY,
      {},
      begin(TOLD),
    ],
    [
      'on a day that an exception covers',
      25 * HOUR,
      OPEN,
      { skipped: { by: 'exception', reason: 'closing' } },
      { decision: 'skipped', reason: { why: 'exception', reason: 'closing' } },
    ],
    [
      'at a time that somebody holds',
      25 * HOUR,
      { ...OPEN, holds: [held(OUT - HOUR, OUT + HOUR)] },
      {},
      {
        decision: 'skipped',
        reason: { why: 'hold', by: 'anna', until: '2026-11-27T15:00:00.000Z', reason: 'Fair' },
      },
    ],
    ['before a hold begins', 25 * HOUR, { ...OPEN, holds: [held(OUT + 1, OUT + HOUR)] }, {}, begin(TOLD)],
    ['when a hold is over by then', 25 * HOUR, { ...OPEN, holds: [held(0, OUT)] }, {}, begin(TOLD)],
    [
      'at a time that clocks skip',
      25 * HOUR,
      OPEN,
      { skipped: { by: 'clocks' } },
      { decision: 'skipped', reason: { why: 'clocks' } },
    ],
  ])('%s', (_name, before, world, changes, expected) => {
    expect(decide(shutdown(changes), config, world, OUT - before)).toEqual(expected);
  });
});

describe('a start-up of the schedule', () => {
  const holder = (outAt?: number): World => ({
    ...OPEN,
    holder: { run: 'r-1', ...(outAt === undefined ? {} : { outAt }) },
  });

  it.each<[string, number, World, unknown]>([
    ['before its time: the doors open then', HOUR, AWAY, begin({ backAt: '2026-11-29T22:00:00.000Z' })],
    ['after its time: as soon as the system is healthy', -HOUR, AWAY, begin({})],
    ['of a system that is on', HOUR, OPEN, { decision: 'skipped', reason: { why: 'is-on' } }],
    [
      'of a system that somebody put away until later',
      HOUR,
      { ...AWAY, offUntil: BACK + 24 * HOUR },
      { decision: 'skipped', reason: { why: 'off-until', until: '2026-11-30T22:00:00.000Z' } },
    ],
    [
      'of a system that was put away until then',
      HOUR,
      { ...AWAY, offUntil: BACK },
      begin({ backAt: '2026-11-29T22:00:00.000Z' }),
    ],
    ['while the shutdown is under way', HOUR, holder(OUT), 'later'],
    ['while a start-up is under way', HOUR, holder(), 'later'],
    [
      'while a run waits for a shutdown that comes later',
      HOUR,
      holder(BACK + HOUR),
      { decision: 'skipped', reason: { why: 'is-on' } },
    ],
    [
      'a day after its time, while a run still holds the system',
      -25 * HOUR,
      holder(OUT),
      { decision: 'missed', reason: { why: 'held', run: 'r-1' } },
    ],
  ])('%s', (_name, before, world, expected) => {
    expect(decide(startup(), config, world, BACK - before)).toEqual(expected);
  });

  it('is not kept from its time by a hold', () => {
    const world = { ...AWAY, holds: [held(0, BACK + 24 * HOUR)] };
    expect(decide(startup(), config, world, BACK - HOUR)).toMatchObject({
      decision: 'begin',
    });
  });
});
