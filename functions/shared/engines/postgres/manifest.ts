import type pg from 'pg';
import { ErrorName, LightsOutError, messageOf } from '../../contract/errors.ts';
import type { DatabaseManifest, Manifest, ServerIdentity } from '../manifest.ts';
import { schemaFingerprint } from './schema.ts';
import { digestLargeObjects, digestTable, listTables, tableName } from './tables.ts';

export interface ManifestOptions {
  address: string;
  port: number;
  /** Makes a read-only connection to one database of the server. */
  connect(database: string): Promise<pg.Client>;
  /** Default: every database that accepts connections. */
  databases?: string[] | undefined;
  /** What an earlier call got done: those databases and tables are not read again. */
  resume?: Manifest | undefined;
  /** Stop between two tables when this time (milliseconds since the epoch) has passed. Default: never. */
  stopAt?: number;
  /** Called after each table. */
  onTable?(done: { database: string; table: string; rows: number }): void;
}

export interface ManifestProgress {
  manifest: Manifest;
  /** False when `stopAt` came first: call again with `resume`. */
  complete: boolean;
}

/**
 * Records what a PostgreSQL server's databases contain, each in one read-only REPEATABLE READ transaction, so that all of
 * its tables are read as of one moment.
 *
 * @throws LightsOutError `VerificationImpossible` when a database is missing, may not be read, or nothing at all was compared.
 */
export async function recordManifest(options: ManifestOptions): Promise<ManifestProgress> {
  const { names, server, engineVersion } = await lookAtServer(options);
  const manifest: Manifest = options.resume ?? {
    engine: 'postgres',
    engineVersion,
    server,
    recordedAt: new Date().toISOString(),
    databases: [],
  };
  for (const name of names) {
    const complete = await recordDatabase(options, name, manifest);
    if (!complete) return { manifest, complete: false };
  }
  for (const database of manifest.databases) {
    if (database.tables.length === 0 && options.databases !== undefined) {
      throw new LightsOutError(
        ErrorName.VerificationImpossible,
        `database "${database.name}": nothing in it could be compared; expected at least one table: check database.databases`,
      );
    }
  }
  if (manifest.databases.every((database) => database.tables.length === 0)) {
    throw new LightsOutError(
      ErrorName.VerificationImpossible,
      `server ${options.address}:${options.port}: no database holds a table that could be compared; expected the CRM's database: check database.identifier and database.databases`,
    );
  }
  return { manifest, complete: true };
}

async function lookAtServer(
  options: ManifestOptions,
): Promise<{ names: string[]; server: ServerIdentity; engineVersion: string }> {
  const client = await options.connect(options.databases?.[0] ?? 'postgres');
  try {
    const { rows } = await client.query<{ started: Date; version: string }>(
      `SELECT pg_postmaster_start_time() AS started, current_setting('server_version') AS version`,
    );
    const found = await client.query<{ name: string }>(
      `SELECT datname AS name FROM pg_database WHERE datallowconn AND NOT datistemplate AND datname <> 'rdsadmin' ORDER BY 1`,
    );
    const existing = found.rows.map((row) => row.name);
    const missing = (options.databases ?? []).filter((name) => !existing.includes(name));
    if (missing.length > 0) {
      throw new LightsOutError(
        ErrorName.VerificationImpossible,
        `server ${options.address}:${options.port} has no database ${missing.map((name) => `"${name}"`).join(', ')}; it has: ${existing.join(', ')}`,
      );
    }
    const identifier = await systemIdentifier(client);
    return {
      names: options.databases ?? existing,
      engineVersion: rows[0]?.version ?? 'unknown',
      server: {
        address: options.address,
        port: options.port,
        startedAt: rows[0]?.started.toISOString() ?? 'unknown',
        ...(identifier === undefined ? {} : { systemIdentifier: identifier }),
      },
    };
  } finally {
    await client.end();
  }
}

async function systemIdentifier(client: pg.Client): Promise<string | undefined> {
  const allowed = await client.query<{ allowed: boolean }>(
    `SELECT has_function_privilege('pg_control_system()', 'EXECUTE') AS allowed`,
  );
  if (allowed.rows[0]?.allowed !== true) return undefined;
  const result = await client.query<{ id: string }>(
    'SELECT system_identifier::text AS id FROM pg_control_system()',
  );
  return result.rows[0]?.id;
}

/** Adds one database, or goes on with it. @returns false when the time was up before it was complete. */
async function recordDatabase(options: ManifestOptions, name: string, manifest: Manifest): Promise<boolean> {
  const client = await options.connect(name);
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    let database: DatabaseManifest | undefined = manifest.databases.find((entry) => entry.name === name);
    const tables = await listTables(client);
    if (database === undefined) {
      const largeObjects = await digestLargeObjects(client);
      database = {
        name,
        schema: await schemaFingerprint(client),
        tables: largeObjects.table === undefined ? [] : [largeObjects.table],
        notCompared: [
          ...tables.notCompared,
          ...(largeObjects.notCompared === undefined ? [] : [largeObjects.notCompared]),
        ],
      };
      manifest.databases.push(database);
    }
    const done = new Set(database.tables.map((table) => table.name));
    for (const table of tables.compared) {
      if (done.has(tableName(table))) continue;
      if (options.stopAt !== undefined && Date.now() >= options.stopAt) return false;
      const recorded = await digestTable(client, table);
      database.tables.push(recorded);
      options.onTable?.({ database: name, table: recorded.name, rows: recorded.rows });
    }
    await client.query('COMMIT');
    return true;
  } catch (error) {
    throw readError(error, name, options);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** SQLSTATE insufficient_privilege. */
const FORBIDDEN = '42501';

function readError(error: unknown, database: string, options: ManifestOptions): unknown {
  if (error instanceof LightsOutError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const remedy =
    code === FORBIDDEN
      ? 'the user may not read everything: run "GRANT pg_read_all_data TO <user>" in the database'
      : 'see the message; the run can be started again';
  return new LightsOutError(
    ErrorName.VerificationImpossible,
    `database "${database}" at ${options.address}:${options.port} could not be read to the end (${code}: ${messageOf(error)}); ${remedy}`,
    { cause: error },
  );
}
