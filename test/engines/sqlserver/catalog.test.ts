import { describe, expect, it } from 'vitest';
import { SqlServerError } from '../../../engines/sqlserver/errors.ts';
import { catalogOf, sqlServerDefinitions, sqlServerFingerprint } from '../../../engines/sqlserver/schema.ts';
import { readSequences, sequencesSql } from '../../../engines/sqlserver/sequences.ts';
import { columnsSql, listSqlServerTables } from '../../../engines/sqlserver/tables.ts';
import { type Answers, fakeConnection } from './fake-connection.ts';

const VERSIONS = [13, 14, 15, 16, 17];

/** Columns of a SELECT list that are called something, with what they are made of. */
function factsOf(sql: string): string[] {
  return [...sql.matchAll(/ AS (\[[^\]]+\]|\w+)(?=[,\s])/g)].map(([, name]) => name ?? '');
}

describe.each(VERSIONS)('the catalog of major version %i', (major) => {
  const kinds = catalogOf(major);

  it('has each kind once, and none that a version lacks', () => {
    expect(new Set(kinds.map(({ kind }) => kind)).size).toBe(kinds.length);
    const names = kinds.map(({ kind }) => kind);
    expect(names.includes('edge constraint')).toBe(major >= 15);
    expect(
      kinds
        .map(({ sql }) => sql(major))
        .join('\n')
        .includes('ledger_type_desc'),
    ).toBe(major >= 16);
  });

  it.each(kinds.map(({ kind, sql }): [string, string] => [kind, sql(major)]))(
    '%s: reads only, and nothing that changes by itself',
    (_kind, sql) => {
      expect(sql).toMatch(/^(IF OBJECT_ID\([^)]*\) IS NOT NULL\n)?SELECT /);
      expect(sql).not.toMatch(
        /\b(INSERT|UPDATE|DELETE|MERGE|EXEC|EXECUTE|INTO|ALTER|DROP|CREATE|TRUNCATE)\b/,
      );
      expect(sql).not.toMatch(
        /create_date|modify_date|last_used|GETDATE|recovery_model|log_reuse_wait|is_in_standby/,
      );
      // Facts are columns of their own: names are told apart from what is said of them.
      expect(factsOf(sql)).toContain('name');
    },
  );
});

describe('the fingerprint of a schema', () => {
  const nothing: Answers = [[/./, []]];

  const view = (changes: object = {}) => ({
    name: '[dbo].[v]',
    type: 'VIEW',
    definition: "CREATE VIEW v AS SELECT 'x' AS a",
    'without text': '0',
    ...changes,
  });

  const ofViews = async (...rows: ReturnType<typeof view>[]) =>
    (await sqlServerFingerprint(fakeConnection([[/o\.type IN \('V'\)/, rows], ...nothing]))).schema;

  it('has an entry an object, the same for the same definition in whatever order its rows come', async () => {
    const [a, b] = [view({ number: '1' }), view({ number: '2' })];

    expect(Object.keys(await ofViews(a, b))).toEqual(['view [dbo].[v]']);
    expect(await ofViews(b, a)).toEqual(await ofViews(a, b));
  });

  it.each([
    ['another text', view({ definition: "CREATE VIEW v AS SELECT 'y' AS a" })],
    ['another fact', view({ 'schema bound': '1' })],
    ['no value where there was an empty one', view({ definition: null })],
    ['a value in another fact', view({ definition: null, type: "CREATE VIEW v AS SELECT 'x' AS a" })],
  ])('changes with %s', async (_what, changed) => {
    expect(await ofViews(changed)).not.toEqual(await ofViews(view()));
  });

  it('takes a text that looks like another fact for what it is', async () => {
    const text = view({ owner: null, definition: 'x\nowner: eve' });
    const fact = view({ definition: 'x', owner: 'eve' });

    expect(await ofViews(text)).not.toEqual(await ofViews(fact));
  });

  it('changes when one of several rows is there twice', async () => {
    expect(await ofViews(view(), view())).not.toEqual(await ofViews(view()));
  });

  it('names what was made WITH ENCRYPTION as not compared', async () => {
    const connection = fakeConnection([
      [/o\.type IN \('V'\)/, [view({ definition: null, 'without text': '1' })]],
      ...nothing,
    ]);

    const { notCompared, schema } = await sqlServerFingerprint(connection);

    expect(notCompared).toEqual([
      { object: 'view [dbo].[v]', reason: expect.stringContaining('WITH ENCRYPTION') as unknown },
    ]);
    expect(schema).toHaveProperty(['view [dbo].[v]']);
  });

  it.each(['207', '208'])(
    'names a kind that this server keeps elsewhere (error %s), and reads the others',
    async (code) => {
      const error = new SqlServerError(code, "Invalid column name 'is_ledger_on'.", { severity: 16 });
      const connection = fakeConnection([
        [/sys\.partition_parameters/, error],
        [/o\.type IN \('V'\)/, [view()]],
        ...nothing,
      ]);

      const { notCompared, schema } = await sqlServerFingerprint(connection);

      expect(notCompared).toEqual([
        { object: 'every partition function', reason: expect.stringContaining('is_ledger_on') as unknown },
      ]);
      expect(schema).toHaveProperty(['view [dbo].[v]']);
    },
  );

  it('fails with any other error', async () => {
    const error = new SqlServerError('229', 'The SELECT permission was denied', { severity: 14 });

    await expect(
      sqlServerFingerprint(fakeConnection([[/sys\.partition_parameters/, error], ...nothing])),
    ).rejects.toBe(error);
  });

  it('asks again only for the kinds whose definitions are wanted, and shows facts as lines', async () => {
    const connection = fakeConnection([[/o\.type IN \('V'\)/, [view(), view({ name: '[dbo].[w]' })]]]);

    const definitions = await sqlServerDefinitions(connection, ['view [dbo].[v]']);

    expect([...definitions]).toEqual([
      ['view [dbo].[v]', "type: VIEW\ndefinition: CREATE VIEW v AS SELECT 'x' AS a\nwithout text: 0\n"],
    ]);
    expect(connection.statements).toHaveLength(1);
  });
});

describe('the list of tables', () => {
  const row = (changes: object = {}) => ({
    id: '1',
    name: '[dbo].[a]',
    external: '0',
    'file table': '0',
    'memory optimized': '0',
    durability: '0',
    'capture table': '0',
    bytes: '8192',
    clustered: '1',
    leading: 'id',
    ...changes,
  });
  const column = (changes: object = {}) => ({
    id: '1',
    name: 'id',
    type: 'int',
    length: '4',
    precision: '10',
    scale: '0',
    encrypted: '0',
    ...changes,
  });
  const list = (tables: object[], columns: object[]) =>
    listSqlServerTables(
      fakeConnection([
        [/FROM sys\.tables AS t\n/, tables as never],
        [/FROM sys\.columns AS c\n/, columns as never],
      ]),
    );

  it('is by size, with the columns in their order and the one by which a table can be cut', async () => {
    const { compared, notCompared } = await list(
      [row(), row({ id: '2', name: '[dbo].[b]', bytes: '9000000', clustered: '0', leading: null })],
      [column(), column({ name: 'note', type: 'nvarchar', length: '-1' }), column({ id: '2' })],
    );

    expect(compared.map(({ name }) => name)).toEqual(['[dbo].[b]', '[dbo].[a]']);
    expect(compared[0]).toMatchObject({ bytes: 9_000_000, clustered: false });
    expect(compared[0]).not.toHaveProperty('leading');
    expect(compared[1]?.columns.map(({ name }) => name)).toEqual(['id', 'note']);
    expect(compared[1]?.leading).toMatchObject({ name: 'id', type: 'int' });
    expect(notCompared).toEqual([]);
  });

  it.each([
    ['external', { external: '1' }, 'external'],
    ['a FileTable', { 'file table': '1' }, 'FileTable'],
    ['gone with the server', { 'memory optimized': '1', durability: '1' }, 'SCHEMA_ONLY'],
    ['filled by change data capture', { 'capture table': '1' }, 'change data capture'],
  ])('names a table that is %s as not compared', async (_what, changes, word) => {
    const { compared, notCompared } = await list([row(changes)], [column()]);

    expect(compared).toEqual([]);
    expect(notCompared).toEqual([{ object: '[dbo].[a]', reason: expect.stringContaining(word) as unknown }]);
  });

  it('compares a durable memory-optimised table', async () => {
    const { compared } = await list([row({ 'memory optimized': '1', clustered: '0' })], [column()]);

    expect(compared[0]?.memoryOptimized).toBe(true);
  });

  it('names a table that is too wide for one statement', async () => {
    const columns = Array.from({ length: 4_097 }, (_, index) => column({ name: `c${index}` }));

    expect((await list([row()], columns)).notCompared[0]?.reason).toContain('4097 columns');
  });

  it.each([
    ['is encrypted', { encrypted: '1', type: 'varchar' }, 'Always Encrypted', false],
    ['has a type that nobody knows', { type: 'hologram' }, 'hologram', false],
    ['rounds when it is read', { type: 'vector' }, 'round', true],
  ])('names a column that %s, and compares the others', async (_what, changes, word, kept) => {
    const { compared, notCompared } = await list([row()], [column(), column({ name: 'x]', ...changes })]);

    expect(compared[0]?.columns.map(({ name }) => name)).toEqual(kept ? ['id', 'x]'] : ['id']);
    expect(notCompared).toEqual([
      { object: '[dbo].[a].[x]]]', reason: expect.stringContaining(word) as unknown },
    ]);
  });

  it.each(VERSIONS)('asks major version %i for stored columns only', (major) => {
    const sql = columnsSql(major);

    expect(sql).toContain('c.is_column_set = 0');
    expect(sql).toContain('f.is_persisted = 1');
    expect(sql.includes('c.graph_type IN (2, 5, 8)')).toBe(major >= 14);
  });
});

describe('identities and sequences', () => {
  it('say where they stand, and how far a restart may put them ahead', async () => {
    const row = (name: string, value: string, called: string, cache: string) => ({
      name,
      value,
      called,
      increment: '-5',
      cache,
    });
    const connection = fakeConnection([
      [
        /sys\.identity_columns/,
        [row('[dbo].[t].[id]', '99999999999999999999', '1', '10000'), row('[dbo].[s]', '1', '0', '0')],
      ],
    ]);

    expect(await readSequences(connection)).toEqual({
      '[dbo].[t].[id]': {
        lastValue: '99999999999999999999',
        isCalled: true,
        increment: '-5',
        cache: '10001',
      },
      '[dbo].[s]': { lastValue: '1', isCalled: false, increment: '-5', cache: '0' },
    });
  });

  it.each(VERSIONS)('of major version %i: blocks as the documentation has them', (major) => {
    const sql = sequencesSql(major);

    expect(sql).toContain("WHEN y.name IN (N'bigint', N'decimal', N'numeric') THEN 10000 ELSE 1000");
    expect(sql).toContain('IDENTITY_CACHE');
    expect(sql).toContain('COALESCE(q.cache_size, 50)');
    expect(sql.includes('last_used_value')).toBe(major >= 14);
  });
});
