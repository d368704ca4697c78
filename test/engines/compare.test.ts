import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareManifests } from '../../engines/compare.ts';
import type { DatabaseManifest, Manifest, SequenceManifest } from '../../engines/manifest.ts';

/** MySQL's, of a table whose last row is number 4000. */
const counter = (lastValue: string): SequenceManifest =>
  sequence(lastValue, { isCalled: false, cache: '0', highest: '4000' });

const sequence = (lastValue: string, changes: Partial<SequenceManifest> = {}): SequenceManifest => ({
  lastValue,
  isCalled: true,
  increment: '1',
  cache: '1',
  ...changes,
});

const database = (changes: Partial<DatabaseManifest> = {}): DatabaseManifest => ({
  name: 'crm',
  schema: { 'relation public.account': 'aa', 'column public.account.id': 'bb' },
  sequences: { '"public"."account_id_seq"': sequence('10') },
  tables: [{ name: '"public"."account"', rows: 3, digest: '17' }],
  notCompared: [],
  ...changes,
});

const manifest = (changes: Partial<DatabaseManifest> = {}, engineVersion = '17.4'): Manifest => ({
  engine: 'postgres',
  engineVersion,
  server: { address: 'db.example', port: 5432, startedAt: '2026-11-27T00:00:00.000000Z' },
  recordedAt: '2026-11-27T00:00:00.000Z',
  databases: [database(changes)],
});

const table = (changes: object) => [{ ...database().tables[0], ...changes }] as DatabaseManifest['tables'];

describe('compareManifests', () => {
  it('is equal when everything is, and counts what was compared', () => {
    expect(compareManifests(manifest(), manifest())).toEqual({
      equal: true,
      tables: 1,
      rows: 3,
      differences: [],
      notCompared: [],
    });
  });

  describe('of two servers that no snapshot connects', () => {
    const schema = database().schema;
    const source = manifest({ schema: { ...schema, 'role seller': 'aa', 'settings of all roles': 'aa' } });
    const restored = manifest({ schema: { ...schema, 'role buyer': 'bb' } });

    it('names roles and the like that differ as not compared', () => {
      const { equal, notCompared } = compareManifests(source, restored, { wholeServer: false });

      expect(equal).toBe(true);
      expect(notCompared.map(({ object }) => object)).toEqual([
        'crm: role seller',
        'crm: settings of all roles',
        'crm: role buyer',
      ]);
    });

    it('says nothing of them where they are the same', () => {
      expect(compareManifests(source, source, { wholeServer: false }).notCompared).toEqual([]);
    });

    it('compares them where a snapshot brings them along', () => {
      const { differences } = compareManifests(source, restored);

      expect(differences.map(({ object, kind }) => `${kind} ${object}`)).toEqual([
        'missing crm: role seller',
        'missing crm: settings of all roles',
        'extra crm: role buyer',
      ]);
    });

    it('takes no table for a role, whatever its name', () => {
      const named = manifest({ tables: [...database().tables, ...table({ name: '"public"."x: role y"' })] });

      expect(compareManifests(named, manifest(), { wholeServer: false }).equal).toBe(false);
    });

    it('still sees a difference of the database itself', () => {
      const { equal } = compareManifests(source, manifest({ schema: { 'role buyer': 'bb' } }), {
        wholeServer: false,
      });

      expect(equal).toBe(false);
    });
  });

  it.each<[string, Manifest, string, string]>([
    ['fewer rows', manifest({ tables: table({ rows: 2 }) }), 'crm: "public"."account"', 'rows'],
    ['other content', manifest({ tables: table({ digest: '18' }) }), 'crm: "public"."account"', 'content'],
    ['no table', manifest({ tables: [] }), 'crm: "public"."account"', 'missing'],
    [
      'one more table',
      manifest({ tables: [...database().tables, ...table({ name: 'x' })] }),
      'crm: x',
      'extra',
    ],
    [
      'another definition',
      manifest({ schema: { ...database().schema, 'relation public.account': 'ab' } }),
      'crm: relation public.account',
      'schema',
    ],
    [
      'no column',
      manifest({ schema: { 'relation public.account': 'aa' } }),
      'crm: column public.account.id',
      'missing',
    ],
    [
      'one more object',
      manifest({ schema: { ...database().schema, 'relation public.x': 'a' } }),
      'crm: relation public.x',
      'extra',
    ],
    ['no sequence', manifest({ sequences: {} }), 'crm: "public"."account_id_seq"', 'missing'],
    ['no database', { ...manifest(), databases: [] }, 'crm', 'missing'],
    [
      'one more database',
      { ...manifest(), databases: [database(), database({ name: 'other' })] },
      'other',
      'extra',
    ],
  ])('names %s', (_what, copy, object, kind) => {
    expect(compareManifests(manifest(), copy)).toMatchObject({
      equal: false,
      differences: [{ object, kind }],
    });
  });

  it('cannot compare two major versions', () => {
    expect(() => compareManifests(manifest(), manifest({}, '18.1'))).toThrow(/17.4, the copy postgres 18.1/);
  });

  it('takes another minor version for the same', () => {
    expect(compareManifests(manifest({}, '17.4'), manifest({}, '17.6')).equal).toBe(true);
  });

  it.each<[string, SequenceManifest, SequenceManifest, boolean]>([
    ['the same', sequence('10', { promised: '42' }), sequence('10'), true],
    ['where the log promised', sequence('10', { promised: '42' }), sequence('42'), true],
    ['not quite where the log promised', sequence('10', { promised: '42' }), sequence('41'), false],
    ['ahead of what the log promised', sequence('10', { promised: '42' }), sequence('43'), false],
    ['behind', sequence('10', { promised: '42' }), sequence('9'), false],
    ['where the log promised, counting down', sequence('-10', { promised: '-74' }), sequence('-74'), true],
    ['behind, counting down', sequence('-10', { promised: '-74' }), sequence('-8'), false],
    ['at the end of a cache', sequence('10', { cache: '20' }), sequence('30'), true],
    ['behind the end of a cache', sequence('10', { cache: '20' }), sequence('31'), false],
    ['between two steps', sequence('200', { increment: '5' }), sequence('202'), false],
    ['behind by less than a step', sequence('200', { increment: '5' }), sequence('198'), false],
    ['promised by the copy’s log only', sequence('42'), sequence('10', { promised: '42' }), false],
    [
      'an AUTO_INCREMENT behind its last row, but not behind the source',
      counter('4096'),
      counter('4001'),
      true,
    ],
    ['an AUTO_INCREMENT that a row has already', counter('4096'), counter('4000'), false],
    ['an AUTO_INCREMENT ahead of the source', counter('4001'), counter('4002'), false],
    [
      'an AUTO_INCREMENT beyond a JSON number',
      counter('18446744073709551615'),
      counter('18446744073709551614'),
      true,
    ],
    ['used where the source was not', sequence('1', { isCalled: false }), sequence('1'), false],
    ['not used where the source was', sequence('1'), sequence('1', { isCalled: false }), false],
    ['beyond a JSON number', sequence('9007199254740993'), sequence('9007199254740992'), false],
  ])('judges a sequence that is %s', (_what, before, after, equal) => {
    const [source, copy] = [before, after].map((each) => manifest({ sequences: { s: each } })) as [
      Manifest,
      Manifest,
    ];

    expect(compareManifests(source, copy).equal).toBe(equal);
  });

  it('names what either side could not compare, once', () => {
    const entry = { object: '"public"."cache"', reason: 'an unlogged table' };
    const other = { object: '"public"."late"', reason: 'a foreign table' };

    expect(
      compareManifests(manifest({ notCompared: [entry] }), manifest({ notCompared: [entry, other] }))
        .notCompared,
    ).toEqual([entry, other].map((each) => ({ ...each, object: `crm: ${each.object}` })));
  });

  it('is equal to itself and never equal once anything differs', () => {
    const anyTables = fc.uniqueArray(
      fc.record({
        name: fc.string({ minLength: 1 }),
        rows: fc.nat(),
        digest: fc.stringMatching(/^[0-9a-f]{32}$/),
      }),
      { selector: (each) => each.name, minLength: 1 },
    );
    fc.assert(
      fc.property(anyTables, fc.nat(), (tables, pick) => {
        const changed = tables.map((each, index) =>
          index === pick % tables.length ? { ...each, rows: each.rows + 1 } : each,
        );
        expect(compareManifests(manifest({ tables }), manifest({ tables: tables.toReversed() })).equal).toBe(
          true,
        );
        expect(
          compareManifests(manifest({ tables }), manifest({ tables: changed })).differences,
        ).toHaveLength(1);
      }),
    );
  });
});
