import type pg from 'pg';
import { quoteIdentifier } from './connection.ts';
import { describePostgresError, isConnectionProblem } from './errors.ts';

export interface Amcheck {
  /** Schema of its functions, as SQL names it. */
  schema: string;
  /** Functions that the user may call, by the kind that each checks. */
  functions: Partial<Record<'heap' | 'btree' | 'gin', string>>;
  /** Why a function is missing, and the statements to run on the source so that the next copy has it. */
  missing?: string;
}

/** Schema of the extension on a copy that lacks it. A schema of its own touches nothing of the CRM's. */
const SCHEMA = 'lights_out_amcheck';

const FUNCTIONS = {
  heap: { name: 'verify_heapam', types: 'regclass, boolean, boolean, text, bigint, bigint' },
  btree: { name: 'bt_index_parent_check', types: 'regclass, boolean' },
  gin: { name: 'gin_index_check', types: 'regclass' },
};

/** Finds the extension `amcheck` in a database, or creates it where that is allowed. */
export async function prepareAmcheck(client: pg.Client, mayCreate: boolean): Promise<Amcheck> {
  let schema = await schemaOf(client);
  let refusal = 'the extension amcheck is not in this database';
  if (schema === undefined && mayCreate) {
    try {
      await create(client);
      schema = await schemaOf(client);
    } catch (error) {
      if (isConnectionProblem(error)) throw error;
      refusal = `the extension amcheck is not in this database and could not be created in the copy (${describePostgresError(error)})`;
    }
  }
  if (schema === undefined) return { schema: '', functions: {}, missing: `${refusal}; ${remedy(client)}` };
  return allowed(client, schema);
}

async function schemaOf(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ schema: string }>(
    `SELECT n.nspname AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'amcheck'`,
  );
  return rows[0] === undefined ? undefined : quoteIdentifier(rows[0].schema);
}

/** Creates the extension: nothing else is ever written to a copy. Connections read only unless a transaction says otherwise. */
async function create(client: pg.Client): Promise<void> {
  await client.query('BEGIN READ WRITE');
  try {
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`);
    await client.query(`CREATE EXTENSION IF NOT EXISTS amcheck SCHEMA ${SCHEMA}`);
    await client.query('COMMIT');
  } catch (error) {
    if (!isConnectionProblem(error)) await client.query('ROLLBACK');
    throw error;
  }
}

async function allowed(client: pg.Client, schema: string): Promise<Amcheck> {
  const amcheck: Amcheck = { schema, functions: {} };
  const forbidden: string[] = [];
  for (const kind of ['heap', 'btree', 'gin'] as const) {
    const { name, types } = FUNCTIONS[kind];
    const signature = `${schema}.${name}(${types.replaceAll(' ', '')})`;
    // This version may not have the function yet, and then no privilege is missing.
    const { rows } = await client.query<{ allowed: boolean | null }>(
      `SELECT has_schema_privilege($2, 'USAGE') AND has_function_privilege(f, 'EXECUTE') AS allowed FROM to_regprocedure($1) AS f WHERE f IS NOT NULL`,
      [signature, schema.slice(1, -1).replaceAll('""', '"')],
    );
    if (rows[0] === undefined) continue;
    if (rows[0].allowed === true) amcheck.functions[kind] = name;
    else forbidden.push(`${schema}.${name}(${types})`);
  }
  if (forbidden.length === 0) return amcheck;
  const grants = forbidden.map((each) => `GRANT EXECUTE ON FUNCTION ${each} TO ${userOf(client)};`);
  return {
    ...amcheck,
    missing: `the user may not call ${forbidden.join(', ')}; on the source, run: GRANT USAGE ON SCHEMA ${schema} TO ${userOf(client)}; ${grants.join(' ')}`,
  };
}

function remedy(client: pg.Client): string {
  const { heap, btree } = FUNCTIONS;
  const user = userOf(client);
  return `on the source, run as an administrator: CREATE EXTENSION amcheck; GRANT EXECUTE ON FUNCTION ${heap.name}(${heap.types}), ${btree.name}(${btree.types}) TO ${user};`;
}

const userOf = (client: pg.Client): string => quoteIdentifier(client.user ?? 'the user');
