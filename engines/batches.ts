import type { Engine, Piece } from './engine.ts';
import type { Manifest, PartManifest, ServerIdentity } from './manifest.ts';
import { UnitReader, type UnitReaderOptions } from './unit-reader.ts';
import { addResults, type Unit } from './units.ts';

/**
 * The share of a large database that one function call reads, beside others that read the rest. It is plain data, kept in the evidence
 * bucket.
 */
export interface Batch {
  database: string;
  /** Pieces that are read together: one list is one statement. */
  statements: Piece[][];
  /** Bytes on the disk, about. */
  weight: number;
}

/** Results of a batch's call. */
export interface BatchResult {
  /** Results of each statement, one for each piece. Null for a statement that is still to be run. */
  read: (PartManifest[] | null)[];
}

/** With more batches, each would read smaller parts, and each costs a start. */
const MOST_BATCHES = 10_000;

/**
 * Puts a database's statements into batches of about the same weight. Statements keep their order, so that neighbours on the disk stay
 * together. Two batches differ by at most one statement.
 */
export function batchesOf(database: string, units: Unit[], batchBytes: number): Batch[] {
  const total = units.reduce((sum, unit) => sum + unit.weight, 0);
  const count = Math.min(MOST_BATCHES, units.length, Math.ceil(total / batchBytes));
  const batches = Array.from({ length: count }, (): Batch => ({ database, statements: [], weight: 0 }));
  let before = 0;
  for (const { pieces, weight } of units) {
    // A statement belongs to the batch in which its middle lies.
    const index = Math.min(count - 1, Math.floor(((before + weight / 2) / total) * count));
    const batch = batches[index];
    batch?.statements.push(pieces);
    if (batch !== undefined) batch.weight += weight;
    before += weight;
  }
  return batches.filter(({ statements }) => statements.length > 0);
}

export interface ReadBatchOptions extends UnitReaderOptions {
  /** Result of an earlier call of the same batch. */
  resume?: BatchResult | undefined;
  /** Called with the server's identity before anything is read. Throws when it is the wrong server. */
  onServer(server: ServerIdentity): void;
}

/**
 * Reads a batch, as far as one call gets.
 *
 * @throws LightsOutError `VerificationImpossible`, `DatabaseUnreachable`.
 */
export async function readBatch(
  engine: Engine,
  { database, statements, weight }: Batch,
  options: ReadBatchOptions,
): Promise<BatchResult & { complete: boolean }> {
  const reader = new UnitReader(engine, options);
  options.onServer((await engine.look()).server);
  const read = options.resume?.read ?? statements.map(() => null);
  const complete = await reader.inDatabase(database, (reading) => {
    const left = statements.flatMap((pieces, index) =>
      read[index] === null ? [{ pieces, index, weight: weight / statements.length }] : [],
    );
    return reader.readUnits(reading, left, ({ index }, results) => {
      read[index] = results;
    });
  });
  return { read, complete };
}

/** Adds a batch's results to a manifest. Adding them again changes nothing. */
export function addBatch(manifest: Manifest, { database, statements }: Batch, { read }: BatchResult): void {
  const own = manifest.databases.find((entry) => entry.name === database);
  if (own === undefined) return;
  const complete = new Set(own.tables.map((table) => table.name));
  statements.forEach((pieces, index) => {
    const results = read[index];
    if (results === null || results === undefined) return;
    const fresh = pieces.flatMap((piece, at): [Piece, PartManifest][] => {
      const result = results[at];
      return complete.has(piece.table) || result === undefined ? [] : [[piece, result]];
    });
    addResults(
      own,
      fresh.map(([piece]) => piece),
      fresh.map(([, result]) => result),
    );
  });
}
