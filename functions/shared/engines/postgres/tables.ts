import type pg from 'pg';
import type { NotCompared, TableManifest } from '../manifest.ts';
import { quoteIdentifier } from './connection.ts';

/** A table with rows of its own. */
export interface ListedTable {
  /** How the manifest names it. */
  name: string;
  /** How SQL names it. */
  sql: string;
  method: TableManifest['method'];
  /** What lies on the disk, out-of-line values included. */
  bytes: number;
  /** Blocks of the table proper; undefined where it cannot be read block by block. */
  blocks?: number;
}

export interface TableList {
  compared: ListedTable[];
  notCompared: NotCompared[];
}

/** Objects with a smaller number came with PostgreSQL and have it on every server. */
const FIRST_NORMAL_OID = 16384;

/** Since PostgreSQL 14 a range of row addresses is read without the rest of the table. */
const TID_RANGE_SCAN_VERSION = 140000;

/**
 * True for a column whose binary form is the same on every server: a built-in type with a binary form that holds no number of
 * another object. Anything else is compared by its text.
 */
const HAS_PORTABLE_BINARY_FORM = `
  coalesce(e.oid, t.oid) < ${FIRST_NORMAL_OID} AND coalesce(e.typsend, t.typsend) <> 0 AND coalesce(e.typtype, t.typtype) IN ('b', 'r', 'm')
  AND coalesce(e.typname, t.typname) !~ '^reg'`;

/**
 * Tables with rows of their own, largest first: ordinary tables, leaves of partitioned ones, materialised views, and the large
 * objects where there are any; and those that cannot be compared.
 */
export async function listTables(client: pg.Client): Promise<TableList> {
  const result = await client.query<{
    schema: string;
    name: string;
    kind: string;
    persistence: string;
    populated: boolean;
    binary: boolean;
    chunkable: boolean;
    bytes: string;
    blocks: string;
  }>(
    `SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.relpersistence AS persistence, c.relispopulated AS populated,
            a.amname = 'heap' AND current_setting('server_version_num')::int >= ${TID_RANGE_SCAN_VERSION} AS chunkable,
            coalesce(pg_table_size(c.oid), 0) AS bytes,
            coalesce(pg_relation_size(c.oid), 0) / current_setting('block_size')::int AS blocks,
            NOT EXISTS (
              SELECT FROM pg_attribute col
                JOIN pg_type t ON t.oid = col.atttypid
                LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
               WHERE col.attrelid = c.oid AND col.attnum > 0 AND NOT col.attisdropped AND NOT (${HAS_PORTABLE_BINARY_FORM})) AS binary
       FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_am a ON a.oid = c.relam
      WHERE c.relkind IN ('r', 'm', 'f')
        AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        AND n.nspname !~ '^pg_(toast_)?temp_'
         OR (c.oid = 'pg_largeobject'::regclass AND EXISTS (SELECT FROM pg_largeobject_metadata))
      ORDER BY bytes DESC, n.nspname, c.relname`,
  );
  const list: TableList = { compared: [], notCompared: [] };
  for (const row of result.rows) {
    const sql = tableName(row);
    const reason = whyNot(row);
    if (reason !== undefined) {
      list.notCompared.push({ object: sql, reason });
      continue;
    }
    list.compared.push({
      name: sql === '"pg_catalog"."pg_largeobject"' ? 'large objects (their pages)' : sql,
      sql,
      method: row.binary ? 'binary' : 'text',
      bytes: Number(row.bytes),
      ...(row.chunkable ? { blocks: Number(row.blocks) } : {}),
    });
  }
  return list;
}

function whyNot(row: { kind: string; persistence: string; populated: boolean }): string | undefined {
  if (row.kind === 'f') return 'a foreign table: its rows lie on another server';
  if (row.persistence === 'u') return 'an unlogged table: a snapshot may bring it back empty';
  if (row.kind === 'm' && !row.populated) return 'a materialised view that holds no data';
  return undefined;
}

export function tableName(table: { schema: string; name: string }): string {
  return `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
}
