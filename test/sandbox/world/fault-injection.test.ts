import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../../sandbox/aws/operation.ts';
import { FaultInjector, parseFaults } from '../../../sandbox/world/fault-injection.ts';
import { WorldFault } from '../../../sandbox/world/faults.ts';

describe('counting', () => {
  test('a fault hits the calls from nth on, as many as times says, and only its operation', () => {
    const injector = new FaultInjector(
      parseFaults(
        '[{"service":"rds","operation":"DescribeDBInstances","nth":2,"times":2,"kind":"throttle"}]',
      ),
    );

    const hits = Array.from({ length: 5 }, () => injector.next('rds', 'DescribeDBInstances')?.kind);

    expect(hits).toEqual([undefined, 'throttle', 'throttle', undefined, undefined]);
    expect(injector.next('rds', 'DescribeDBSnapshots')).toBeUndefined();
    expect(injector.next('ec2', 'DescribeInstances')).toBeUndefined();
  });

  test('what comes in a pause is neither hit nor counted nor noted', () => {
    const injector = new FaultInjector(
      parseFaults(
        '[{"service":"s3","operation":"GetObject","nth":2,"kind":"error"},{"invocation":"wake","nth":1,"kind":"twice"}]',
      ),
    );
    const call = () => [injector.next('s3', 'GetObject')?.kind, injector.nextInvocation('wake')];

    const goOn = injector.pause();
    const paused = [call(), call(), injector.isLifted];
    goOn();

    expect(paused).toEqual([[undefined, undefined], [undefined, undefined], true]);
    expect([call(), call(), injector.isLifted]).toEqual([[undefined, 'twice'], ['error', undefined], false]);
    expect(injector.invoked.map((each) => each.function)).toEqual(['wake', 'wake']);
  });

  test('of n calls, exactly those in [nth, nth + times) are hit', () => {
    const number = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(number, number, number, (nth, times, calls) => {
        const injector = new FaultInjector([
          { service: 's3', operation: 'PutObject', kind: 'error', nth, times },
        ]);
        const hits = Array.from({ length: calls }, () => injector.next('s3', 'PutObject')?.kind);
        const expected = hits.map((_, index) =>
          index + 1 >= nth && index + 1 < nth + times ? 'error' : undefined,
        );
        expect(hits).toEqual(expected);
      }),
    );
  });

  test('the calls of one function alone are counted when a fault names it', () => {
    const injector = new FaultInjector(
      parseFaults('[{"service":"s3","operation":"GetObject","function":"report","nth":2,"kind":"error"}]'),
    );

    const hits = ['plan', 'report', 'plan', 'report', 'report'].map(
      (caller) => injector.next('s3', 'GetObject', caller)?.kind,
    );

    expect(hits).toEqual([undefined, undefined, undefined, 'error', undefined]);
  });

  test('invocations are counted by function, and noted with their time', () => {
    let now = 0;
    const injector = new FaultInjector(parseFaults('[{"invocation":"snapshot","nth":2,"kind":"twice"}]'), {
      now: () => (now += 10),
    });

    const hits = ['snapshot', 'manifest', 'snapshot'].map((step) => injector.nextInvocation(step));

    expect(hits).toEqual([undefined, undefined, 'twice']);
    expect(injector.invoked).toEqual([
      { function: 'snapshot', at: 10 },
      { function: 'manifest', at: 20 },
      { function: 'snapshot', at: 30 },
    ]);
  });

  test('everything stops at one call of any function, whatever it asks of whom', () => {
    const stopped: string[] = [];
    const injector = new FaultInjector(
      parseFaults('[{"world":"everything-stops","call":3,"when":"before","event":"lost"}]'),
      { stop: ({ status, event }) => stopped.push(`${status} ${event}`) },
    );
    const calls = [
      ['states', 'StartExecution', 'operator'],
      ['s3', 'GetObject', 'plan'],
      ['rds', 'DescribeDBInstances', 'plan'],
      ['rds', 'CreateDBSnapshot', 'snapshot'],
      ['rds', 'DescribeDBSnapshots', 'snapshot'],
    ] as const;

    const hits = calls.map(([service, operation, caller]) => injector.next(service, operation, caller));

    expect(hits.map((hit) => hit && `${hit.kind} ${hit.when}`)).toEqual([
      undefined,
      undefined,
      undefined,
      'kill-function before',
      undefined,
    ]);
    expect(stopped).toEqual([]);
    const hit = hits[3];
    if (hit !== undefined) injector.kill({ function: 'snapshot', principal: '' } satisfies Caller, hit);
    expect(stopped).toEqual(['ABORTED lost']);
    expect(injector.unused()).toEqual([]);
  });

  test('what never happened can be told', () => {
    const injector = new FaultInjector(
      parseFaults(
        '[{"service":"rds","operation":"StopDBInstance","kind":"error"},{"service":"rds","operation":"StartDBInstance","kind":"error"},{"world":"snapshot-fails"}]',
      ),
    );
    injector.next('rds', 'StopDBInstance');
    expect(injector.unused()).toMatchObject([{ operation: 'StartDBInstance' }, { world: 'snapshot-fails' }]);
    injector.happened('snapshot-fails');
    expect(injector.unused()).toMatchObject([{ operation: 'StartDBInstance' }]);
  });
});

test('defaults are filled in, world faults pass with their details', () => {
  const text = JSON.stringify([
    { service: 'ssm', operation: 'SendCommand', kind: 'drop-after' },
    { world: 'corrupt-restore', table: 'public.accounts' },
  ]);
  expect(parseFaults(text)).toEqual([
    { service: 'ssm', operation: 'SendCommand', kind: 'drop-after', nth: 1, times: 1 },
    { world: 'corrupt-restore', table: 'public.accounts' },
  ]);
  expect(parseFaults('[]')).toEqual([]);
});

const KINDS =
  '"throttle", "error", "drop-before", "drop-after", "slow", "stale", "kill-function", "time-out-function"';
const WORLDS = WorldFault.options.map((option) => option.shape.world.value).join(', ');

test.each([
  [
    '{',
    /^--faults: not JSON at line 1, column 2: it ends there; expected a list such as \[\{"world":"snapshot-fails"\}\]$/,
  ],
  ['{"world":"snapshot-fails"}', /^--faults: expected a list such as/],
  ['[7]', '--faults[0] expected an object with "service", "invocation", "database" or "world"'],
  ['[[]]', '--faults[0] expected an object with "service", "invocation", "database" or "world"'],
  [
    '[{}]',
    `--faults[0] expected either "service" (a fault of one call), "invocation" (of a function), "database" (of a connection) or "world" (one of ${WORLDS})`,
  ],
  ['[{"world":"snapshot-fails","service":"rds"}]', /^--faults\[0\]\.service/],
  [
    '[{"world":"snapshot-fails"},{"world":"meteor"}]',
    `--faults[1].world expected one of ${WORLDS}; found "meteor"`,
  ],
  ['[{"world":"snapshot-fails","table":"x"}]', /^--faults\[0\]\.table: unknown key; expected one of: world$/],
  [
    '[{"world":"agent-offline","server":7}]',
    /^--faults\[0\]\.server: expected a text in quotes, e\.g\. "web-1"; found 7$/,
  ],
  [
    '[{"service":"rds","operation":"StopDBInstance","kind":"explode"}]',
    `--faults[0].kind: expected one of ${KINDS}; found "explode"`,
  ],
  [
    '[{"service":"rds","operation":"StopDBInstance"}]',
    `--faults[0].kind: expected one of ${KINDS}; found nothing`,
  ],
  [
    '[{"service":"dynamodb","operation":"PutItem","kind":"error"}]',
    '--faults[0].service: expected one of "rds", "ec2", "ssm", "ses", "s3", "secretsmanager", "states", "kms"; found "dynamodb"',
  ],
  ['[{"service":"rds","kind":"error"}]', /^--faults\[0\]\.operation: expected a text in quotes/],
  [
    '[{"service":"rds","operation":"StopDBInstance","kind":"error","nth":0}]',
    /^--faults\[0\]\.nth: expected a number of at least 1/,
  ],
  [
    '[{"service":"rds","operation":"StopDBInstance","kind":"error","times":"2"}]',
    /^--faults\[0\]\.times: expected a number.*; found "2"/,
  ],
  [
    '[{"service":"rds","operation":"StopDBInstance","kind":"error","count":2}]',
    '--faults[0].count: unknown key; expected one of: service, operation, function, nth, kind, when, times',
  ],
  [
    '[{"service":"rds","operation":"stopDbInstance","kind":"error"}]',
    /^--faults\[0\]\.operation "stopDbInstance" is not an operation of rds; expected a name as the SDK spells it, such as \w+; did you mean StopDBInstance\?$/,
  ],
  [
    '[{"service":"rds","operation":"StopDBInstance","kind":"error","when":"before"}]',
    '--faults[0].when is of kill-function and time-out-function; "error" has none',
  ],
  [
    '[{"service":"rds","operation":"StopDBInstance","kind":"stale"}]',
    '--faults[0].kind "stale" is of a read; StopDBInstance is none, expected a Describe or Get operation',
  ],
  [
    '[{"invocation":"snapshot","kind":"explode"}]',
    '--faults[0].kind: expected one of "twice", "twice-at-once", "lose-answer", "throttle"; found "explode"',
  ],
  [
    '[{"invocation":"snapshot","kind":"twice","operation":"x"}]',
    '--faults[0].operation: unknown key; expected one of: invocation, nth, kind, times',
  ],
  [
    '[{"service":"s3","operation":"StopDBInstance","kind":"error"}]',
    /is not an operation of s3; expected .*, such as Get\w+$/,
  ],
])('%s is refused in one line', (text, message) => {
  let thrown: unknown;
  try {
    parseFaults(text);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({
    name: text === '{' ? 'BadInputError' : 'InvalidInput',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });
  expect(String(thrown)).not.toContain('\n');
});

test('every fault of the world stands in docs/sandbox.md with its fields', () => {
  const page = readFileSync(new URL('../../../docs/sandbox.md', import.meta.url), 'utf8');
  const missing = WorldFault.options.flatMap((option) => {
    const { world, ...fields } = option.shape;
    const [name = ''] = world.values;
    const line = page.split('\n').find((each) => each.startsWith('| `') && each.includes(`\`${name}\``));
    return Object.keys(fields)
      .filter((field) => line?.includes(`\`${field}\``) !== true)
      .concat(line === undefined ? ['its line'] : [])
      .map((field) => `${name}: ${field}`);
  });
  expect(missing).toEqual([]);
});
