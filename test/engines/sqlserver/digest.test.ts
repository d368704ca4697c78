import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumOf } from '../../../engines/digest-sum.ts';
import { digestPieces, statementOf } from '../../../engines/sqlserver/digest.ts';
import type { SqlServerTable } from '../../../engines/sqlserver/tables.ts';
import { fakeConnection } from './fake-connection.ts';

const column = (name: string, type = 'int') => ({ name, type, maxLength: 4, precision: 10, scale: 0 });

const table = (changes: Partial<SqlServerTable> = {}): SqlServerTable => ({
  name: '[dbo].[客户]',
  columns: [column('id')],
  bytes: 1,
  clustered: true,
  memoryOptimized: false,
  leading: column('id'),
  ...changes,
});

/** What SQL Server's SUM of decimal(38, 0) holds. */
const LARGEST_DECIMAL = 10n ** 38n - 1n;

/** The sums of the statement, of row hashes: exact in decimal(38, 0), or an overflow. */
function sums(hashes: Buffer[]): { total: string; hashed: string; first: string; second: string } {
  const sum = (from: number): bigint =>
    hashes.reduce((left, hash) => {
      const next = left + hash.readBigInt64BE(from);
      if (next > LARGEST_DECIMAL || next < -LARGEST_DECIMAL) throw new Error('arithmetic overflow');
      return next;
    }, 0n);
  return {
    total: String(hashes.length),
    hashed: String(hashes.length),
    first: String(sum(0)),
    second: String(sum(8)),
  };
}

async function digestOfRows(hashes: Buffer[]): Promise<{ rows: number; digest: string }> {
  const connection = fakeConnection([[/^SELECT 0 AS piece/, [{ piece: '0', ...sums(hashes) }]]]);
  const [result] = await digestPieces(connection, [{ table: table() }]);
  if (result === undefined) throw new Error('no result');
  return result;
}

const hashOf = (row: number): Buffer => createHash('sha256').update(String(row)).digest();

describe('the digest of a table', () => {
  it('does not depend on the order of the rows, nor on where the table was cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 30 }), fc.nat(), async (rows, cut) => {
        const hashes = rows.map(hashOf);
        const at = cut % (rows.length + 1);

        const whole = await digestOfRows(hashes);
        const turned = await digestOfRows([...hashes].reverse());
        const parts = sumOf([await digestOfRows(hashes.slice(0, at)), await digestOfRows(hashes.slice(at))]);

        expect(turned).toEqual(whole);
        expect(parts).toEqual(whole);
        expect(whole.digest).toMatch(/^[0-9a-f]{32}$/);
      }),
      { numRuns: 100 },
    );
  });

  it('counts a duplicate, even of a row whose hash is one half of all numbers', async () => {
    const half = Buffer.alloc(32);
    half.writeBigInt64BE(-(2n ** 63n), 0);
    const row = hashOf(1);

    expect((await digestOfRows([row, row])).digest).not.toBe((await digestOfRows([row])).digest);
    expect((await digestOfRows([row, row, row])).digest).not.toBe((await digestOfRows([row])).digest);
    // Twice 2^63 is 0 modulo 2^64: the number of rows and the other half tell.
    expect(await digestOfRows([half, half])).not.toEqual(await digestOfRows([]));
  });

  it('never overflows: as many rows as COUNT_BIG can count, each with the largest hash', () => {
    const [rows, largest] = [2n ** 63n - 1n, 2n ** 63n];

    expect(rows * largest).toBeLessThan(LARGEST_DECIMAL);
  });

  it('is refused when a row has no hash', async () => {
    const row = { piece: '0', total: '3', hashed: '2', first: '1', second: '1' };

    await expect(digestPieces(fakeConnection([[/piece/, [row]]]), [{ table: table() }])).rejects.toThrow(
      '3 rows in [dbo].[客户], but 2 hashes',
    );
  });

  it('is refused when there is no answer for a table', async () => {
    await expect(digestPieces(fakeConnection([[/piece/, []]]), [{ table: table() }])).rejects.toThrow(
      'no result for [dbo].[客户]',
    );
  });
});

describe('its statement', () => {
  it('adds up both halves of each row’s SHA-256 and counts, reading the table itself and not another index', () => {
    const sql = statementOf([{ table: table() }]);

    expect(sql).toContain('COUNT_BIG(*)');
    expect(sql).toContain('SUM(CAST(CAST(SUBSTRING(h, 1, 8) AS bigint) AS decimal(38, 0)))');
    expect(sql).toContain('SUM(CAST(CAST(SUBSTRING(h, 9, 8) AS bigint) AS decimal(38, 0)))');
    expect(sql).toContain("HASHBYTES('SHA2_256', CASE WHEN t.[id] IS NULL THEN 0x00");
    expect(sql).toContain('FROM [dbo].[客户] AS t WITH (INDEX(1))');
    expect(sql).not.toMatch(/WHERE|CHECKSUM/);
  });

  it('reads a part, and a heap without a hint', () => {
    const part = { index: 1, parts: 3, span: 100, from: '1' };

    const sql = statementOf([{ table: table(), part }, { table: table({ clustered: false }) }]);
    expect(statementOf([{ table: table(), sample: true }])).toContain('FROM (SELECT TOP (1) ');
    expect(sql).not.toContain('TOP');

    expect(sql).toContain(
      'WITH (INDEX(1)) WHERE t.[id] >= CAST(101 AS int) AND t.[id] < CAST(201 AS int)) AS hashes',
    );
    expect(sql).toMatch(/UNION ALL\nSELECT 1 AS piece.*FROM \[dbo\]\.\[客户\] AS t\) AS hashes$/s);
  });

  it('gives each piece its own result, in whatever order they come', async () => {
    const rows = ['1', '0'].map((piece) => ({
      piece,
      total: piece,
      hashed: piece,
      first: piece,
      second: '0',
    }));

    const results = await digestPieces(fakeConnection([[/piece/, rows]]), [
      { table: table() },
      { table: table({ name: '[dbo].[b]' }) },
    ]);

    expect(results.map(({ rows: count }) => count)).toEqual([0, 1]);
  });
});
