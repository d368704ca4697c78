import type { NotCompared } from '../manifest.ts';
import type { SqlServerConnection } from './connection.ts';
import type { Row } from './driver.ts';
import { formOf, IMPRECISE, type SqlServerColumn } from './form.ts';
import { quoteName } from './names.ts';

/** A table whose rows are compared. */
export interface SqlServerTable {
  /** `[schema].[table]`, as SQL names it too. */
  name: string;
  columns: SqlServerColumn[];
  /** Size on the disk, with out-of-line values and without nonclustered indexes. */
  bytes: number;
  /** True for a clustered index of rows. The table is then read by that index alone. */
  clustered: boolean;
  /** In-Memory OLTP: a transaction of isolation SNAPSHOT may not read the table. */
  memoryOptimized: boolean;
  /** First column of the clustered index, if it is never NULL and its type has a span that can be cut. */
  leading?: SqlServerColumn;
}

export interface TableList {
  /** Largest first. */
  compared: SqlServerTable[];
  notCompared: NotCompared[];
}

/** Columns that one statement can hash. It may name 65,535 things, and each column takes up to eight. */
const MOST_COLUMNS = 4_096;

/** Lists the tables of a database, largest first, and the tables and columns that cannot be compared. */
export async function listSqlServerTables(connection: SqlServerConnection): Promise<TableList> {
  const tables = await connection.query(TABLES);
  const columns = await columnsOf(connection);
  const list: TableList = { compared: [], notCompared: [] };
  for (const row of tables) {
    const object = row['name'] ?? '';
    const own = columns.get(row['id'] ?? '') ?? [];
    const reason = reasonAgainst(row, own.length);
    if (reason !== undefined) {
      list.notCompared.push({ object, reason });
      continue;
    }
    const { comparable, notCompared } = sorted(object, own);
    list.notCompared.push(...notCompared);
    const leading = comparable.find(({ name }) => name === row['leading']);
    list.compared.push({
      name: object,
      columns: comparable,
      bytes: Number(row['bytes']),
      clustered: row['clustered'] === '1',
      memoryOptimized: row['memory optimized'] === '1',
      ...(leading === undefined ? {} : { leading }),
    });
  }
  list.compared.sort((a, b) => b.bytes - a.bytes);
  return list;
}

/**
 * Sizes come from the allocated pages: sys.dm_db_partition_stats says the same, but needs VIEW DATABASE STATE. History tables of
 * temporal ones, those of a ledger, and those of nodes and edges are tables like others.
 */
export const TABLES = `SELECT t.object_id AS id, QUOTENAME(s.name) + N'.' + QUOTENAME(t.name) AS name,
       t.is_external AS [external], t.is_filetable AS [file table], t.is_memory_optimized AS [memory optimized],
       t.durability AS durability,
       CASE WHEN s.name = N'cdc' AND t.is_ms_shipped = 1 THEN 1 ELSE 0 END AS [capture table],
       CAST(COALESCE(size.pages, 0) * 8192 AS varchar(20)) AS bytes,
       CASE WHEN i.type = 1 THEN 1 ELSE 0 END AS [clustered],
       CASE WHEN i.type = 1 AND c.is_nullable = 0 THEN c.name END AS [leading]
  FROM sys.tables AS t
  JOIN sys.schemas AS s ON s.schema_id = t.schema_id
  LEFT JOIN sys.indexes AS i ON i.object_id = t.object_id AND i.index_id = 1
  LEFT JOIN sys.index_columns AS k ON k.object_id = t.object_id AND k.index_id = 1 AND k.key_ordinal = 1
  LEFT JOIN sys.columns AS c ON c.object_id = t.object_id AND c.column_id = k.column_id
  OUTER APPLY (SELECT SUM(CAST(a.total_pages AS bigint)) AS pages
                 FROM sys.partitions AS p
                 JOIN sys.allocation_units AS a ON a.container_id = CASE WHEN a.type IN (1, 3) THEN p.hobt_id ELSE p.partition_id END
                WHERE p.object_id = t.object_id AND p.index_id IN (0, 1)) AS size`;

function reasonAgainst(table: Row, columns: number): string | undefined {
  if (table['external'] === '1') return 'an external table: its rows lie elsewhere';
  if (table['file table'] === '1')
    return 'a FileTable: its rows are the files of a folder, which change without a transaction';
  if (table['memory optimized'] === '1' && table['durability'] === '1')
    return 'a memory-optimised table of durability SCHEMA_ONLY: its rows end with the server';
  if (table['capture table'] === '1')
    return 'filled by a job of change data capture, before or after the snapshot, from tables that are compared';
  if (columns > MOST_COLUMNS) return `it has ${columns} columns: one statement can hash ${MOST_COLUMNS}`;
  return undefined;
}

/** A column, with further facts of the catalog. */
interface ListedColumn extends SqlServerColumn {
  encrypted: boolean;
}

/**
 * Columns whose value is stored. Values computed at reading follow from the others and from the definition, and so does a column set.
 * The inner columns of nodes and edges cannot be read, but the columns that can ($node_id …) hold the same.
 */
export function columnsSql(major: number): string {
  const graph = major >= 14 ? 'c.graph_type' : 'NULL';
  return `SELECT c.object_id AS id, c.name AS name,
       CASE WHEN u.is_assembly_type = 1 AND u.is_user_defined = 1 THEN N'clr' ELSE COALESCE(b.name, u.name) END AS type,
       c.max_length AS length, c.precision AS [precision], c.scale AS scale,
       CASE WHEN c.encryption_type IS NULL THEN 0 ELSE 1 END AS encrypted
  FROM sys.columns AS c
  JOIN sys.tables AS t ON t.object_id = c.object_id
  JOIN sys.types AS u ON u.user_type_id = c.user_type_id
  LEFT JOIN sys.types AS b ON b.user_type_id = c.system_type_id
  LEFT JOIN sys.computed_columns AS f ON f.object_id = c.object_id AND f.column_id = c.column_id
 WHERE c.is_column_set = 0 AND (f.is_persisted IS NULL OR f.is_persisted = 1 OR ${graph} IN (2, 5, 8))
   AND (${graph} IS NULL OR ${graph} IN (2, 5, 8))
 ORDER BY c.object_id, c.column_id`;
}

async function columnsOf(connection: SqlServerConnection): Promise<Map<string, ListedColumn[]>> {
  const columns = new Map<string, ListedColumn[]>();
  await connection.stream(columnsSql(connection.major), (row) => {
    const own = columns.get(row['id'] ?? '') ?? [];
    columns.set(row['id'] ?? '', own);
    own.push({
      name: row['name'] ?? '',
      type: row['type'] ?? '',
      maxLength: Number(row['length']),
      precision: Number(row['precision']),
      scale: Number(row['scale']),
      encrypted: row['encrypted'] === '1',
    });
  });
  return columns;
}

function sorted(
  table: string,
  columns: ListedColumn[],
): { comparable: SqlServerColumn[]; notCompared: NotCompared[] } {
  const comparable: SqlServerColumn[] = [];
  const notCompared: NotCompared[] = [];
  for (const { encrypted, ...column } of columns) {
    const object = `${table}.${quoteName(column.name)}`;
    const known = formOf(column) !== undefined;
    const reason = encrypted
      ? 'an Always Encrypted column: only who has its key can read it, and no function of the server takes it'
      : known
        ? IMPRECISE[column.type]
        : `of type ${column.type}, which Lights Out does not know`;
    if (reason !== undefined) notCompared.push({ object, reason });
    if (!encrypted && known) comparable.push(column);
  }
  return { comparable, notCompared };
}
