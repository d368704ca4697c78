import { describe, expect, it } from 'vitest';
import type { Locator } from '../../../engines/locator.ts';
import { sqlServerLocator } from '../../../engines/sqlserver/locator.ts';
import { type Answers, type FakeConnection, fakeConnection } from './fake-connection.ts';

const TABLE = { name: '[dbo].[t]', rows: 3, digest: '0' };

const COLUMNS = [
  { id: '1', name: 'id', type: 'int', length: '4' },
  { id: '1', name: 'day', type: 'date', length: '3' },
  { id: '1', name: 'mail', type: 'nvarchar', length: '400' },
  { id: '1', name: 'secret', type: 'varchar', length: '10', encrypted: '1' },
];

function locator(key: string[], extra: Answers = []): { locator: Locator; connection: FakeConnection } {
  const connection = fakeConnection([
    ...extra,
    [/FROM sys\.tables AS t\n/, [{ id: '1', name: '[dbo].[t]', bytes: '1', clustered: '1', leading: 'id' }]],
    [
      /FROM sys\.columns AS c\n/,
      COLUMNS.map((column) => ({ precision: '10', scale: '0', encrypted: '0', ...column })),
    ],
    [
      /i\.index_id AS \[index\]/,
      [...key.map((name) => ({ index: '2', name })), { index: '3', name: 'mail' }].slice(0, key.length + 1),
    ],
  ]);
  return { locator: sqlServerLocator(connection), connection };
}

describe('the key that names a row', () => {
  it.each([
    ['a number', ['id'], 'CONVERT(nvarchar(41), t.[id])'],
    [
      'a number and a date',
      ['id', 'day'],
      "CONCAT(N'(', CONVERT(nvarchar(41), t.[id]), N',', CONVERT(nvarchar(34), t.[day], 121), N')')",
    ],
    [
      'text, which may be personal: by its hash',
      ['mail'],
      "N'md5:' + LOWER(CONVERT(nvarchar(32), HASHBYTES('MD5', CAST(t.[mail] AS varbinary(max))), 2))",
    ],
  ])('is %s', async (_what, columns, expression) => {
    expect(await locator(columns).locator.keyOf(TABLE)).toBe(expression);
  });

  it('with text in it is a hash as a whole: no part of it is shown', async () => {
    const key = await locator(['id', 'mail']).locator.keyOf(TABLE);

    expect(key).toMatch(
      /^N'md5:' \+ LOWER\(CONVERT\(nvarchar\(32\), HASHBYTES\('MD5', CAST\(HASHBYTES\('SHA2_256'/,
    );
    expect(key).not.toContain('CONVERT(nvarchar(41)');
  });

  it('is none where there is no unique index, or one over a column that cannot be read', async () => {
    const none = locator([], [[/i\.index_id AS \[index\]/, []]]);
    const encrypted = locator(['id', 'secret']);

    expect(await none.locator.keyOf(TABLE)).toBeUndefined();
    expect(await encrypted.locator.keyOf(TABLE)).toBeUndefined();
  });

  it('is asked for among indexes that hold every row once', async () => {
    const { locator: own, connection } = locator(['id']);
    await own.keyOf(TABLE);

    const sql = connection.statements.find((each) => each.includes('[index]')) ?? '';
    for (const condition of [
      'is_unique = 1',
      'has_filter = 0',
      'is_disabled = 0',
      'm.is_nullable = 1',
      "OBJECT_ID(N'[dbo].[t]')",
    ])
      expect(sql).toContain(condition);
  });
});

describe('rows', () => {
  const sums: Answers = [
    [
      /GROUP BY bucket/,
      [
        { bucket: '0', total: '1 2 3' },
        { bucket: '3', total: '4 5 6' },
      ],
    ],
  ];
  const rows: Answers = [[/^SELECT TOP/, [{ name: '17', hash: 'AB' }]]];

  it('are put into buckets by their key and added up, in the parts that differ', async () => {
    const { locator: own, connection } = locator(['id'], sums);
    const parts = [
      { index: 0, parts: 3, span: 10, from: '1' },
      { index: 2, parts: 3, span: 10, from: '1' },
    ];

    const found = await own.rows(TABLE, { key: 'CONVERT(nvarchar(41), t.[id])', parts }).sums(4);

    expect([...found]).toEqual([
      [0, '1 2 3'],
      [3, '4 5 6'],
    ]);
    const sql = connection.statements.at(-1) ?? '';
    expect(sql).toContain('AS int) & 3 AS bucket');
    expect(sql).toContain('WHERE (t.[id] < CAST(11 AS int)) OR (t.[id] >= CAST(21 AS int))');
    expect(sql).toContain('SUM(CAST(CAST(SUBSTRING(h, 9, 8) AS bigint) AS decimal(38, 0)))');
  });

  it('of some buckets are named, as many as asked for', async () => {
    const { locator: own, connection } = locator(['id'], rows);
    const source = own.rows(TABLE, { key: 'CONVERT(nvarchar(41), t.[id])', parts: [] });

    expect(await source.rows(8, [1, 5], 100)).toEqual([{ key: '17', digest: 'AB' }]);
    expect(await source.rows(8, [], 100)).toEqual([]);
    expect(connection.statements.at(-1)).toMatch(
      /^SELECT TOP \(100\).*WHERE bucket IN \(1, 5\) ORDER BY name, h$/s,
    );
  });

  it('without a key are called by their own hash', async () => {
    const { locator: own, connection } = locator([], rows);

    await own.rows(TABLE, { key: undefined, parts: [] }).rows(1, [0], 5);

    expect(connection.statements.at(-1)).toContain(
      "N'row ' + LOWER(CONVERT(nvarchar(64), CAST(HASHBYTES('SHA2_256'",
    );
  });

  it('of a table that is gone are an error with its name', async () => {
    const { locator: own } = locator(['id']);

    await expect(own.keyOf({ ...TABLE, name: '[dbo].[gone]' })).rejects.toThrow(
      '[dbo].[gone] is no longer there',
    );
  });

  it('are digested again as they are now, as a whole or in parts', async () => {
    const answer: Answers = [
      [
        /^SELECT 0 AS piece/,
        (sql) =>
          [...sql.matchAll(/SELECT (\d+) AS piece/g)].map(([, piece]) => ({
            piece: piece ?? '',
            total: '1',
            hashed: '1',
            first: '1',
            second: '1',
          })),
      ],
    ];
    const { locator: own } = locator(['id'], answer);
    const part = (index: number) => ({ index, parts: 2, span: 10, from: '1' });

    expect(await own.digests(TABLE, [])).toHaveLength(1);
    expect(await own.digests(TABLE, [part(0), part(1)])).toHaveLength(2);
  });
});
