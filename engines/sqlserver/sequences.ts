import type { SequenceManifest } from '../manifest.ts';
import type { SqlServerConnection } from './connection.ts';

/**
 * How far an identity may be ahead after a restart that was not orderly. SQL Server writes only the end of a block of numbers, and goes
 * on behind it (https://learn.microsoft.com/sql/t-sql/statements/create-table-transact-sql-identity-property, "consecutive values after
 * server restart"). Blocks have 1,000 numbers, those of bigint and decimal 10,000. Nothing is published of types smaller than int: they
 * are taken like int.
 *
 * With IDENTITY_CACHE = OFF, which exists since SQL Server 2017, there are no blocks
 * (https://learn.microsoft.com/sql/t-sql/statements/alter-database-scoped-configuration-transact-sql).
 */
const CACHE_OF_IDENTITY = `CASE WHEN EXISTS (SELECT 1 FROM sys.database_scoped_configurations AS g WHERE g.name = N'IDENTITY_CACHE' AND CAST(g.value AS int) = 0) THEN 0
            WHEN y.name IN (N'bigint', N'decimal', N'numeric') THEN 10000 ELSE 1000 END`;

/**
 * Cache of a sequence that asks for none. It is 50, though
 * https://learn.microsoft.com/sql/t-sql/statements/create-sequence-transact-sql names no number.
 */
const CACHE_BY_DEFAULT = 50;

/** Selects identities, named by their columns, and sequence objects, named by themselves. No two have one name. */
export function sequencesSql(major: number): string {
  const number = (value: string): string => `CONVERT(varchar(40), CAST(${value} AS decimal(38, 0)))`;
  // Before SQL Server 2017 a sequence that gave out its first number looks like one that gave out none.
  const used = major >= 14 ? 'q.last_used_value' : 'q.current_value';
  return `SELECT QUOTENAME(s.name) + N'.' + QUOTENAME(o.name) + N'.' + QUOTENAME(c.name) AS name,
       ${number('COALESCE(c.last_value, c.seed_value)')} AS value, CASE WHEN c.last_value IS NULL THEN 0 ELSE 1 END AS called,
       ${number('c.increment_value')} AS increment, ${CACHE_OF_IDENTITY} AS cache
  FROM sys.identity_columns AS c
  JOIN sys.tables AS o ON o.object_id = c.object_id
  JOIN sys.schemas AS s ON s.schema_id = o.schema_id
  JOIN sys.types AS y ON y.user_type_id = c.system_type_id
UNION ALL
SELECT QUOTENAME(s.name) + N'.' + QUOTENAME(q.name),
       ${number(`COALESCE(${used}, q.start_value)`)}, CASE WHEN ${used} IS NULL THEN 0 ELSE 1 END,
       ${number('q.increment')}, CASE WHEN q.is_cached = 0 THEN 0 ELSE COALESCE(q.cache_size, ${CACHE_BY_DEFAULT}) END
  FROM sys.sequences AS q
  JOIN sys.schemas AS s ON s.schema_id = q.schema_id`;
}

/** Reads the position of every identity and every sequence. */
export async function readSequences(
  connection: SqlServerConnection,
): Promise<Record<string, SequenceManifest>> {
  const rows = await connection.query(sequencesSql(connection.major));
  return Object.fromEntries(
    rows.map(({ name, value, called, increment, cache }) => [
      name ?? '',
      {
        lastValue: value ?? '0',
        isCalled: called === '1',
        increment: increment ?? '1',
        // The manifest holds the first number behind the block.
        cache: cache === '0' ? '0' : String(Number(cache) + 1),
      },
    ]),
  );
}
