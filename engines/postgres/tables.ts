import type pg from 'pg';
import type { NotCompared } from '../manifest.ts';
import { quoteIdentifier } from './connection.ts';
import { type Column, rowHash } from './row-hash.ts';

/** A table with rows of its own. */
export interface ListedTable {
  /** How the manifest names it. */
  name: string;
  /** How SQL names it. */
  sql: string;
  /** Expression for 64 bits of row `t`. */
  hash: string;
  /** The same for each column by itself. */
  columnHashes(): { name: string; hash: string }[];
  /** Size on the disk, out-of-line values included. */
  bytes: number;
  /** Blocks of the table proper. Undefined where it cannot be read block by block. */
  blocks?: number;
}

export interface TableList {
  compared: ListedTable[];
  notCompared: NotCompared[];
}

/** Objects with a smaller number came with PostgreSQL and have it on every server. */
const FIRST_NORMAL_OID = 16384;

/** Since PostgreSQL 14 a server reads a range of row addresses without the rest of the table. */
const TID_RANGE_SCAN_VERSION = 140000;

/**
 * True for a type whose binary form is the same on every server. Such a type came with PostgreSQL, has a binary form, and holds no
 * number of another object. Arrays are hashed by their text, as {@link rowHash} says.
 */
const HAS_PORTABLE_BINARY_FORM = `
  t.oid < ${FIRST_NORMAL_OID} AND t.typsend <> 0 AND t.typtype IN ('b', 'r', 'm') AND t.typcategory <> 'A' AND t.typname !~ '^reg'`;

/** Columns of every table, in their order, by the table's number. Dropped columns are left out. */
async function listColumns(client: pg.Client): Promise<Map<string, Column[]>> {
  const { rows } = await client.query<Column & { table: string }>(
    // A domain may be made of another domain.
    `WITH RECURSIVE step (domain, base) AS (
       SELECT oid, typbasetype FROM pg_type WHERE typtype = 'd'
       UNION ALL
       SELECT step.domain, t.typbasetype FROM step JOIN pg_type t ON t.oid = step.base AND t.typtype = 'd'
     ), made_of AS (
       SELECT step.domain, step.base FROM step JOIN pg_type t ON t.oid = step.base AND t.typtype <> 'd'
     )
     SELECT col.attrelid::bigint::text AS table, col.attname AS name, t.typname AS type,
            CASE WHEN made_of.domain IS NOT NULL THEN format_type(t.oid, -1) END AS cast,
            t.oid < ${FIRST_NORMAL_OID} AS "builtIn",
            CASE WHEN ${HAS_PORTABLE_BINARY_FORM} THEN t.typsend::regproc::text END AS send,
            t.typoutput::regproc::text AS output, t.typlen > 0 AS "fixedSize"
       FROM pg_attribute col
       JOIN pg_class c ON c.oid = col.attrelid
       LEFT JOIN made_of ON made_of.domain = col.atttypid
       JOIN pg_type t ON t.oid = coalesce(made_of.base, col.atttypid)
      WHERE col.attnum > 0 AND NOT col.attisdropped AND c.relkind IN ('r', 'm') AND (c.oid >= ${FIRST_NORMAL_OID} OR c.oid = 'pg_largeobject'::regclass)
        AND col.attgenerated <> 'v'
      ORDER BY col.attrelid, col.attnum`,
  );
  const columns = new Map<string, Column[]>();
  for (const { table, ...column } of rows) {
    const own = columns.get(table);
    if (own === undefined) columns.set(table, [column]);
    else own.push(column);
  }
  return columns;
}

/**
 * Tables with rows of their own, largest first, and those that cannot be compared. Listed are ordinary tables, leaves of partitioned
 * ones, materialised views, and the large objects where there are any.
 */
export async function listTables(client: pg.Client): Promise<TableList> {
  const result = await client.query<{
    schema: string;
    name: string;
    kind: string;
    persistence: string;
    populated: boolean;
    oid: string;
    chunkable: boolean;
    version: number;
    bytes: string;
    blocks: string;
  }>(
    `SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.relpersistence AS persistence, c.relispopulated AS populated,
            a.amname = 'heap' AND current_setting('server_version_num')::int >= ${TID_RANGE_SCAN_VERSION} AS chunkable,
            current_setting('server_version_num')::int AS version,
            coalesce(pg_table_size(c.oid), 0) AS bytes,
            coalesce(pg_relation_size(c.oid), 0) / current_setting('block_size')::int AS blocks,
            c.oid::bigint::text AS oid
       FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_am a ON a.oid = c.relam
      WHERE c.relkind IN ('r', 'm', 'f')
        AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        AND n.nspname !~ '^pg_(toast_)?temp_'
         OR (c.oid = 'pg_largeobject'::regclass AND EXISTS (SELECT FROM pg_largeobject_metadata))
      ORDER BY bytes DESC, n.nspname, c.relname`,
  );
  const columns = await listColumns(client);
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
      hash: rowHash(columns.get(row.oid) ?? [], row.version),
      columnHashes: () =>
        (columns.get(row.oid) ?? []).map((column) => ({
          name: column.name,
          hash: rowHash([column], row.version),
        })),
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
