import type { Locator, Part } from '../locator.ts';
import type { TableManifest } from '../manifest.ts';
import type { RowSource } from '../row-differences.ts';
import { type MysqlConnection, quoteName } from './connection.ts';
import { inPart } from './cut.ts';
import { digestRows, half, rowForm } from './digest.ts';
import { describeMysqlError } from './errors.ts';
import { mysqlDefinitions } from './schema.ts';
import { listMysqlTables, type MysqlTable } from './tables.ts';

/** Types of keys that are shown. Such a number or date names a row, and nobody. */
const SHOWN_TYPES = new Set([
  'tinyint',
  'smallint',
  'mediumint',
  'int',
  'bigint',
  'decimal',
  'date',
  'datetime',
  'timestamp',
  'uuid',
]);

/** Asks one MySQL or MariaDB database where exactly it differs. @param database its name on this server. */
export function mysqlLocator(connection: MysqlConnection, database: string): Locator {
  let listed: Promise<MysqlTable[]> | undefined;
  const tableOf = async ({ name }: TableManifest): Promise<MysqlTable> => {
    listed ??= listMysqlTables(connection, database).then(({ compared }) => compared);
    const table = (await listed).find((each) => each.name === name);
    if (table === undefined) throw new Error(`table ${name} is no longer there`);
    return table;
  };
  return {
    definitions: (objects) => mysqlDefinitions(connection, database, new Set(objects)),
    keyOf: async (table) => keyOf(connection, database, await tableOf(table)),
    rows: (table, { key, parts }) => rowSource(connection, () => tableOf(table), key, parts),
    columnHashes: async (table, key, keys) => {
      const { columns, sql } = await tableOf(table);
      const hashes = columns.map((column, index) => `SHA2(${rowForm([column])}, 256) AS c${index}`);
      const rows = await connection.query(
        `SELECT ${[`${key} AS name`, ...hashes].join(', ')} FROM ${sql} AS t WHERE ${key} IN (${keys.map(() => '?').join(', ')})`,
        keys,
      );
      return new Map(
        rows.map((row) => [
          row['name'] ?? '',
          columns.map(({ name }, index) => ({ column: name, hash: row[`c${index}`] ?? '' })),
        ]),
      );
    },
    digests: async (table, parts) => {
      const own = await tableOf(table);
      const digests = [];
      for (const part of parts.length === 0 ? [undefined] : parts)
        digests.push(await digestRows(connection, own, { part }));
      return digests;
    },
    describe: describeMysqlError,
    close: () => connection.close(),
  };
}

/** The primary key, or the shortest unique index over columns that are never NULL. */
async function keyOf(
  connection: MysqlConnection,
  database: string,
  table: MysqlTable,
): Promise<string | undefined> {
  const rows = await connection.query(
    `SELECT INDEX_NAME AS name, COLUMN_NAME AS col FROM information_schema.STATISTICS AS s
      WHERE TABLE_SCHEMA = ? AND CONCAT('\`', REPLACE(TABLE_NAME, '\`', '\`\`'), '\`') = ? AND NON_UNIQUE = 0
        AND NOT EXISTS (SELECT 1 FROM information_schema.STATISTICS AS o WHERE o.TABLE_SCHEMA = s.TABLE_SCHEMA AND o.TABLE_NAME = s.TABLE_NAME
                          AND o.INDEX_NAME = s.INDEX_NAME AND (o.NULLABLE = 'YES' OR o.COLUMN_NAME IS NULL OR o.SUB_PART IS NOT NULL))
      ORDER BY INDEX_NAME <> 'PRIMARY', INDEX_NAME, SEQ_IN_INDEX`,
    [database, table.name],
  );
  const name = rows[0]?.['name'];
  const columns = rows.filter((row) => row['name'] === name).map((row) => row['col'] ?? '');
  if (columns.length === 0) return undefined;
  const shown = columns.every((column) =>
    SHOWN_TYPES.has(table.columns.find((each) => each.name === column)?.type ?? ''),
  );
  const texts = columns.map((column) => `CAST(t.${quoteName(column)} AS ${shown ? 'CHAR' : 'BINARY'})`);
  const text = texts.length === 1 ? (texts[0] ?? '') : `CONCAT('(', ${texts.join(", ',', ")}, ')')`;
  return shown ? text : `CONCAT('md5:', MD5(${text}))`;
}

/** Rows by buckets. A row without a key is called by its own hash. */
function rowSource(
  connection: MysqlConnection,
  tableOf: () => Promise<MysqlTable>,
  key: string | undefined,
  parts: Part[],
): RowSource {
  const rowsSql = async (count: number): Promise<string> => {
    const table = await tableOf();
    const condition =
      parts.length === 0 ? 'TRUE' : parts.map((part) => `(${inPart(table, part)})`).join(' OR ');
    const form = `MD5(${rowForm(table.columns)})`;
    return `SELECT name, hash, CAST(CONV(LEFT(MD5(name), 8), 16, 10) AS UNSIGNED) & ${count - 1} AS bucket
       FROM (SELECT ${form} AS hash, ${key ?? `CONCAT('row ', ${form})`} AS name FROM ${table.sql} AS t WHERE ${condition}) AS rows_of_table`;
  };
  return {
    sums: async (count) => {
      const rows = await connection.query(
        `SELECT bucket, CONCAT_WS(' ', COUNT(*), SUM(${half('hash', true)}), SUM(${half('hash', false)})) AS total FROM (${await rowsSql(count)}) AS buckets GROUP BY bucket`,
      );
      return new Map(rows.map((row) => [Number(row['bucket']), row['total'] ?? '']));
    },
    rows: async (count, buckets, limit) => {
      if (buckets.length === 0) return [];
      const rows = await connection.query(
        `SELECT name, hash FROM (${await rowsSql(count)}) AS buckets WHERE bucket IN (${buckets.map(Number).join(', ')}) ORDER BY name, hash LIMIT ${limit}`,
      );
      return rows.map((row) => ({ key: row['name'] ?? '', digest: row['hash'] ?? '' }));
    },
  };
}
