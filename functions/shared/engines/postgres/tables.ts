import type pg from 'pg';
import type { NotCompared, TableManifest } from '../manifest.ts';
import { quoteIdentifier } from './connection.ts';

export interface TableList {
  compared: { schema: string; name: string }[];
  notCompared: NotCompared[];
}

/** Tables with rows of their own: ordinary tables, leaves of partitioned ones, materialised views; and those that cannot be compared. */
export async function listTables(client: pg.Client): Promise<TableList> {
  const result = await client.query<{
    schema: string;
    name: string;
    kind: string;
    persistence: string;
    populated: boolean;
  }>(
    `SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.relpersistence AS persistence, c.relispopulated AS populated
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm', 'f')
        AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        AND n.nspname !~ '^pg_(toast_)?temp_'
      ORDER BY c.relpages DESC, n.nspname, c.relname`,
  );
  const list: TableList = { compared: [], notCompared: [] };
  for (const row of result.rows) {
    const reason = whyNot(row);
    if (reason === undefined) list.compared.push({ schema: row.schema, name: row.name });
    else list.notCompared.push({ object: tableName(row), reason });
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

/** SQLSTATE undefined_function: a column's type has no binary output. */
const NO_BINARY_FORM = '42883';

/**
 * Row count and digest of one table. Each row's binary form is hashed to 64 bits inside the database and the hashes are
 * added up without overflow: the order of rows does not matter, a duplicate row counts twice, and a changed row goes
 * unseen with a chance of 2^-64. Runs in the caller's transaction, inside a savepoint.
 */
export async function digestTable(
  client: pg.Client,
  table: { schema: string; name: string },
): Promise<TableManifest> {
  const name = tableName(table);
  await client.query('SAVEPOINT digest');
  try {
    const binary = await digest(client, name, 'record_send(t.*)', 'hashbyteaextended');
    return { name, ...binary, method: 'binary' };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === NO_BINARY_FORM)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT digest');
    const text = await digest(client, name, '(t.*)::text', 'hashtextextended');
    return { name, ...text, method: 'text' };
  }
}

async function digest(
  client: pg.Client,
  table: string,
  form: string,
  hash: string,
): Promise<{ rows: number; digest: string }> {
  const result = await client.query<{ rows: string; digest: string | null }>(
    `SELECT count(*)::text AS rows, sum(${hash}(${form}, 0))::text AS digest FROM ONLY ${table} AS t`,
  );
  const row = result.rows[0];
  return { rows: Number(row?.rows ?? 0), digest: row?.digest ?? '0' };
}

/** SQLSTATE insufficient_privilege. */
const FORBIDDEN = '42501';

/** Large objects as one more "table"; those the user may not read are named. */
export async function digestLargeObjects(
  client: pg.Client,
): Promise<{ table?: TableManifest; notCompared?: NotCompared }> {
  const count = await client.query<{ objects: number }>(
    'SELECT count(*)::int AS objects FROM pg_largeobject_metadata',
  );
  if ((count.rows[0]?.objects ?? 0) === 0) return {};
  await client.query('SAVEPOINT large_objects');
  try {
    const result = await client.query<{ rows: string; digest: string }>(
      `SELECT count(*)::text AS rows, sum(hashbyteaextended(int8send(oid::bigint) || lo_get(oid), 0))::text AS digest FROM pg_largeobject_metadata`,
    );
    const row = result.rows[0];
    return {
      table: {
        name: 'large objects',
        rows: Number(row?.rows ?? 0),
        digest: row?.digest ?? '0',
        method: 'binary',
      },
    };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === FORBIDDEN)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT large_objects');
    return {
      notCompared: {
        object: 'large objects',
        reason: 'the user may not read them: GRANT SELECT ON LARGE OBJECT … to it',
      },
    };
  }
}
