import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutByKey, inPart } from '../../../engines/sqlserver/parts.ts';
import type { SqlServerTable } from '../../../engines/sqlserver/tables.ts';
import { fakeConnection } from './fake-connection.ts';

const GIB = 1024 ** 3;

function table(type: string, changes: Partial<SqlServerTable> = {}, about = {}): SqlServerTable {
  const leading = { name: 'id]', type, maxLength: 8, precision: 18, scale: 0, ...about };
  return {
    name: '[dbo].[t]',
    columns: [leading],
    bytes: 10 * GIB,
    clustered: true,
    memoryOptimized: false,
    leading,
    ...changes,
  };
}

/** In how many of the parts' conditions a number lies: they are to be read as SQL Server would. */
function partsWith(conditions: string[], number: bigint): number {
  return conditions.filter((condition) =>
    condition.split(' AND ').every((comparison) => {
      if (comparison === '1 = 1') return true;
      if (comparison === '1 = 0') return false;
      const match = /^t\.\[id\]\]\] (>=|<) CAST\((-?\d+) AS \w+(?:\(\d+, 0\))?\)$/.exec(comparison);
      if (match === null) throw new Error(`not a comparison: ${comparison}`);
      const boundary = BigInt(match[2] ?? 0);
      return match[1] === '<' ? number < boundary : number >= boundary;
    }),
  ).length;
}

const RANGES: Record<string, [bigint, bigint]> = {
  tinyint: [0n, 255n],
  smallint: [-32_768n, 32_767n],
  int: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
  decimal: [-(10n ** 18n) + 1n, 10n ** 18n - 1n],
};

describe('parts of a table', () => {
  it.each(Object.entries(RANGES))(
    'by a key of type %s: every number lies in exactly one, also one that came later',
    async (type, [min, max]) => {
      const number = fc.bigInt({ min, max });
      await fc.assert(
        fc.asyncProperty(
          fc.array(number, { minLength: 2, maxLength: 2 }),
          fc.integer({ min: 2, max: 300 }),
          number,
          async (ends, count, later) => {
            const [first = 0n, last = 0n] = [...ends].sort((a, b) => (a < b ? -1 : 1));
            const connection = fakeConnection([
              [/SELECT .*MIN/, [{ first: String(first), last: String(last) }]],
            ]);
            const own = table(type, { bytes: count * GIB });
            const cut = await cutByKey(connection, own, GIB);
            if (cut === undefined) throw new Error('not cut');
            // As it travels: through JSON, in which a number has 53 bits.
            const parts = JSON.parse(JSON.stringify(cut)) as typeof cut;
            const conditions = Array.from({ length: cut.parts }, (_, index) =>
              inPart(own, { ...parts, index }),
            );
            for (const value of [first, last, later, min, max]) expect(partsWith(conditions, value)).toBe(1);
          },
        ),
        { numRuns: 100 },
      );
    },
  );

  it('has boundaries of the column’s own type: another would keep the index from being sought', async () => {
    const connection = fakeConnection([[/MIN/, [{ first: '1', last: '100' }]]]);
    const cut = await cutByKey(connection, table('bigint'), GIB);

    expect(inPart(table('bigint'), { span: 10, from: '1', parts: 10, ...cut, index: 1 })).toBe(
      't.[id]]] >= CAST(11 AS bigint) AND t.[id]]] < CAST(21 AS bigint)',
    );
    expect(inPart(table('numeric'), { span: 10, from: '1', parts: 3, index: 1 })).toContain(
      'CAST(11 AS numeric(18, 0))',
    );
  });

  it('by a uniqueidentifier has the same boundaries whatever the table holds, and asks for no key', async () => {
    const connection = fakeConnection([]);
    const own = table('uniqueidentifier', { bytes: 4 * GIB });

    const cut = await cutByKey(connection, own, GIB);

    expect(cut).toEqual({ from: '0', span: 2 ** 46, parts: 4 });
    expect(connection.statements).toEqual([]);
    const conditions = [0, 1, 2, 3].map((index) => inPart(own, { ...cut, span: 2 ** 46, parts: 4, index }));
    expect(conditions).toEqual([
      "t.[id]]] < CAST('00000000-0000-0000-0000-400000000000' AS uniqueidentifier)",
      "t.[id]]] >= CAST('00000000-0000-0000-0000-400000000000' AS uniqueidentifier) AND t.[id]]] < CAST('00000000-0000-0000-0000-800000000000' AS uniqueidentifier)",
      "t.[id]]] >= CAST('00000000-0000-0000-0000-800000000000' AS uniqueidentifier) AND t.[id]]] < CAST('00000000-0000-0000-0000-C00000000000' AS uniqueidentifier)",
      "t.[id]]] >= CAST('00000000-0000-0000-0000-C00000000000' AS uniqueidentifier)",
    ]);
  });

  it.each([
    ['a heap', { ...table('int'), leading: undefined as never }],
    ['a small table', table('int', { bytes: GIB })],
    ['a key of text', table('nvarchar')],
    ['a key with digits behind the point', table('decimal', {}, { scale: 2 })],
  ])('are not made of %s', async (_what, own) => {
    await expect(cutByKey(fakeConnection([]), own, GIB)).resolves.toBeUndefined();
  });

  it('are not made of an empty table', async () => {
    const connection = fakeConnection([[/MIN/, [{ first: null, last: null }]]]);

    await expect(cutByKey(connection, table('int'), GIB)).resolves.toBeUndefined();
  });
});
