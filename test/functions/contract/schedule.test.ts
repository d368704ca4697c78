import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../functions/contract/schedule-expression.ts';
import { timesOf } from '../../../functions/contract/schedule-times.ts';
import { schedulePreview } from '../../../lib/schedule-preview.ts';
import { validateSystems } from '../../../lib/validate-systems.ts';
import { systems } from '../../../systems.ts';

const [example] = systems;
if (example === undefined) throw new Error('systems.ts holds no example');
const NOW = Date.parse('2026-11-26T12:00:00Z');

function next(expression: string, timeZone = 'UTC', after = NOW, count = 3): string[] {
  const schedule = parseSchedule(expression);
  if ('problem' in schedule) throw new Error(schedule.problem);
  return timesOf(schedule, { timeZone, after, count }).map((time) =>
    new Date(time).toISOString().slice(0, 16),
  );
}

const problemsOf = (shutdown: string, timeZone = 'Asia/Shanghai'): string[] =>
  validateSystems([{ ...example, timeZone, schedule: { shutdown } }], NOW).problems;

describe('schedules, by the rules of EventBridge Scheduler', () => {
  it.each([
    [
      'cron(0 22 * * FRI *)',
      'expected "?" in exactly one of day-of-month and day-of-week, found "*" and "FRI"',
    ],
    ['cron(0 22 ? * ? *)', 'expected "?" in exactly one'],
    ['cron(0 22 1 * MON *)', 'expected "?" in exactly one'],
    ['cron(0 22 * * FRI)', 'expected six fields'],
    ['cron(0 22 ? * FRI * *)', 'expected six fields'],
    ['cron(banana)', 'expected six fields'],
    ['cron()', 'found 0'],
    ['cron(0 25 ? * FRI *)', 'hours "25": expected 0-23'],
    ['cron(60 2 ? * FRI *)', 'minutes "60": expected 0-59'],
    ['cron(0 22 0 * ? *)', 'day-of-month "0": expected 1-31'],
    ['cron(0 22 32 * ? *)', 'day-of-month "32"'],
    ['cron(0 22 32W * ? *)', 'day-of-month "32W"'],
    ['cron(0 22 ? * 0 *)', 'day-of-week "0": expected 1-7'],
    ['cron(0 22 ? * 8 *)', 'day-of-week "8"'],
    ['cron(0 22 ? * FRY *)', 'day-of-week "FRY"'],
    ['cron(0 22 ? * fri *)', 'day-of-week "fri": expected 1-7 (1 is Sunday) or SUN-SAT'],
    ['cron(0 22 ? * FRI-MON *)', 'expected a list in its place'],
    ['cron(0 22 ? * 3#1,6#3 *)', 'day-of-week "3#1,6#3"'],
    ['cron(0 22 ? * 6#6 *)', 'day-of-week "6#6"'],
    ['cron(0 22 ? 13 FRI *)', 'month "13"'],
    ['cron(0 22 ? * FRI 1969)', 'year "1969": expected 1970-2199'],
    ['cron(0 22 ? * FRI 2200)', 'year "2200"'],
    ['cron(0/0 22 ? * FRI *)', 'minutes "0/0"'],
    ['cron(0/x 22 ? * FRI *)', 'minutes "0/x"'],
    ['cron(, 22 ? * FRI *)', 'minutes ","'],
    ['cron(0 22 ? * FRI,? *)', 'day-of-week "FRI,?"'],
    ['cron(0 ? ? * FRI *)', 'hours "?"'],
    ['cron(٣ 22 ? * FRI *)', 'minutes "٣"'],
    ['cron(0 22 ? * FRI *) ', 'expected cron('],
    ['0 22 * * 5', 'expected cron('],
    ['rate(1 days)', 'rate() counts from the deployment'],
    ['at(2026-02-30T25:00:00)', 'expected a date and time that there is'],
    ['at(2027-02-29T22:00:00)', 'expected a date and time that there is'],
    ['at(2027-02-28 22:00)', 'expected a date and time that there is'],
    ['at(2020-01-01T00:00:00)', 'never comes (again)'],
    ['cron(0 22 ? * FRI 2020)', 'never comes (again)'],
    ['cron(0 22 31 2 ? *)', 'never comes (again)'],
    ['cron(0 22 30 2 ? *)', 'never comes (again)'],
  ])('%s is refused, with the field and an example', (expression, words) => {
    const problems = problemsOf(expression);

    expect(problems).toEqual([expect.stringContaining(words)]);
    expect(problems[0]).toMatch(/^systems\[0\]\.schedule\.shutdown: /);
    expect(problems[0]).toContain('"');
  });

  it('a time that clocks skip never comes', () => {
    expect(problemsOf('at(2027-03-28T02:30:00)', 'Europe/Berlin')).toEqual([
      expect.stringContaining('never comes (again) in Europe/Berlin'),
    ]);
  });

  it.each([
    ['cron(0 22 ? * FRI *)', ['2026-11-27T22:00', '2026-12-04T22:00', '2026-12-11T22:00']],
    ['cron(0 22 ? * 6 *)', ['2026-11-27T22:00', '2026-12-04T22:00', '2026-12-11T22:00']],
    ['cron(0 22 ? * 6L *)', ['2026-11-27T22:00', '2026-12-25T22:00', '2027-01-29T22:00']],
    ['cron(0 22 ? * FRI#2 *)', ['2026-12-11T22:00', '2027-01-08T22:00', '2027-02-12T22:00']],
    ['cron(0 22 ? * 6#5 *)', ['2027-01-29T22:00', '2027-04-30T22:00', '2027-07-30T22:00']],
    ['cron(0 22 L * ? *)', ['2026-11-30T22:00', '2026-12-31T22:00', '2027-01-31T22:00']],
    ['cron(0 22 ? * L *)', ['2026-11-28T22:00', '2026-12-05T22:00', '2026-12-12T22:00']],
    // 1 May 2027 is a Saturday: the nearest weekday of the same month is Monday, the 3rd.
    ['cron(0 22 1W 5 ? *)', ['2027-05-03T22:00', '2028-05-01T22:00', '2029-05-01T22:00']],
    ['cron(0 22 31W * ? *)', ['2026-12-31T22:00', '2027-01-29T22:00', '2027-03-31T22:00']],
    ['cron(0/20 8-9 1 JAN ? 2027)', ['2027-01-01T08:00', '2027-01-01T08:20', '2027-01-01T08:40']],
    ['cron(5  22   ?  *  MON-FRI/2   *)', ['2026-11-27T22:05', '2026-11-30T22:05', '2026-12-02T22:05']],
    ['cron(0 22 29 2 ? *)', ['2028-02-29T22:00', '2032-02-29T22:00', '2036-02-29T22:00']],
    ['at(2026-12-31T22:00:00)', ['2026-12-31T22:00']],
  ])('%s comes next at %j', (expression, times) => {
    expect(problemsOf(expression)).toEqual([]);
    expect(next(expression)).toEqual(times);
  });

  it('a time that clocks skip does not run, one that comes twice runs once', () => {
    const spring = Date.parse('2027-03-26T12:00:00Z');
    const autumn = Date.parse('2027-10-30T12:00:00Z');

    expect(next('cron(30 2 * * ? *)', 'Europe/Berlin', spring)).toEqual([
      '2027-03-27T01:30',
      '2027-03-29T00:30',
      '2027-03-30T00:30',
    ]);
    expect(next('cron(30 2 * * ? *)', 'Europe/Berlin', autumn)).toEqual([
      '2027-10-31T00:30',
      '2027-11-01T01:30',
      '2027-11-02T01:30',
    ]);
  });

  it('synth says when users are out the next three times, and when they are back', () => {
    const exceptions = [{ from: '2026-12-01', to: '2026-12-06', reason: 'Release week' }];
    const [system] = validateSystems([{ ...example, exceptions }], NOW).valid;

    expect(system && schedulePreview(system, NOW)).toBe(
      `crm (Asia/Shanghai): a run begins about 90 minutes before users are out.
  users are out at Fri, Nov 27, 2026, 22:00 (GMT+08:00), back at Mon, Nov 30, 2026, 06:00 (GMT+08:00)
  Fri, Dec 4, 2026, 22:00 (GMT+08:00): skipped: exception (Release week)
  users are out at Fri, Dec 11, 2026, 22:00 (GMT+08:00), back at Mon, Dec 14, 2026, 06:00 (GMT+08:00)`,
    );
  });
});

/** Every minute of a stretch, with what the clocks of a zone show. */
interface Minute {
  at: number;
  minute: number;
  hour: number;
  day: number;
  month: number;
  weekday: number;
  year: number;
}

const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

function minutesOf(timeZone: string, from: string, days: number): Minute[] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return Array.from({ length: days * 24 * 60 }, (_, index) => {
    const at = Date.parse(from) + index * 60_000;
    const said = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    return {
      at,
      minute: Number(said['minute']),
      hour: Number(said['hour']),
      day: Number(said['day']),
      month: Number(said['month']),
      weekday: WEEKDAYS.indexOf(String(said['weekday']).toUpperCase()) + 1,
      year: Number(said['year']),
    };
  });
}

/** One field's meaning by the documentation, a value at a time. */
const fieldHolds = (text: string, value: number, least: number): boolean =>
  text.split(',').some((part) => {
    const [range = '', step] = part.split('/');
    const [from, to] = range.split('-');
    const first = range === '*' ? least : Number(from);
    const last =
      to === undefined
        ? step === undefined && range !== '*'
          ? first
          : Number.POSITIVE_INFINITY
        : Number(to);
    return value >= first && value <= last && (value - first) % Number(step ?? 1) === 0;
  });

const last = ({ year, month }: Minute): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

function dayHolds(dayOfMonth: string, dayOfWeek: string, now: Minute): boolean {
  if (dayOfMonth === 'L') return now.day === last(now);
  if (dayOfWeek.endsWith('L'))
    return now.weekday === Number(dayOfWeek.slice(0, 1)) && now.day + 7 > last(now);
  if (dayOfWeek.includes('#')) {
    const [weekday, nth] = dayOfWeek.split('#').map(Number);
    return now.weekday === weekday && Math.ceil(now.day / 7) === nth;
  }
  return dayOfWeek === '?' ? fieldHolds(dayOfMonth, now.day, 1) : fieldHolds(dayOfWeek, now.weekday, 1);
}

function bruteForce(expression: string, minutes: Minute[]): number[] {
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = expression
    .slice(5, -1)
    .split(' ');
  const shown = new Set<string>();
  return minutes.flatMap((now) => {
    const clock = [now.year, now.month, now.day, now.hour, now.minute].join(' ');
    const isFirst = !shown.has(clock);
    shown.add(clock);
    const holds =
      fieldHolds(minute, now.minute, 0) &&
      fieldHolds(hour, now.hour, 0) &&
      fieldHolds(month, now.month, 1) &&
      fieldHolds(year, now.year, 1970) &&
      dayHolds(dayOfMonth, dayOfWeek, now);
    return holds && isFirst ? [now.at] : [];
  });
}

const field = (least: number, most: number): fc.Arbitrary<string> => {
  const value = fc.integer({ min: least, max: most });
  const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const step = fc
    .tuple(fc.oneof(value.map(String), range, fc.constant('*')), fc.integer({ min: 1, max: most }))
    .map(([from, by]) => `${from}/${by}`);
  return fc
    .array(fc.oneof(value.map(String), range, step, fc.constant('*')), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join(','));
};

const dayFields = fc.oneof(
  field(1, 31).map((text) => [text, '?'] as const),
  fc.constant(['L', '?'] as const),
  field(1, 7).map((text) => ['?', text] as const),
  fc.integer({ min: 1, max: 7 }).map((weekday) => ['?', `${weekday}L`] as const),
  fc
    .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 5 }))
    .map(([weekday, nth]) => ['?', `${weekday}#${nth}`] as const),
);

const expressions = fc
  .tuple(
    field(0, 59),
    field(0, 23),
    dayFields,
    field(1, 12),
    fc.constantFrom('*', '2027', '2026-2028', '2027/2'),
  )
  .map(
    ([minute, hour, [dayOfMonth, dayOfWeek], month, year]) =>
      `cron(${minute} ${hour} ${dayOfMonth} ${month} ${dayOfWeek} ${year})`,
  );

describe('the next times, held against every minute', { timeout: 60_000 }, () => {
  it.each([
    ['Asia/Shanghai', '2027-02-20T00:00:00Z'],
    ['Europe/Berlin', '2027-03-20T00:00:00Z'],
    ['America/New_York', '2027-10-28T00:00:00Z'],
    // Half an hour of summer time.
    ['Australia/Lord_Howe', '2027-03-28T00:00:00Z'],
  ])('in %s, from %s', (timeZone, from) => {
    const minutes = minutesOf(timeZone, from, 20);
    const begin = minutes[0]?.at ?? 0;
    const end = minutes.at(-1)?.at ?? 0;
    fc.assert(
      fc.property(expressions, (expression) => {
        const expected = bruteForce(expression, minutes).slice(0, 200);
        const schedule = parseSchedule(expression);
        if ('problem' in schedule) throw new Error(schedule.problem);
        const times = timesOf(schedule, { timeZone, after: begin - 1, count: expected.length + 1 });
        expect(times.filter((time) => time <= end).slice(0, expected.length)).toEqual(expected);
        if (expected.length < 200) expect(times.filter((time) => time <= end)).toHaveLength(expected.length);
      }),
      { numRuns: 60 },
    );
  });
});
