import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { SystemConfigInput } from '../../../functions/contract/config.ts';
import { RunInput } from '../../../functions/contract/input.ts';
import { nearestWord } from '../../../functions/contract/nearest.ts';
import { describeIssues } from '../../../functions/contract/wording.ts';
import { validateSystems } from '../../../lib/validate-systems.ts';
import { systems } from '../../../systems.ts';

const [example] = systems;
if (example === undefined) throw new Error('systems.ts holds no example');

/** The example with every optional field set. */
const full: SystemConfigInput = {
  ...example,
  environment: { account: '123456789012', region: 'eu-central-1' },
  database: { ...example.database, port: 5432, comparisonBatchMib: 8192, credentialsKeyArn: key() },
  drain: {
    ...example.drain,
    ignoreApplications: ['monitoring'],
    sessionQuery: 'select count(*) from sessions',
  },
  files: {
    backup: 'verify',
    bootVolumes: true,
    excludeVolumes: ['vol-0123456789abcdef0'],
    contents: false,
    checkServer: 'web-1',
    checkTimeoutMinutes: 60,
    instanceStore: 'refuse',
    kmsKeyArns: [key()],
  },
  allowUnverified: false,
  lateWrites: 'roll-back',
  approval: {
    approvers: [{ address: 'head@example.com', language: 'en' }],
    principals: ['arn:aws:iam::123456789012:role/HeadOfOperations'],
    pinnedSessionRoles: ['arn:aws:iam::123456789012:role/HeadOfOperations'],
    timeoutMinutes: 60,
  },
  drift: 'notify',
  retention: { snapshots: 12, days: 90 },
  notices: {
    ...example.notices,
    webhooks: [
      {
        name: 'crm-room',
        secretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:crm-room-a1b2c3',
        keyArn: key(),
        audiences: ['users'],
        language: 'en',
      },
    ],
  },
};

function key(): string {
  return 'arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9';
}

/** What somebody may type in place of the right value. */
const BAD: [string, unknown][] = [
  ['a number', 7.5],
  ['a negative number', -1],
  ['a huge number', 1e30],
  ['NaN', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['a big integer', 12n],
  ['null', null],
  ['nothing', undefined],
  ['true', true],
  ['an empty text', ''],
  ['blanks', '  '],
  ['a text', 'banana'],
  ['a number as text', '15'],
  ['a line break', 'crm\nEqual'],
  ['a letter that looks Latin', 'сrm'],
  ['an empty list', []],
  ['a list', [1]],
  ['an object', { a: 1 }],
  ['a function', () => 1],
];

type Path = (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([name, inner]) =>
      pathsOf(inner, [...path, Array.isArray(value) ? Number(name) : name]),
    ),
  ];
}

function replaced(value: unknown, [first, ...rest]: Path, by: unknown): unknown {
  if (first === undefined) return by;
  if (Array.isArray(value))
    return value.map((inner, index) => (index === first ? replaced(inner, rest, by) : inner));
  const object = value as Record<string, unknown>;
  return { ...object, [first]: replaced(object[String(first)], rest, by) };
}

/** Words of the library, and of nobody who runs a CRM. */
const JARGON =
  /Invalid|Unrecognized|received|expected (string|number|int|array|object|boolean)\b|Too (small|big)|ISO datetime|>=|<=|\[object/;
const EXAMPLE = /"|e\.g\.|such as|true or false|another name|unknown key/;

const paths = pathsOf(full).filter((path) => path.length > 0);

describe('what is said of a wrong value', () => {
  it('the whole example is valid', () => {
    expect(validateSystems([full]).problems).toEqual([]);
  });

  it.each(BAD)(
    'every field of a system, given %s: path, expectation and example, in plain words',
    (_name, bad) => {
      const badly = paths.flatMap((path) => {
        const { problems } = validateSystems([replaced(full, path, bad)]);
        return problems.filter(
          (problem) =>
            JARGON.test(problem) ||
            !EXAMPLE.test(problem) ||
            !problem.startsWith('systems[0]') ||
            /\p{Cc}/u.test(problem),
        );
      });

      expect([...new Set(badly)]).toEqual([]);
    },
  );

  it('every field of a system, mistyped: the field that was meant', () => {
    const names = [...new Set(paths.map((path) => path.at(-1)).filter((part) => typeof part === 'string'))];
    expect(names.length).toBeGreaterThan(60);
    const badly = paths.flatMap((path) => {
      const name = path.at(-1);
      if (typeof name !== 'string' || name.length < 4) return [];
      const mistyped = `${name.slice(0, 2)}${name.slice(3)}`;
      const { problems } = validateSystems([replaced(full, [...path.slice(0, -1), mistyped], 1)]);
      return problems.some(
        (problem) =>
          problem.includes(`.${mistyped}: unknown key`) && problem.includes(`did you mean "${name}"?`),
      )
        ? []
        : [`${path.join('.')}: ${problems.join('; ')}`];
    });

    expect(badly).toEqual([]);
  });

  it.each<[unknown, string]>([
    [{ dryRun: 'yes' }, 'input.dryRun: expected true or false; found "yes"'],
    [
      { at: 'Friday 22:00' },
      'input.at: expected a time in ISO 8601 with its offset, e.g. "2026-11-27T22:00:00+08:00"; found "Friday 22:00"',
    ],
    [
      { at: '2026-11-27T22:00:00' },
      'input.at: expected a time in ISO 8601 with its offset, e.g. "2026-11-27T22:00:00+08:00"; found "2026-11-27T22:00:00"',
    ],
    [{ reason: '' }, 'input.reason: expected at least 1 character, e.g. "Weekend shutdown"; found ""'],
    [
      { verification: 'ful' },
      'input.verification: expected one of "full", "none"; found "ful"; did you mean "full"?',
    ],
    [{ dryrun: true }, 'input.dryrun: unknown key; did you mean "dryRun"?'],
    [
      { colour: 1 },
      expect.stringMatching(
        /^input\.colour: unknown key; expected one of: system, at, backAt, dryRun/,
      ) as unknown as string,
    ],
    [[], 'input: expected an object; found an empty list'],
    [null, 'input: expected an object; found null'],
    ['{}', 'input: expected an object; found "{}"'],
  ])('the input %j', (input, line) => {
    const parsed = RunInput.safeParse(input);

    expect(describeIssues(parsed.error as z.ZodError, 'input', input)).toEqual([line]);
  });

  it('every kind of issue that the library knows has words here', () => {
    const table: [z.ZodType, unknown, string][] = [
      [z.string(), 1, 'x: expected a text in quotes; found 1'],
      [z.number().min(2), 1, 'x: expected a number of at least 2; found 1'],
      [z.number().gt(2), 2, 'x: expected a number of more than 2; found 2'],
      [z.number().max(2), 3, 'x: expected a number of at most 2; found 3'],
      [z.array(z.number()).min(2), [1], 'x: expected at least 2 entries; found a list'],
      [z.number().multipleOf(5), 3, 'x: expected a multiple of 5; found 3'],
      [z.iso.datetime(), 'now', 'x: expected a time in ISO 8601 with its offset; found "now"'],
      [z.string().regex(/^a$/), 'b', 'x: expected a text of the form /^a$/; found "b"'],
      [z.enum(['a', 'b']), 'c', 'x: expected one of "a", "b"; found "c"; did you mean "a"?'],
      [z.strictObject({ a: z.number().optional() }), { b: 1 }, 'x.b: unknown key; did you mean "a"?'],
      [
        z.union([z.literal('all'), z.number()]),
        true,
        'x: expected one of the forms that are allowed here; found true',
      ],
      [
        z.union([z.literal('all'), z.strictObject({ n: z.number() })]),
        { n: 'a' },
        'x.n: expected a number; found "a"',
      ],
      [
        z.record(z.enum(['a']), z.number()),
        { a: 1, c: 1 },
        'x.c: unknown key; remove it or correct its spelling',
      ],
      [z.map(z.any(), z.number()), new Map([[{}, 'a']]), 'x: expected other entries; found an object'],
      [z.string().refine(() => false), 'a', 'x: expected another value; found "a"'],
    ];
    for (const [schema, value, line] of table) {
      const parsed = schema.safeParse(value);
      expect(describeIssues(parsed.error as z.ZodError, 'x', value)).toEqual([line]);
    }
  });

  it.each([
    ['databse', 'database'],
    ['seed_sql', 'seed-sql'],
    ['dryrun', 'dryRun'],
    ['sytem', 'system'],
    ['flood', undefined],
    ['', undefined],
  ])('the word nearest to "%s" is %s', (typed, meant) => {
    expect(nearestWord(typed, ['database', 'servers', 'seed-sql', 'dryRun', 'system'])).toBe(meant);
  });
});
