import type pg from 'pg';
import type { Part } from '../locator.ts';
import type { Row, RowSource } from '../row-differences.ts';
import { inPart } from './digest.ts';
import { mixed } from './row-hash.ts';

export interface RowsOf {
  /** The table as SQL names it. */
  sql: string;
  /** Expression for 64 bits of row `t`. */
  hash: string;
  /** Expression over `t` that names a row. Undefined for a table without a key. */
  key: string | undefined;
  /** Parts to look into. None for the whole table. */
  parts: Part[];
}

/** The rows of a table, by buckets. */
export function rowSource(client: pg.Client, table: RowsOf): RowSource {
  return {
    sums: async (count) => {
      const { rows } = await client.query<{ bucket: string; sum: string }>(
        `SELECT bucket::text, concat_ws(' ', count(*), sum(first), sum(second)) AS sum FROM (${rowsSql(table, count)}) AS rows GROUP BY bucket`,
      );
      return new Map(rows.map((row) => [Number(row.bucket), row.sum]));
    },
    rows: async (count, buckets, limit) => {
      const { rows } = await client.query<Row>(
        `SELECT key, concat_ws(' ', first, second) AS digest FROM (${rowsSql(table, count)}) AS rows
          WHERE bucket = ANY ($1) ORDER BY key COLLATE "C", first, second LIMIT ${limit}`,
        [buckets],
      );
      return rows;
    },
  };
}

/** Selects each row with its name, its hash and its bucket. A row without a key has its own hash as a name, and is shown by its place. */
function rowsSql({ sql, hash, key, parts }: RowsOf, buckets: number): string {
  const condition = parts.length === 0 ? '' : ` WHERE ${parts.map((part) => inPart(part)).join(' OR ')}`;
  const [name, hashed] =
    key === undefined ? ["'ctid ' || place", 'first'] : ['key', 'hashtextextended(key COLLATE "C", 3)'];
  return `SELECT ${name} AS key, first, second, ${hashed} & ${buckets - 1} AS bucket
     FROM (SELECT ${mixed('hash')} AS first, hash AS second, key, place
             FROM (SELECT ${hash} AS hash, ${key ?? 'NULL::text'} AS key, t.ctid::text AS place FROM ONLY ${sql} AS t${condition} OFFSET 0) AS hashes OFFSET 0) AS rows`;
}
