import { expect, it } from 'vitest';
import { type Hold, holdOver } from '../../../functions/contract/holds.ts';

const at = (hour: number): string => new Date(Date.UTC(2026, 10, 27, hour)).toISOString();
const hold = (from: number, until: number, more: Partial<Hold> = {}): Hold => ({
  id: `${from}-${until}`,
  from: at(from),
  until: at(until),
  reason: 'x',
  by: { kind: 'user', id: 'arn', name: 'anna' },
  at: at(0),
  ...more,
});
const ended = { ended: { at: at(1), by: 'arn' } };

it.each<[string, Hold[], number, string | undefined]>([
  ['none', [], 14, undefined],
  ['one that covers the time', [hold(10, 20)], 14, '10-20'],
  ['one that begins then', [hold(14, 20)], 14, '14-20'],
  ['one that ends then', [hold(10, 14)], 14, undefined],
  ['one that is over', [hold(8, 10)], 14, undefined],
  ['one to come', [hold(15, 20)], 14, undefined],
  ['one that was ended', [hold(10, 20, ended)], 14, undefined],
  ['one that was ended, beside one that was not', [hold(10, 20, ended), hold(13, 15)], 14, '13-15'],
  ['two that overlap: the one that lasts longer', [hold(10, 16), hold(12, 22), hold(13, 15)], 14, '12-22'],
])('of %s', (_name, holds, hour, expected) => {
  expect(holdOver(holds, Date.parse(at(hour)))?.id).toBe(expected);
});
