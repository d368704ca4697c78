import { ErrorName, LightsOutError } from '../contract/errors.ts';
import type { Engine, Reader, Reading, ServerLook } from './engine.ts';
import type { DatabaseManifest, Manifest, ServerIdentity } from './manifest.ts';
import { addResults, planUnits, type Unit, weightOf } from './units.ts';

export interface RecordOptions {
  /** Default: every database that the server has. */
  databases?: string[] | undefined;
  /** True for a copy: what it lacks is for the comparison to say, so nothing found is no error. Default false. */
  copy?: boolean;
  /** What an earlier call got done: those databases, tables and parts are not read again. */
  resume?: Manifest | undefined;
  /** Begin no other statement when this time (milliseconds since the epoch) has passed; at least one is run. Default: never. */
  stopAt?: number;
  /** Stops between two statements. */
  signal?: AbortSignal;
  /** How much of a table one statement reads, in bytes. Default: the engine's. */
  partBytes?: number | undefined;
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

/** Tries in a row that get no further, of one database whose connections break; what was read before is not read again. */
const TRIES = 3;

/**
 * Records what a server's databases contain: engine-independent. All tables of a database are read as of one moment, as far as the
 * engine can (see its `open`).
 *
 * @throws LightsOutError `VerificationImpossible` when a database is missing, may not be read, or nothing at all was compared;
 * `DatabaseUnreachable` when the server refuses a connection.
 */
export async function recordManifest(engine: Engine, options: RecordOptions): Promise<ManifestProgress> {
  const recording = new Recording(engine, options);
  const { engine: name, engineVersion, server, databases } = await recording.look();
  options.onServer?.(server);
  const manifest: Manifest = options.resume ?? {
    engine: name,
    engineVersion,
    server,
    recordedAt: new Date(Date.now()).toISOString(),
    databases: [],
  };
  manifest.incomplete = true;
  for (const database of options.databases?.filter((each) => databases.includes(each)) ?? databases) {
    if (!(await recording.recordPatiently(database, manifest))) return { manifest, complete: false };
  }
  delete manifest.incomplete;
  if (options.copy !== true) requireSomething(manifest, engine, options);
  return { manifest, complete: true };
}

function impossible(message: string, options?: { cause?: unknown }): LightsOutError {
  return new LightsOutError(ErrorName.VerificationImpossible, message, options);
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

/** One call's reading of a server. */
class Recording {
  readonly #engine: Engine;
  readonly #options: RecordOptions;
  /** Statements that this call has begun, over all databases: one at least, so that every call gets further. */
  #begun = 0;
  /** Statements whose results are kept. */
  #done = 0;

  constructor(engine: Engine, options: RecordOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  async look(): Promise<ServerLook> {
    const { databases: wanted = [], copy } = this.#options;
    const look = await this.#engine.look().catch((error: unknown) => {
      throw this.#unreadable(error, `server ${this.#engine.endpoint}`);
    });
    const missing = wanted.filter((name) => !look.databases.includes(name));
    if (missing.length > 0 && copy !== true) {
      throw impossible(
        `server ${this.#engine.endpoint} has no database ${quoted(missing)} that this user may see; it has: ${look.databases.join(', ')}`,
      );
    }
    return look;
  }

  /** Adds one database, or goes on with it. @returns false when the time was up before it was complete. */
  async recordPatiently(name: string, manifest: Manifest): Promise<boolean> {
    let tries = 0;
    for (;;) {
      const done = this.#done;
      try {
        return await this.#recordDatabase(name, manifest);
      } catch (error) {
        tries = this.#done > done ? 1 : tries + 1;
        if (tries < TRIES && this.#engine.isConnectionProblem(error)) continue;
        const what = error instanceof UnreadableTable ? `, table ${error.message},` : '';
        throw this.#unreadable(
          error instanceof UnreadableTable ? error.cause : error,
          `database "${name}"${what} at ${this.#engine.endpoint}`,
        );
      }
    }
  }

  async #recordDatabase(name: string, manifest: Manifest): Promise<boolean> {
    const reading = await this.#engine.open(name);
    try {
      const { tables, notCompared, schema, sequences } = await reading.survey();
      let database = manifest.databases.find((entry) => entry.name === name);
      if (database === undefined) {
        database = { name, schema, sequences, tables: [], notCompared };
        manifest.databases.push(database);
      }
      const units = await planUnits(tables, database, {
        tablesAStatement: this.#engine.tablesAStatement,
        partBytes: this.#options.partBytes ?? this.#engine.partBytes,
        cut: (table, partBytes) => reading.cut(table, partBytes),
      });
      const weight = tables.reduce((sum, table) => sum + weightOf(table), 0);
      return await this.#readUnits(reading, database, units, weight);
    } finally {
      await reading.close();
    }
  }

  /** Reads the units on several connections. The first error ends all of them. */
  async #readUnits(
    reading: Reading,
    database: DatabaseManifest,
    units: Unit[],
    weight: number,
  ): Promise<boolean> {
    const left = [...units];
    let failed = false;
    const work = async (): Promise<void> => {
      try {
        const reader = await reading.reader();
        try {
          while (!failed) {
            this.#options.signal?.throwIfAborted();
            if (this.#isLate()) return;
            const unit = left.shift();
            if (unit === undefined) return;
            this.#begun += 1;
            const rows = await this.#readUnit(reader, database, unit);
            this.#options.onProgress?.({ rows, share: unit.weight / weight });
          }
        } finally {
          await reader.close();
        }
      } catch (error) {
        failed = true;
        throw error;
      }
    };
    const workers = Array.from({ length: Math.min(CONNECTIONS, units.length) }, work);
    for (const outcome of await Promise.allSettled(workers)) {
      if (outcome.status === 'rejected') throw outcome.reason;
    }
    return left.length === 0;
  }

  #isLate(): boolean {
    const { stopAt } = this.#options;
    return stopAt !== undefined && Date.now() >= stopAt && this.#begun > 0;
  }

  /** @returns the number of rows. */
  async #readUnit(
    reader: Reader,
    database: DatabaseManifest,
    { pieces }: Pick<Unit, 'pieces'>,
  ): Promise<number> {
    const results = await reader.read(pieces).catch((error: unknown) => {
      if (this.#engine.isConnectionProblem(error)) throw error;
      const [first, ...others] = pieces;
      if (first === undefined || others.length === 0) throw new UnreadableTable(first?.table ?? '', error);
      return undefined;
    });
    if (results === undefined) {
      // Which of the tables was it? One at a time, so that the error can name it.
      let rows = 0;
      for (const piece of pieces) rows += await this.#readUnit(reader, database, { pieces: [piece] });
      return rows;
    }
    addResults(database, pieces, results);
    this.#done += 1;
    return results.reduce((sum, result) => sum + result.rows, 0);
  }

  #unreadable(error: unknown, what: string): unknown {
    if (error instanceof LightsOutError || this.#options.signal?.aborted === true) return error;
    // A server's own error may quote a row in parts that no message shows; one of ours is worth its stack.
    const own = error instanceof Error && !('code' in error);
    return impossible(
      `${what} could not be read to the end (${this.#engine.describe(error)}); ${this.#engine.remedy(error)}`,
      own ? { cause: error } : {},
    );
  }
}

/** Which table it was that could not be read. */
class UnreadableTable extends Error {
  constructor(table: string, cause: unknown) {
    super(table, { cause });
  }
}
