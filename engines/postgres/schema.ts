import type pg from 'pg';
import { hidden } from '../hidden.ts';
import type { NotCompared } from '../manifest.ts';
import { codeKinds } from './definitions/code.ts';
import { databaseKinds } from './definitions/database.ts';
import { outsideKinds } from './definitions/outside.ts';
import { relationKinds } from './definitions/relations.ts';
import type { Catalog, Kind } from './definitions/sql.ts';
import { typeKinds } from './definitions/types.ts';

/** Facts of the server, and what the user may see of it. */
async function catalogOf(client: pg.Client): Promise<Catalog & { mappings: number; subscriptions: number }> {
  const { rows } = await client.query<Catalog & { mappings: number; subscriptions: number }>(
    `SELECT current_setting('server_version_num')::int AS version,
            has_column_privilege('pg_subscription', 'subconninfo', 'SELECT') AS "seesConnections",
            has_table_privilege('pg_user_mapping', 'SELECT') AS "seesMappings",
            (SELECT count(*)::int FROM pg_user_mappings) AS mappings, (SELECT count(*)::int FROM pg_stat_subscription) AS subscriptions`,
  );
  const catalog = rows[0];
  if (catalog === undefined) throw new Error('the server did not say its version');
  return catalog;
}

/** Parts of definitions that the user may not see. */
export async function unseenDefinitions(client: pg.Client): Promise<NotCompared[]> {
  const { seesConnections, seesMappings, mappings, subscriptions } = await catalogOf(client);
  const reason = 'the user may not read them: GRANT pg_read_all_data TO it';
  return [
    ...(seesMappings || mappings === 0 ? [] : [{ object: 'user mappings (their options)', reason }]),
    ...(seesConnections || subscriptions === 0
      ? []
      : [{ object: 'subscriptions (their connection strings)', reason }]),
  ];
}

/**
 * One query for each kind of object. It gives the name of each object and everything that defines it, as text. OIDs are left out, since
 * another server gives other ones. PostgreSQL itself prints the definition that is hashed, so no rule of the language is written again
 * here.
 */
async function kindsOf(client: pg.Client): Promise<Kind[]> {
  const catalog = await catalogOf(client);
  return [databaseKinds, relationKinds, typeKinds, codeKinds, outsideKinds].flatMap((kinds) =>
    kinds(catalog),
  );
}

/** Hexadecimal digits of SHA-256 that are kept: 128 bits. */
const HASH_DIGITS = 32;

/** Fingerprint of a database's schema: every object by `kind name` with a hash of its definition. It runs in the caller's transaction. */
export async function schemaFingerprint(client: pg.Client): Promise<Record<string, string>> {
  const fingerprint: Record<string, string> = {};
  const read = async (kind: string, sql: string, parameters: unknown[] = []): Promise<void> => {
    const { rows } = await client.query<{ name: string; hash: string }>(
      // textsend leaves the bytes of a database without an encoding as they are, unlike convert_to.
      `SELECT name, left(encode(sha256(textsend(string_agg(definition, E'\\n' ORDER BY definition COLLATE "C"))), 'hex'), ${HASH_DIGITS}) AS hash
         FROM (${sql}) AS objects GROUP BY name ORDER BY name COLLATE "C"`,
      parameters,
    );
    for (const { name, hash } of rows) fingerprint[`${kind} ${name}`] = hash;
  };
  for (const { kind, sql, batches } of await kindsOf(client)) {
    if (batches === undefined) {
      await read(kind, sql);
      continue;
    }
    const { rows } = await client.query<{ number: string }>(batches.numbers);
    for (let first = 0; first < rows.length; first += A_BATCH) {
      const numbers = rows.slice(first, first + A_BATCH).map(({ number }) => number);
      // The way back to this savepoint releases the locks that were taken since.
      await client.query('SAVEPOINT definitions');
      await read(kind, batches.sql, [numbers]);
      await client.query('ROLLBACK TO SAVEPOINT definitions; RELEASE SAVEPOINT definitions');
    }
  }
  return fingerprint;
}

/** Objects whose definitions are asked for together. Each may lock dozens of tables, and a server has room for some thousand locks. */
const A_BATCH = 100;

/** One object's definition, as lines of `fact: value`. */
export type Definitions = Map<string, string>;

/**
 * Reads the definitions of some objects, to show how two differ.
 *
 * @param objects as {@link schemaFingerprint} names them.
 */
export async function definitionsOf(client: pg.Client, objects: string[]): Promise<Definitions> {
  const definitions: Definitions = new Map();
  for (const { kind, sql, facts } of await kindsOf(client)) {
    const names = objects.filter((object) => object.startsWith(`${kind} `));
    if (names.length === 0) continue;
    const { rows } = await client.query<{ name: string; definition: string }>(
      `SELECT name, definition FROM (${sql}) AS objects WHERE name = ANY ($1) ORDER BY name, definition COLLATE "C"`,
      [names.map((object) => object.slice(kind.length + 1))],
    );
    for (const row of rows) {
      const object = `${kind} ${row.name}`;
      const before = definitions.get(object);
      const text = textOf(row.definition, facts);
      definitions.set(object, before === undefined ? text : `${before}${text}`);
    }
  }
  return definitions;
}

function textOf(definition: string, facts: string[]): string {
  const values: unknown = JSON.parse(definition);
  if (!Array.isArray(values)) throw new TypeError('a definition is a JSON array');
  return values
    .map((value: unknown, index) => {
      const fact = facts[index] ?? `fact ${index + 1}`;
      const shown = fact.endsWith('(hidden)') ? withoutValues(value) : value;
      return `${fact}: ${typeof shown === 'string' ? shown : JSON.stringify(shown)}\n`;
    })
    .join('');
}

/** `name=value` without its value. A text of another form is hidden as a whole. */
function withoutValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutValues);
  if (typeof value !== 'string') return value;
  const [, name = '', secret = value] = /^([^=']+=)(.*)$/s.exec(value) ?? [];
  return `${name}${hidden(secret)}`;
}
