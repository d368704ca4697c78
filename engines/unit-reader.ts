import { ErrorName, LightsOutError } from '../functions/contract/errors.ts';
import type { Engine, Piece, Reader, Reading } from './engine.ts';
import type { PartManifest } from './manifest.ts';
import type { Unit } from './units.ts';

export interface UnitReaderOptions {
  /** Time after which no further statement is begun (milliseconds since the epoch). One statement is always run. Default: never. */
  stopAt?: number | undefined;
  /** Stops between two statements. */
  signal?: AbortSignal | undefined;
}

/**
 * Connections that read at the same time, one statement each. A restored volume is loaded from S3 at the first touch of each block, so
 * several waits side by side are shorter than one after the other.
 */
const CONNECTIONS = 4;

/** Tries in a row without progress when connections break. Results that were handed on are not read again. */
const TRIES = 3;

/** Reads units of one server, as far as one call gets. It uses several connections, tries again, and names the table in its errors. */
export class UnitReader {
  readonly engine: Engine;
  readonly #options: UnitReaderOptions;
  /** Statements that this call has begun. Every call begins at least one, so that it gets further. */
  #begun = 0;
  /** Statements whose results were handed on. */
  #done = 0;

  constructor(engine: Engine, options: UnitReaderOptions) {
    this.engine = engine;
    this.#options = options;
  }

  /**
   * Opens a database and works on it. When a connection breaks, the database is opened again, and the work skips the results that it
   * has handed on.
   *
   * @throws LightsOutError `VerificationImpossible` naming database, table and what to do; `DatabaseUnreachable`.
   */
  async inDatabase<Result>(name: string, work: (reading: Reading) => Promise<Result>): Promise<Result> {
    let tries = 0;
    for (;;) {
      const done = this.#done;
      try {
        const reading = await this.engine.open(name);
        try {
          return await work(reading);
        } finally {
          await reading.close();
        }
      } catch (error) {
        tries = this.#done > done ? 1 : tries + 1;
        if (tries < TRIES && this.engine.isConnectionProblem(error)) continue;
        const unreadable = error instanceof UnreadableTable;
        const table = unreadable ? `, table ${error.message},` : '';
        throw this.translate(
          unreadable ? error.cause : error,
          `database "${name}"${table} at ${this.engine.endpoint}`,
        );
      }
    }
  }

  /**
   * Reads units side by side; the first error ends all of it.
   *
   * @param keep called with each statement's pieces and results.
   * @returns false when the time was up before all were read.
   */
  async readUnits<Each extends Unit>(
    reading: Reading,
    units: Each[],
    keep: (unit: Each, results: PartManifest[]) => void,
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
            keep(unit, await this.#readPieces(reader, unit.pieces));
            this.#done += 1;
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

  /** Turns a server's error into one that says where, what and what to do. */
  translate(error: unknown, what: string): unknown {
    if (error instanceof LightsOutError || this.#options.signal?.aborted === true) return error;
    // A server's own error may quote a row in parts that no message shows, so only an error of ours is kept as a cause.
    const own = error instanceof Error && !('code' in error);
    return new LightsOutError(
      this.engine.isConnectionProblem(error)
        ? ErrorName.DatabaseUnreachable
        : ErrorName.VerificationImpossible,
      `${what} could not be read to the end (${this.engine.describe(error)}); ${this.engine.remedy(error)}`,
      own ? { cause: error } : {},
    );
  }

  #isLate(): boolean {
    const { stopAt } = this.#options;
    return stopAt !== undefined && Date.now() >= stopAt && this.#begun > 0;
  }

  async #readPieces(reader: Reader, pieces: Piece[]): Promise<PartManifest[]> {
    try {
      return await reader.read(pieces);
    } catch (error) {
      if (this.engine.isConnectionProblem(error)) throw error;
      const [first, ...others] = pieces;
      if (first === undefined || others.length === 0) throw new UnreadableTable(first?.table ?? '', error);
    }
    // One table at a time, so that the error can name the one that failed.
    const results = [];
    for (const piece of pieces) results.push(...(await this.#readPieces(reader, [piece])));
    return results;
  }
}

/** Names the table that could not be read. */
class UnreadableTable extends Error {
  constructor(table: string, cause: unknown) {
    super(table, { cause });
  }
}
