import { ErrorName, LightsOutError } from '../functions/contract/errors.ts';
import { type Batch, batchesOf } from './batches.ts';
import type { Engine, ServerLook } from './engine.ts';
import type { DatabaseManifest, Manifest, ServerIdentity } from './manifest.ts';
import { UnitReader, type UnitReaderOptions } from './unit-reader.ts';
import { addResults, cutsOf, planUnits, weightOf } from './units.ts';

export interface RecordOptions extends UnitReaderOptions {
  /** Default: every database that the server has. */
  databases?: string[] | undefined;
  /** True for a copy. If nothing is found in a copy, the comparison says so, and the recording does not fail. Default false. */
  copy?: boolean;
  /** Result of an earlier call. Its databases, tables and parts are not read again. */
  resume?: Manifest | undefined;
  /** Bytes of a table that one statement reads. Default: the engine's. */
  partBytes?: number | undefined;
  /** The manifest that this one will be compared with. Tables are cut in the same way, so that parts compare. */
  like?: Manifest | undefined;
  /** A database with more bytes left to read is planned in batches and not read here. Default: never. */
  batchBytes?: number | undefined;
  /** Called with the server's identity before anything is read. Throws when it is the wrong server. */
  onServer?(server: ServerIdentity): void;
  /** Called after each statement with the rows that it read, and their share of the database's size. */
  onProgress?(read: { rows: number; share: number }): void;
}

export interface ManifestProgress {
  manifest: Manifest;
  /** False when `stopAt` came first, or when batches were planned. The next call then gets `resume`. */
  complete: boolean;
  /** Batches to be read elsewhere, side by side. Their results go into the manifest before the next call. */
  batches?: Batch[];
}

/**
 * Records what a server's databases contain: engine-independent. All tables of a database are read as of one moment, as far as the
 * engine can (see its `open`).
 *
 * @throws LightsOutError `VerificationImpossible` when a database is missing, may not be read, or nothing at all was compared;
 * `DatabaseUnreachable` when the server refuses a connection.
 */
export async function recordManifest(engine: Engine, options: RecordOptions): Promise<ManifestProgress> {
  const reader = new UnitReader(engine, options);
  const { engine: name, engineVersion, server, databases } = await look(reader, options);
  options.onServer?.(server);
  const manifest: Manifest = options.resume ?? {
    engine: name,
    engineVersion,
    server,
    recordedAt: new Date(Date.now()).toISOString(),
    databases: [],
  };
  manifest.incomplete = true;
  const batches: Batch[] = [];
  for (const database of options.databases?.filter((each) => databases.includes(each)) ?? databases) {
    if (!(await recordDatabase(reader, database, manifest, options, batches)))
      return { manifest, complete: false };
  }
  if (batches.length > 0) return { manifest, complete: false, batches };
  delete manifest.incomplete;
  if (options.copy !== true) requireSomething(manifest, engine, options);
  return { manifest, complete: true };
}

function impossible(message: string): LightsOutError {
  return new LightsOutError(ErrorName.VerificationImpossible, message);
}

/** A comparison of nothing with nothing would be equal. */
function requireSomething({ databases }: Manifest, engine: Engine, options: RecordOptions): void {
  const empty = databases.filter((database) => database.tables.length === 0);
  if (options.databases !== undefined && empty.length > 0) {
    throw impossible(
      `database ${quoted(empty.map(({ name }) => name))} at ${engine.endpoint}: nothing in it could be compared; expected at least one table: check the names of the databases (database.databases)`,
    );
  }
  if (empty.length === databases.length) {
    throw impossible(
      `server ${engine.endpoint}: no database holds a table that could be compared; expected the CRM's database: check database.identifier and database.databases`,
    );
  }
}

const quoted = (names: string[]): string => names.map((name) => `"${name}"`).join(', ');

async function look(
  reader: UnitReader,
  { databases: wanted = [], copy }: RecordOptions,
): Promise<ServerLook> {
  const { engine } = reader;
  const found = await engine.look().catch((error: unknown) => {
    throw reader.translate(error, `server ${engine.endpoint}`);
  });
  const missing = wanted.filter((name) => !found.databases.includes(name));
  if (missing.length > 0 && copy !== true) {
    throw impossible(
      `server ${engine.endpoint} has no database ${quoted(missing)} that this user may see; it has: ${found.databases.join(', ')}`,
    );
  }
  return found;
}

/** Adds one database, goes on with it, or plans it in batches. @returns false when the time was up before the database was complete. */
async function recordDatabase(
  reader: UnitReader,
  name: string,
  manifest: Manifest,
  options: RecordOptions,
  batches: Batch[],
): Promise<boolean> {
  const { engine } = reader;
  const { batchBytes = Number.POSITIVE_INFINITY } = options;
  return reader.inDatabase(name, async (reading) => {
    let database: DatabaseManifest | undefined = manifest.databases.find((entry) => entry.name === name);
    // None of these numbers may hold a later write, so they are read before anything else.
    const began = database === undefined ? await reading.rowsWritten?.() : undefined;
    const counters = database === undefined ? await reading.writeCounters?.() : undefined;
    const { tables, notCompared, schema, sequences } = await reading.survey();
    if (database === undefined) {
      database = {
        name,
        schema,
        sequences,
        tables: [],
        notCompared,
        ...(began === undefined ? {} : { rowsWritten: { began } }),
        ...(counters === undefined ? {} : { writeCounters: counters }),
      };
      manifest.databases.push(database);
    }
    const own = database;
    const units = await planUnits(tables, own, {
      tablesAStatement: engine.tablesAStatement,
      partBytes: Math.min(batchBytes, options.partBytes ?? engine.partBytes),
      cut: (table, partBytes) => reading.cut(table, partBytes),
      like: cutsOf(options.like?.databases.find((entry) => entry.name === name)),
    });
    const left = units.reduce((sum, unit) => sum + unit.weight, 0);
    if (left > batchBytes) {
      batches.push(...batchesOf(name, units, batchBytes));
      return true;
    }
    const whole = tables.reduce((sum, table) => sum + weightOf(table), 0);
    const complete = await reader.readUnits(reading, units, ({ pieces, weight }, results) => {
      addResults(own, pieces, results);
      const rows = results.reduce((sum, result) => sum + result.rows, 0);
      options.onProgress?.({ rows, share: weight / whole });
    });
    const ended = complete ? await reading.rowsWritten?.() : undefined;
    if (ended !== undefined && own.rowsWritten !== undefined) own.rowsWritten.ended = ended;
    return complete;
  });
}
