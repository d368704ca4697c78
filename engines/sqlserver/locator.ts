import type { Locator, Part } from '../locator.ts';
import type { TableManifest } from '../manifest.ts';
import { once } from '../once.ts';
import type { RowSource } from '../row-differences.ts';
import type { SqlServerConnection } from './connection.ts';
import { digestPieces, half, rowsOf } from './digest.ts';
import { describeSqlServerError } from './errors.ts';
import { rowHash, type SqlServerColumn } from './form.ts';
import { literal, quoteName } from './names.ts';
import { inPart } from './parts.ts';
import { sqlServerDefinitions } from './schema.ts';
import { listSqlServerTables, type SqlServerTable } from './tables.ts';

/** Types of keys that are shown, each with the SQL of its text. Such a number or date names a row, and nobody. */
const SHOWN: Record<string, (column: string) => string> = {
  ...Object.fromEntries(
    ['bit', 'tinyint', 'smallint', 'int', 'bigint', 'decimal', 'numeric', 'uniqueidentifier'].map((type) => [
      type,
      (column: string) => `CONVERT(nvarchar(41), ${column})`,
    ]),
  ),
  ...Object.fromEntries(
    ['date', 'smalldatetime', 'datetime', 'datetime2', 'datetimeoffset'].map((type) => [
      type,
      (column: string) => `CONVERT(nvarchar(34), ${column}, 121)`,
    ]),
  ),
};

/** Asks one SQL Server database where exactly it differs. */
export function sqlServerLocator(connection: SqlServerConnection): Locator {
  const list = once(() => listSqlServerTables(connection));
  const tableOf = async ({ name }: TableManifest): Promise<SqlServerTable> => {
    const table = (await list()).compared.find((each) => each.name === name);
    if (table === undefined) throw new Error(`table ${name} is no longer there`);
    return table;
  };
  return {
    definitions: (objects) => sqlServerDefinitions(connection, objects),
    keyOf: async (table) => keyOf(connection, await tableOf(table)),
    rows: (table, { key, parts }) => rowSource(connection, () => tableOf(table), key, parts),
    columnHashes: async (table, key, keys) => {
      const own = await tableOf(table);
      const hashes = own.columns.map(
        (column, index) => `CONVERT(varchar(64), ${rowHash([column])}, 2) AS c${index}`,
      );
      const rows = await connection.query(
        `SELECT ${[`${key} AS name`, ...hashes].join(', ')} FROM ${rowsOf({ table: own })} WHERE ${key} IN (${keys.map(literal).join(', ')})`,
      );
      return new Map(
        rows.map((row) => [
          row['name'] ?? '',
          own.columns.map(({ name }, index) => ({ column: name, hash: row[`c${index}`] ?? '' })),
        ]),
      );
    },
    digests: async (table, parts) => {
      const own = await tableOf(table);
      const pieces = parts.length === 0 ? [{ table: own }] : parts.map((part) => ({ table: own, part }));
      return digestPieces(connection, pieces);
    },
    describe: describeSqlServerError,
    close: () => connection.close(),
  };
}

/** The primary key, or the shortest unique index over columns that are never NULL. */
async function keyOf(connection: SqlServerConnection, table: SqlServerTable): Promise<string | undefined> {
  const rows = await connection.query(
    `SELECT i.index_id AS [index], c.name AS name
  FROM sys.indexes AS i
  JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id AND k.key_ordinal > 0
  JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
 WHERE i.object_id = OBJECT_ID(${literal(table.name)}) AND i.is_unique = 1 AND i.has_filter = 0 AND i.is_disabled = 0 AND i.is_hypothetical = 0
   AND NOT EXISTS (SELECT 1 FROM sys.index_columns AS n JOIN sys.columns AS m ON m.object_id = n.object_id AND m.column_id = n.column_id
                    WHERE n.object_id = i.object_id AND n.index_id = i.index_id AND n.key_ordinal > 0 AND m.is_nullable = 1)
 ORDER BY i.is_primary_key DESC, (SELECT COUNT(*) FROM sys.index_columns AS a WHERE a.object_id = i.object_id AND a.index_id = i.index_id AND a.key_ordinal > 0),
          i.index_id, k.key_ordinal`,
  );
  const own = rows.filter((row) => row['index'] === rows[0]?.['index']);
  const columns = own.flatMap((row) => table.columns.find(({ name }) => name === row['name']) ?? []);
  // A key is of no use if one of its columns cannot be read.
  return columns.length === 0 || columns.length < own.length ? undefined : nameOfRow(columns);
}

function nameOfRow(columns: SqlServerColumn[]): string {
  const texts = columns.flatMap(({ name, type }) => SHOWN[type]?.(`t.${quoteName(name)}`) ?? []);
  const [first] = texts;
  if (texts.length === columns.length && first !== undefined)
    return texts.length === 1 ? first : `CONCAT(N'(', ${texts.join(", N',', ")}, N')')`;
  // One column is hashed by itself, so that a reader who has the key can look for it. Several columns are hashed as a row is.
  const [only, ...others] = columns;
  const bytes =
    only !== undefined && others.length === 0
      ? `CAST(t.${quoteName(only.name)} AS varbinary(max))`
      : rowHash(columns);
  return `N'md5:' + LOWER(CONVERT(nvarchar(32), HASHBYTES('MD5', ${bytes}), 2))`;
}

/** Rows by buckets. A row without a key is called by its own hash. */
function rowSource(
  connection: SqlServerConnection,
  tableOf: () => Promise<SqlServerTable>,
  key: string | undefined,
  parts: Part[],
): RowSource {
  const rowsSql = async (count: number): Promise<string> => {
    const table = await tableOf();
    const conditions = parts.map((part) => `(${inPart(table, part)})`);
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' OR ')}`;
    const hash = rowHash(table.columns);
    const name = key ?? `N'row ' + LOWER(CONVERT(nvarchar(64), ${hash}, 2))`;
    return `SELECT name, h, CAST(SUBSTRING(HASHBYTES('SHA2_256', CAST(name AS varbinary(4000))), 1, 4) AS int) & ${count - 1} AS bucket
  FROM (SELECT ${hash} AS h, ${name} AS name FROM ${rowsOf({ table })}${where}) AS named`;
  };
  return {
    sums: async (count) => {
      const rows = await connection.query(
        `SELECT bucket, CONCAT(COUNT_BIG(*), ' ', SUM(${half('h', 1)}), ' ', SUM(${half('h', 9)})) AS total FROM (${await rowsSql(count)}) AS buckets GROUP BY bucket`,
      );
      return new Map(rows.map((row) => [Number(row['bucket']), row['total'] ?? '']));
    },
    rows: async (count, buckets, limit) => {
      if (buckets.length === 0) return [];
      const rows = await connection.query(
        `SELECT TOP (${limit}) name, CONVERT(varchar(64), h, 2) AS hash FROM (${await rowsSql(count)}) AS buckets WHERE bucket IN (${buckets.map(Number).join(', ')}) ORDER BY name, h`,
      );
      return rows.map((row) => ({ key: row['name'] ?? '', digest: row['hash'] ?? '' }));
    },
  };
}
