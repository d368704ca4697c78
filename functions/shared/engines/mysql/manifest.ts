import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { DatabaseManifest, Manifest, PartialTable, PartManifest, ServerIdentity } from '../manifest.ts';
import type { MysqlConnection } from './connection.ts';
import { addParts, digestRows, rangeOf } from './digest.ts';
import { describeMysqlError, isMysqlConnectionProblem, mysqlRemedy } from './errors.ts';
import { mysqlFingerprint } from './schema.ts';
import { listMysqlTables, type MysqlTable } from './tables.ts';

export interface MysqlManifestOptions {
  address: string;
  port: number;
  /** Makes a read-only connection to the server. */
  connect(): Promise<MysqlConnection>;
  /** Default: every database that is not the server's own. */
  databases?: string[] | undefined;
  /** True for a copy: what it lacks is for the comparison to say. Default false. */
  copy?: boolean;
  /** What an earlier call got done. */
  resume?: Manifest | undefined;
  /** Begin no other statement when this time (milliseconds since the epoch) has passed; at least one is run. Default: never. */
  stopAt?: number;
  /** Stops between two statements. */
  signal?: AbortSignal;
  /** How much of a table one statement reads, in bytes. Default 256 MiB. */
  partBytes?: number;
  /** Called with the server's identity before anything is read of it; throws when it is the wrong one. */
  onServer?(server: ServerIdentity): void;
  /** Called after each statement, with what it read. */
  onProgress?(read: { rows: number; share: number }): void;
}

/** How much of a table one statement reads, in bytes; a table whose key is no whole number is read at once. */
const PART_BYTES = 256 * 1024 * 1024;

/** Connections that read at the same time. */
const CONNECTIONS = 4;

/** Tries of one database when connections break in between; what was read before is not read again. */
const TRIES = 3;

const SYSTEM_DATABASES = ['information_schema', 'mysql', 'performance_schema', 'sys', 'innodb', 'tmp'];

/**
 * Records what a MySQL or MariaDB server's databases contain. Each connection reads in a consistent snapshot of its own
 * (https://dev.mysql.com/doc/refman/8.4/en/innodb-consistent-read.html): snapshots cannot be shared between connections, so what is
 * read is of one moment only while nothing is written, which is when the workflow reads.
 *
 * @throws LightsOutError `VerificationImpossible` when a database is missing, may not be read, or nothing at all was compared.
 */
export async function recordMysqlManifest(
  options: MysqlManifestOptions,
): Promise<{ manifest: Manifest; complete: boolean }> {
  const { names, ...found } = await lookAtServer(options);
  options.onServer?.(found.server);
  const manifest: Manifest = options.resume ?? {
    ...found,
    recordedAt: new Date(Date.now()).toISOString(),
    databases: [],
  };
  manifest.incomplete = true;
  const progress = { statements: 0 };
  for (const name of names) {
    if (!(await recordPatiently(options, name, manifest, progress))) return { manifest, complete: false };
  }
  delete manifest.incomplete;
  if (options.copy !== true && !manifest.databases.some((database) => database.tables.length > 0))
    throw impossible(
      `server ${where(options)}: nothing in ${names.join(', ') || 'it'} could be compared; expected at least one table: check the names of the databases`,
    );
  return { manifest, complete: true };
}

function impossible(message: string, cause?: unknown): LightsOutError {
  return new LightsOutError(ErrorName.VerificationImpossible, message, cause === undefined ? {} : { cause });
}

const where = ({ address, port }: { address: string; port: number }): string => `${address}:${port}`;

async function lookAtServer(
  options: MysqlManifestOptions,
): Promise<Pick<Manifest, 'engine' | 'engineVersion' | 'server'> & { names: string[] }> {
  const connection = await options.connect();
  try {
    const rows = await connection.query(
      'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA ORDER BY 1',
    );
    const existing = rows.flatMap(({ name }) =>
      name === null || name === undefined || SYSTEM_DATABASES.includes(name.toLowerCase()) ? [] : [name],
    );
    const missing = (options.databases ?? []).filter((name) => !existing.includes(name));
    if (missing.length > 0 && options.copy !== true)
      throw impossible(
        `server ${where(options)} has no database ${missing.map((name) => `"${name}"`).join(', ')} that this user may see; it has: ${existing.join(', ')}`,
      );
    return {
      engine: connection.engine,
      engineVersion: connection.version,
      server: await identityOf(connection, options),
      names: options.databases?.filter((name) => existing.includes(name)) ?? existing,
    };
  } catch (error) {
    throw readError(error, '', options);
  } finally {
    await connection.close();
  }
}

/** Seconds that a server's start time may seem to move by, since its uptime is told in whole ones. */
const START_STEP_SECONDS = 5;

async function identityOf(
  connection: MysqlConnection,
  { address, port }: MysqlManifestOptions,
): Promise<ServerIdentity> {
  const variables = await connection.query(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid', 'server_uid', 'hostname', 'port', 'datadir', 'gtid_executed', 'gtid_current_pos')`,
  );
  const values = new Map(variables.map((row) => [row['Variable_name'] ?? '', row['Value'] ?? '']));
  const [status] = await connection.query("SHOW GLOBAL STATUS LIKE 'Uptime'");
  const [clock] = await connection.query('SELECT UNIX_TIMESTAMP() AS now');
  const started = Number(clock?.['now']) - Number(status?.['Value']);
  const rounded = Math.round(started / START_STEP_SECONDS) * START_STEP_SECONDS;
  const position = values.get('gtid_executed') ?? values.get('gtid_current_pos') ?? '';
  const instance = ['server_uuid', 'server_uid', 'hostname', 'port', 'datadir'].flatMap(
    (name) => values.get(name) ?? [],
  );
  return {
    address,
    port,
    instance: instance.join(' '),
    startedAt: new Date(rounded * 1000).toISOString(),
    ...(position === '' ? {} : { writePosition: position }),
  };
}

/** Statements that this call has begun: one at least, so that every call gets further. */
interface Counter {
  statements: number;
}

async function recordPatiently(
  options: MysqlManifestOptions,
  name: string,
  manifest: Manifest,
  progress: Counter,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await recordDatabase(options, name, manifest, progress);
    } catch (error) {
      if (attempt < TRIES && isMysqlConnectionProblem(error)) continue;
      throw readError(error, name, options);
    }
  }
}

async function recordDatabase(
  options: MysqlManifestOptions,
  name: string,
  manifest: Manifest,
  progress: Counter,
): Promise<boolean> {
  const connection = await options.connect();
  try {
    const tables = await listMysqlTables(connection, name);
    let database = manifest.databases.find((entry) => entry.name === name);
    if (database === undefined) {
      const schema = await mysqlFingerprint(connection, name);
      database = { name, schema, sequences: {}, tables: [], notCompared: tables.notCompared };
      manifest.databases.push(database);
    }
    const pieces = await planPieces(connection, tables.compared, database, options.partBytes ?? PART_BYTES);
    return await readPieces(options, database, pieces, progress);
  } finally {
    await connection.close();
  }
}

/** One statement: a table, or a part of a large one. */
interface Piece {
  table: MysqlTable;
  /** Of what the database holds, from 0 to 1. */
  share: number;
  partial?: PartialTable;
  index: number;
}

/** A statement's own cost, in bytes read: so that a schema of small tables shows progress too. */
const WEIGHT_OF_TABLE = 64 * 1024;

async function planPieces(
  connection: MysqlConnection,
  tables: MysqlTable[],
  database: DatabaseManifest,
  partBytes: number,
): Promise<Piece[]> {
  const complete = new Set(database.tables.map((table) => table.name));
  const total = tables.reduce((sum, table) => sum + WEIGHT_OF_TABLE + table.bytes, 0);
  const pieces: Piece[] = [];
  for (const table of tables) {
    if (complete.has(table.name)) continue;
    const share = (WEIGHT_OF_TABLE + table.bytes) / total;
    const partial = database.underWay?.[table.name] ?? (await split(connection, table, partBytes));
    if (partial === undefined) {
      pieces.push({ table, share, index: 0 });
      continue;
    }
    database.underWay ??= {};
    database.underWay[table.name] = partial;
    partial.read.forEach((part, index) => {
      if (part === null) pieces.push({ table, share: share / partial.parts, partial, index });
    });
  }
  return pieces;
}

async function split(
  connection: MysqlConnection,
  table: MysqlTable,
  partBytes: number,
): Promise<PartialTable | undefined> {
  const column = table.numberedBy;
  if (column === undefined || table.bytes <= partBytes) return undefined;
  const quoted = `\`${column.replaceAll('`', '``')}\``;
  const [ends] = await connection.query(
    `SELECT MIN(${quoted}) AS first, MAX(${quoted}) AS last FROM ${table.sql}`,
  );
  const { first, last } = ends ?? {};
  if (first === null || first === undefined || last === null || last === undefined) return undefined;
  const parts = Math.ceil(table.bytes / partBytes);
  const span = Number((BigInt(last) - BigInt(first)) / BigInt(parts) + 1n);
  return { span, from: first, parts, read: new Array<PartManifest | null>(parts).fill(null) };
}

async function readPieces(
  options: MysqlManifestOptions,
  database: DatabaseManifest,
  pieces: Piece[],
  progress: Counter,
): Promise<boolean> {
  const left = [...pieces];
  let failed = false;
  const work = async (): Promise<void> => {
    const connection = await options.connect();
    try {
      await connection
        .query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
        .catch(async (error: unknown) => {
          // MariaDB takes the two only one at a time; the session is read-only anyway.
          if (connection.engine !== 'mariadb') throw error;
          await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT');
        });
      while (!failed) {
        options.signal?.throwIfAborted();
        const late = options.stopAt !== undefined && Date.now() >= options.stopAt;
        if (late && progress.statements > 0) return;
        const piece = left.shift();
        if (piece === undefined) return;
        progress.statements += 1;
        try {
          const rows = await readPiece(connection, database, piece);
          options.onProgress?.({ rows, share: piece.share });
        } catch (error) {
          left.push(piece);
          throw isMysqlConnectionProblem(error) ? error : new UnreadableTable(piece.table.name, error);
        }
      }
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      await connection.close();
    }
  };
  const workers = Array.from({ length: Math.min(CONNECTIONS, pieces.length) }, work);
  for (const outcome of await Promise.allSettled(workers)) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
  return left.length === 0;
}

async function readPiece(
  connection: MysqlConnection,
  database: DatabaseManifest,
  { table, partial, index }: Piece,
): Promise<number> {
  const { name } = table;
  if (partial === undefined) {
    const whole = await digestRows(connection, table);
    database.tables.push({ name, ...whole });
    return whole.rows;
  }
  const { span, from, parts } = partial;
  const part = await digestRows(connection, table, rangeOf(table, { index, of: parts, span, from }));
  partial.read[index] = part;
  const read = partial.read.filter((each) => each !== null);
  if (read.length === parts) {
    delete database.underWay?.[name];
    database.tables.push({
      name,
      ...addParts(read),
      parts: { span, ...(from === undefined ? {} : { from }), read },
    });
  }
  return part.rows;
}

/** Which table it was that could not be read. */
class UnreadableTable extends Error {
  constructor(table: string, cause: unknown) {
    super(table, { cause });
  }
}

function readError(thrown: unknown, database: string, options: MysqlManifestOptions): unknown {
  if (thrown instanceof LightsOutError || options.signal?.aborted === true) return thrown;
  const error = thrown instanceof UnreadableTable ? thrown.cause : thrown;
  const table = thrown instanceof UnreadableTable ? `, table ${thrown.message},` : '';
  return impossible(
    `database "${database}"${table} at ${where(options)} could not be read to the end (${describeMysqlError(error)}); ${mysqlRemedy(error)}`,
  );
}
