import type pg from 'pg';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { DatabaseManifest, Manifest, ServerIdentity } from '../manifest.ts';
import { addResults, digestUnit, planUnits, type Unit, weightOf } from './digest.ts';
import { causeOf, codeOf, describePostgresError, isConnectionProblem } from './errors.ts';
import { schemaFingerprint } from './schema.ts';
import { readSequences } from './sequences.ts';
import { listTables } from './tables.ts';

export interface ManifestOptions {
  address: string;
  port: number;
  /** Makes a read-only connection to one database of the server. */
  connect(database: string): Promise<pg.Client>;
  /** Default: every database that accepts connections. */
  databases?: string[] | undefined;
  /** True for a copy: what it lacks is for the comparison to say, so nothing found is no error. Default false. */
  copy?: boolean;
  /** What an earlier call got done: those databases, tables and parts are not read again. */
  resume?: Manifest | undefined;
  /** Begin no other statement when this time (milliseconds since the epoch) has passed; at least one is run. Default: never. */
  stopAt?: number;
  /** Stops between two statements. */
  signal?: AbortSignal;
  /** How much of a table one statement reads, in bytes. Default 64 MiB, more for a table of terabytes. */
  partBytes?: number;
  /** Called with the server's identity before anything is read of it; throws when it is the wrong one. */
  onServer?(server: ServerIdentity): void;
  /** Called after each statement, with what it read: rows, and its share of the database's size. */
  onProgress?(read: { rows: number; share: number }): void;
}

export interface ManifestProgress {
  manifest: Manifest;
  /** False when `stopAt` came first: call again with `resume`. */
  complete: boolean;
}

/**
 * Connections that read at the same time, one statement each. A restored volume is loaded from S3 at the first touch of
 * each block, so several waits side by side are shorter than one after the other.
 */
const CONNECTIONS = 4;

/** Tries of one database when connections break in between; what was read before is not read again. */
const TRIES = 3;

/**
 * Records what a PostgreSQL server's databases contain. All tables of a database are read as of one moment: the transactions of
 * all connections take the snapshot that one of them exports
 * (https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION).
 *
 * @throws LightsOutError `VerificationImpossible` when a database is missing, may not be read, or nothing at all was compared.
 */
export async function recordManifest(options: ManifestOptions): Promise<ManifestProgress> {
  const { names, server, engineVersion } = await lookAtServer(options);
  options.onServer?.(server);
  const manifest: Manifest = options.resume ?? {
    engine: 'postgres',
    engineVersion,
    server,
    recordedAt: new Date(Date.now()).toISOString(),
    databases: [],
  };
  manifest.incomplete = true;
  const progress: Counter = { units: 0, weight: 0 };
  for (const name of names) {
    const complete = await recordPatiently(options, name, manifest, progress);
    if (!complete) return { manifest, complete: false };
  }
  delete manifest.incomplete;
  if (options.copy !== true) requireSomething(manifest, options);
  return { manifest, complete: true };
}

/** A comparison of nothing with nothing would be equal. */
function requireSomething(manifest: Manifest, options: ManifestOptions): void {
  const empty = manifest.databases.filter((database) => database.tables.length === 0);
  const where = `${options.address}:${options.port}`;
  if (options.databases !== undefined && empty.length > 0) {
    throw new LightsOutError(
      ErrorName.VerificationImpossible,
      `database ${empty.map((database) => `"${database.name}"`).join(', ')} at ${where}: nothing in it could be compared; expected at least one table: check database.databases`,
    );
  }
  if (empty.length === manifest.databases.length) {
    throw new LightsOutError(
      ErrorName.VerificationImpossible,
      `server ${where}: no database holds a table that could be compared; expected the CRM's database: check database.identifier and database.databases`,
    );
  }
}

async function lookAtServer(
  options: ManifestOptions,
): Promise<{ names: string[]; server: ServerIdentity; engineVersion: string }> {
  const client = await options.connect(options.databases?.[0] ?? 'postgres');
  try {
    const { rows } = await client.query<{
      started: string;
      version: string;
      position: string;
      existing: string[];
    }>(
      `SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text AS position,
               to_char(pg_postmaster_start_time() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS started,
              current_setting('server_version') AS version,
              array(SELECT datname::text FROM pg_database WHERE datallowconn AND NOT datistemplate AND datname <> 'rdsadmin' ORDER BY 1) AS existing`,
    );
    const { started = 'unknown', version = 'unknown', position, existing = [] } = rows[0] ?? {};
    const missing = (options.databases ?? []).filter((name) => !existing.includes(name));
    if (missing.length > 0 && options.copy !== true) {
      throw new LightsOutError(
        ErrorName.VerificationImpossible,
        `server ${options.address}:${options.port} has no database ${missing.map((name) => `"${name}"`).join(', ')}; it has: ${existing.join(', ')}`,
      );
    }
    const identifier = await systemIdentifier(client);
    return {
      names: options.databases?.filter((name) => existing.includes(name)) ?? existing,
      engineVersion: version,
      server: {
        address: options.address,
        port: options.port,
        startedAt: started,
        ...(position === undefined ? {} : { writePosition: position }),
        ...(identifier === undefined ? {} : { systemIdentifier: identifier }),
      },
    };
  } catch (error) {
    throw readError(error, 'postgres', options);
  } finally {
    await close(client);
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

/** Units that this call has begun, over all databases: one at least, so that every call gets further. */
interface Counter {
  units: number;
  /** Of all that the database holds, as {@link weightOf} says. */
  weight: number;
}

async function recordPatiently(
  options: ManifestOptions,
  name: string,
  manifest: Manifest,
  progress: Counter,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await recordDatabase(options, name, manifest, progress);
    } catch (error) {
      if (attempt < TRIES && isConnectionProblem(error)) continue;
      throw readError(error, name, options);
    }
  }
}

/** Adds one database, or goes on with it. @returns false when the time was up before it was complete. */
async function recordDatabase(
  options: ManifestOptions,
  name: string,
  manifest: Manifest,
  progress: Counter,
): Promise<boolean> {
  const holder = await options.connect(name);
  try {
    const sequences = await readSequences(holder);
    await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const tables = await listTables(holder);
    let database = manifest.databases.find((entry) => entry.name === name);
    if (database === undefined) {
      database = {
        name,
        schema: await schemaFingerprint(holder),
        sequences: sequences.sequences,
        tables: [],
        notCompared: [...tables.notCompared, ...sequences.notCompared],
      };
      manifest.databases.push(database);
    }
    const units = planUnits(tables.compared, database, { partBytes: options.partBytes });
    progress.weight = weightOf(tables.compared.map((table) => ({ table })));
    const complete = await readUnits(options, holder, database, units, progress);
    await holder.query('COMMIT');
    return complete;
  } finally {
    await close(holder);
  }
}

/** Reads the units on several connections, each statement in a short transaction of its own, so that few locks are held. */
async function readUnits(
  options: ManifestOptions,
  holder: pg.Client,
  database: DatabaseManifest,
  units: Unit[],
  progress: Counter,
): Promise<boolean> {
  if (units.length === 0) return true;
  const begin = await beginInSnapshot(holder);
  const left = [...units];
  let failed = false;
  const work = async (): Promise<void> => {
    const client = await options.connect(database.name);
    try {
      while (!failed) {
        options.signal?.throwIfAborted();
        const late = options.stopAt !== undefined && Date.now() >= options.stopAt;
        if (late && progress.units > 0) return;
        const unit = left.shift();
        if (unit === undefined) return;
        progress.units += 1;
        try {
          const rows = await readUnit(client, begin, database, unit);
          options.onProgress?.({ rows, share: weightOf(unit) / progress.weight });
        } catch (error) {
          left.push(unit);
          throw error;
        }
      }
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      await close(client);
    }
  };
  const workers = Array.from({ length: Math.min(CONNECTIONS, units.length) }, work);
  for (const outcome of await Promise.allSettled(workers)) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
  return left.length === 0;
}

/** The statements that put another connection's transaction into the holder's snapshot. */
async function beginInSnapshot(holder: pg.Client): Promise<string> {
  const { rows } = await holder.query<{ snapshot: string; encoding: string }>(
    `SELECT pg_export_snapshot() AS snapshot, current_setting('server_encoding') AS encoding`,
  );
  // A database without an encoding may hold any bytes; only without a conversion can all of them be read.
  const raw = rows[0]?.encoding === 'SQL_ASCII' ? "; SET LOCAL client_encoding = 'SQL_ASCII'" : '';
  return `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '${rows[0]?.snapshot ?? ''}'${raw}`;
}

async function readUnit(
  client: pg.Client,
  begin: string,
  database: DatabaseManifest,
  unit: Unit,
): Promise<number> {
  await client.query(begin);
  const results = await digestUnit(client, unit).catch(async (error: unknown) => {
    if (isConnectionProblem(error)) throw error;
    await client.query('ROLLBACK');
    const [first, ...others] = unit;
    if (first === undefined || others.length === 0) throw new UnreadableTable(first?.table.name ?? '', error);
    return undefined;
  });
  if (results === undefined) {
    // Which of the tables was it? One at a time, so that the error can name it.
    let rows = 0;
    for (const piece of unit) rows += await readUnit(client, begin, database, [piece]);
    return rows;
  }
  await client.query('COMMIT');
  addResults(database, unit, results);
  return results.reduce((sum, result) => sum + result.rows, 0);
}

/** Which table it was that could not be read. */
class UnreadableTable extends Error {
  constructor(table: string, cause: unknown) {
    super(table, { cause });
  }
}

/** The answers are in; a connection that breaks while it is closed changes nothing. */
async function close(client: pg.Client): Promise<void> {
  await client.end().catch(() => undefined);
}

/** SQLSTATEs insufficient_privilege, query_canceled. */
const FORBIDDEN = '42501';
const CANCELLED = '57014';

function readError(thrown: unknown, database: string, options: ManifestOptions): unknown {
  if (thrown instanceof LightsOutError || options.signal?.aborted === true) return thrown;
  const error = thrown instanceof UnreadableTable ? thrown.cause : thrown;
  const table = thrown instanceof UnreadableTable ? `, table ${thrown.message},` : '';
  return new LightsOutError(
    ErrorName.VerificationImpossible,
    `database "${database}"${table} at ${options.address}:${options.port} could not be read to the end (${describePostgresError(error)}); ${remedyFor(error)}`,
    causeOf(error),
  );
}

function remedyFor(error: unknown): string {
  const text = describePostgresError(error);
  if (codeOf(error) === FORBIDDEN && text.includes('row-level security'))
    return 'expected a user who sees every row: give it BYPASSRLS, or take the tables’ owner';
  if (codeOf(error) === FORBIDDEN)
    return 'expected a user who may read everything: run "GRANT pg_read_all_data TO <user>" in the database';
  if (codeOf(error) === CANCELLED)
    return 'a statement took longer than it may: choose a larger database.testInstance.instanceClass, or start the run again';
  return 'see the message; the run can be started again';
}
