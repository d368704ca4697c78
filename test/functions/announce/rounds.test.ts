import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueRound, nextRoundAt, roundsTold, timeToAnnounce } from '../../../functions/announce/rounds.ts';

const MINUTE = 60_000;
const AT = Date.parse('2026-11-27T14:00:00Z');
const minutesBefore = (minutes: number) => AT - minutes * MINUTE;

describe('the round that is due', () => {
  it.each<[string, number[], number[], number, number | undefined]>([
    ['nothing before the longest lead', [30, 10], [], minutesBefore(31), undefined],
    ['the longest first', [10, 30], [], minutesBefore(30), 30],
    ['the longest of several, for a late start', [30, 10], [], minutesBefore(5), 30],
    ['the first even after the time, since nobody knows', [30, 10], [], minutesBefore(-1), 30],
    ['none until the reminder', [30, 10], [30], minutesBefore(11), undefined],
    ['the reminder', [30, 10], [30], minutesBefore(10), 10],
    ['no reminder of a time that has come', [30, 10], [30], minutesBefore(0), undefined],
    ['none when all are told', [30, 10], [30, 10], minutesBefore(5), undefined],
  ])('%s', (_what, leads, told, now, expected) => {
    expect(dueRound(leads, AT, told, now)).toBe(expected);
  });
});

it('users are never mailed twice at once, and always once, whenever a run begins', () => {
  const leads = fc.uniqueArray(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(leads, fc.integer({ min: -5, max: 700 }), (leadMinutes, minutesLeft) => {
      const mails: number[] = [];
      let told: number[] = [];
      for (let now = minutesBefore(minutesLeft); now <= Math.max(AT, minutesBefore(minutesLeft)); ) {
        const round = dueRound(leadMinutes, AT, told, now);
        if (round !== undefined) {
          mails.push(now);
          told = [...told, ...roundsTold(leadMinutes, AT, round, now)];
          // Just told: nothing more is due.
          expect(dueRound(leadMinutes, AT, told, now)).toBeUndefined();
        }
        const next = nextRoundAt(leadMinutes, AT, told);
        now = next > now ? next : AT + 1;
      }
      expect(mails.length).toBeGreaterThanOrEqual(1);
      expect(new Set(mails).size).toBe(mails.length);
    }),
  );
});

describe('the time that is announced', () => {
  it.each<[string, { at: number; asked: boolean; approved: boolean }, number, number]>([
    ['the run’s own, without an approval', { at: AT, asked: false, approved: false }, minutesBefore(5), AT],
    [
      'the longest notice after an approval',
      { at: AT, asked: false, approved: true },
      minutesBefore(5),
      minutesBefore(5) + 30 * MINUTE,
    ],
    ['the asked one, while it lies ahead', { at: AT, asked: true, approved: true }, minutesBefore(5), AT],
    [
      'the shortest notice after a late approval',
      { at: AT, asked: true, approved: true },
      minutesBefore(-20),
      minutesBefore(-30),
    ],
  ])('%s', (_what, run, now, expected) => {
    expect(timeToAnnounce([30, 10], run, now)).toBe(expected);
  });
});
