import type pg from 'pg';

/** What was changed. */
export interface Changed {
  table: string;
  /** Takes it back. */
  undo(): Promise<void>;
}

/** Column types that can be changed by a small, valid amount, and how. */
const CHANGES: Record<string, (column: string) => string> = {
  text: (column) => `coalesce(${column}, '') || '.'`,
  'character varying': (column) => `overlay(coalesce(${column}, 'x') placing '~' from 1 for 1)`,
  integer: (column) => `coalesce(${column}, 0) + 1`,
  bigint: (column) => `coalesce(${column}, 0) + 1`,
  numeric: (column) => `coalesce(${column}, 0) + 0.01`,
};

/**
 * Changes one cell of one row of a table (default: the largest that has a column for it), past triggers and never in a key.
 * This is what a fault of the world does; no product code can.
 *
 * @param options.keyed - only of a table with a primary key. Default: of any.
 */
export async function changeOneCell(
  client: pg.Client,
  table?: string,
  { keyed = false }: { keyed?: boolean } = {},
): Promise<Changed> {
  const found = await client.query<{ table: string; column: string; type: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS table, quote_ident(a.attname) AS column, t.type
       FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = ''
      CROSS JOIN LATERAL (SELECT split_part(format_type(a.atttypid, NULL), '(', 1) AS type) t
      WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND t.type = ANY ($1)
        AND ($2::text IS NULL OR c.oid = to_regclass($2))
        AND (NOT $3::boolean OR EXISTS (SELECT FROM pg_constraint p WHERE p.conrelid = c.oid AND p.contype = 'p'))
        AND NOT EXISTS (SELECT FROM pg_constraint k WHERE (k.conrelid = c.oid AND a.attnum = ANY (k.conkey)) OR (k.confrelid = c.oid AND a.attnum = ANY (k.confkey)))
        AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND a.attnum = ANY (i.indkey))
      ORDER BY pg_relation_size(c.oid) DESC, a.attnum LIMIT 1`,
    [Object.keys(CHANGES), table ?? null, keyed],
  );
  const target = found.rows[0];
  const change = target === undefined ? undefined : CHANGES[target.type];
  if (target === undefined || change === undefined)
    throw new Error(`no column that could be changed in ${table ?? 'any table'}`);
  await client.query("SET session_replication_role = 'replica'");
  const row = `ctid = (SELECT ctid FROM ${target.table} LIMIT 1)`;
  const before = await client.query<{ value: string | null }>(
    `SELECT ${target.column}::text AS value FROM ${target.table} WHERE ${row}`,
  );
  const after = await client.query<{ place: string }>(
    `UPDATE ${target.table} SET ${target.column} = ${change(target.column)} WHERE ${row} RETURNING ctid::text AS place`,
  );
  return {
    table: target.table,
    undo: async () => {
      await client.query(
        `UPDATE ${target.table} SET ${target.column} = $1::text::${target.type} WHERE ctid = $2::tid`,
        [before.rows[0]?.value ?? null, after.rows[0]?.place],
      );
    },
  };
}
