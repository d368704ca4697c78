import type pg from 'pg';
import type { Locator } from '../locator.ts';
import type { TableManifest } from '../manifest.ts';
import { quoteIdentifier } from './connection.ts';
import { digestUnit } from './digest.ts';
import { describePostgresError } from './errors.ts';
import { rowSource } from './rows.ts';
import { definitionsOf } from './schema.ts';
import { type ListedTable, listTables, type TableList } from './tables.ts';

/** Types of keys that are shown. Such a number or date names a row, and nobody. */
const SHOWN_TYPES =
  "('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype, 'oid'::regtype, 'uuid'::regtype, 'date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype, 'bool'::regtype)";

/** Asks one PostgreSQL database where exactly it differs. */
export function postgresLocator(client: pg.Client): Locator {
  let listed: Promise<TableList> | undefined;
  const tableOf = async ({ name }: TableManifest): Promise<ListedTable> => {
    listed ??= listTables(client);
    const table = (await listed).compared.find((each) => each.name === name);
    if (table === undefined) throw new Error(`table ${name} is no longer there`);
    return table;
  };
  return {
    definitions: (objects) => definitionsOf(client, objects),
    keyOf: async (table) => keyOf(client, (await tableOf(table)).sql),
    rows: (table, { key, parts }) => {
      const source = async () => {
        const { sql, hash } = await tableOf(table);
        return rowSource(client, { sql, hash, key, parts });
      };
      return {
        sums: async (count) => (await source()).sums(count),
        rows: async (count, buckets, limit) => (await source()).rows(count, buckets, limit),
      };
    },
    columnHashes: async (table, key, keys) => {
      const own = await tableOf(table);
      const columns = own.columnHashes();
      const { rows } = await client.query<{ key: string; hashes: string[] }>(
        `SELECT ${key} AS key, ARRAY[${columns.map(({ hash }) => hash).join(', ')}]::text[] AS hashes FROM ONLY ${own.sql} AS t WHERE ${key} = ANY ($1)`,
        [keys],
      );
      return new Map(
        rows.map((row) => [
          row.key,
          columns.map(({ name }, index) => ({ column: name, hash: row.hashes[index] ?? '' })),
        ]),
      );
    },
    digests: async (table, parts) => {
      const own = await tableOf(table);
      return digestUnit(
        client,
        parts.length === 0 ? [{ table: own }] : parts.map((part) => ({ table: own, part })),
      );
    },
    describe: describePostgresError,
    // The answers are in. A connection that breaks while it is closed changes nothing.
    close: async () => client.end().catch(() => undefined),
  };
}

/** The table's primary key, or the shortest unique index over columns that are never NULL. */
async function keyOf(client: pg.Client, sql: string): Promise<string | undefined> {
  const { rows } = await client.query<{ columns: string[]; shown: boolean }>(
    `SELECT array_agg(a.attname::text ORDER BY k.position) AS columns, bool_and(a.atttypid IN ${SHOWN_TYPES}) AS shown
       FROM pg_index i
       CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, position)
       LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
      WHERE i.indrelid = $1::regclass AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
        AND k.position <= i.indnkeyatts
      GROUP BY i.indexrelid, i.indisprimary HAVING bool_and(a.attnotnull)
      ORDER BY i.indisprimary DESC, count(*), i.indexrelid LIMIT 1`,
    [sql],
  );
  const [key] = rows;
  if (key === undefined) return undefined;
  const columns = key.columns.map((column) => `t.${quoteIdentifier(column)}`);
  const text = columns.length === 1 ? `${columns[0] ?? ''}::text` : `ROW(${columns.join(', ')})::text`;
  return key.shown ? text : `'md5:' || md5(${text})`;
}
