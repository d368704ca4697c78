import type pg from 'pg';
import type { DatabaseManifest, PartialTable, PartManifest, TableManifest } from '../manifest.ts';
import { mixed } from './row-hash.ts';
import type { ListedTable } from './tables.ts';

/**
 * How much of a table one statement reads at least, in bytes on the disk: small enough for several connections to end at about the
 * same time. At 5 MB/s, a slow first touch of a restored volume, that is 13 s.
 */
export const PART_BYTES = 64 * 1024 * 1024;

/** Parts of one table at most, so that the manifest of terabytes stays a few megabytes: of 5 TB, a part is 640 MB. */
const MOST_PARTS = 8192;

/** Tables in one statement: ten thousand small ones are then a hundred statements. */
export const TABLES_A_STATEMENT = 100;

/** One table, or one part of a large one. */
interface Piece {
  table: ListedTable;
  /** Set for a part of a table. */
  part?: { index: number; of: number; span: number };
}

/** What one statement reads. */
export type Unit = Piece[];

/** A statement's own cost, in bytes read: so that a schema of small tables shows progress too. */
const WEIGHT_OF_TABLE = 64 * 1024;

/** How long a unit takes, in proportion to others. */
export function weightOf(unit: Unit): number {
  return unit.reduce((sum, { table, part }) => sum + (WEIGHT_OF_TABLE + table.bytes) / (part?.of ?? 1), 0);
}

export interface Limits {
  /** Default {@link PART_BYTES}. */
  partBytes?: number | undefined;
}

/** What is still to be read, in statements of bounded size: large tables in parts, small ones together. */
export function planUnits(tables: ListedTable[], database: DatabaseManifest, limits: Limits = {}): Unit[] {
  const partBytes = limits.partBytes ?? PART_BYTES;
  const bytesOf = (table: ListedTable): number => Math.max(partBytes, table.bytes / MOST_PARTS);
  const complete = new Set(database.tables.map((table) => table.name));
  const units: Unit[] = [];
  let small: Unit = [];
  let smallBytes = 0;
  for (const table of tables) {
    if (complete.has(table.name)) continue;
    const partial = database.underWay?.[table.name] ?? split(table, bytesOf(table));
    if (partial !== undefined) {
      const { span, parts, read } = partial;
      const left = read.flatMap((part, index) => (part === null ? [index] : []));
      units.push(...left.map((index) => [{ table, part: { index, of: parts, span } }]));
      continue;
    }
    if (small.length > 0 && (small.length >= TABLES_A_STATEMENT || smallBytes + table.bytes > partBytes)) {
      units.push(small);
      small = [];
      smallBytes = 0;
    }
    small.push({ table });
    smallBytes += table.bytes;
  }
  return small.length > 0 ? [...units, small] : units;
}

/** Parts of a large table; undefined for one that is read at once. */
function split(table: ListedTable, partBytes: number): PartialTable | undefined {
  if (table.blocks === undefined || table.blocks < 2 || table.bytes <= partBytes) return undefined;
  // By the size with out-of-line values: a few blocks may point to many gigabytes of attachments.
  const span = Math.max(1, Math.floor((table.blocks * partBytes) / table.bytes));
  const parts = Math.ceil(table.blocks / span);
  return parts < 2 ? undefined : nothingRead(span, parts);
}

/**
 * The statement of a unit. Each row is hashed to 64 bits inside the database, and the hashes are added up: the order of rows does not
 * matter and a duplicate row counts twice. A sum is taken modulo 2^64, so a table that differs goes unseen with a chance of about
 * 2^-64. `OFFSET 0` keeps the row's hash from being made twice.
 */
export function statementOf(unit: Unit): string {
  return unit
    .map(
      (piece, index) =>
        `SELECT ${index} AS piece, count(*)::text AS rows, coalesce(sum(${mixed('hash')}), 0)::text AS first, coalesce(sum(hash), 0)::text AS second
           FROM (SELECT ${piece.table.hash} AS hash FROM ONLY ${piece.table.sql} AS t${blocksOf(piece)} OFFSET 0) AS hashes`,
    )
    .join(' UNION ALL ');
}

function blocksOf({ part }: Piece): string {
  return part === undefined ? '' : ` WHERE ${inPart(part)}`;
}

/** Condition for the rows `t` of a part. The last one has no end: what was appended after the table was measured belongs to it. */
export function inPart(part: { index: number; of: number; span: number }): string {
  const from = part.index * part.span;
  const end = part.index + 1 < part.of ? ` AND t.ctid < '(${from + part.span},0)'` : '';
  return `t.ctid >= '(${from},0)'${end}`;
}

/** Runs a unit's statement. @returns a result a piece, in their order. */
export async function digestUnit(client: pg.Client, unit: Unit): Promise<PartManifest[]> {
  const result = await client.query<{ piece: number; rows: string; first: string; second: string }>(
    statementOf(unit),
  );
  const byPiece = new Map(result.rows.map((row) => [row.piece, row]));
  return unit.map((piece, index) => {
    const row = byPiece.get(index);
    if (row === undefined) throw new Error(`no result for ${piece.table.name}`);
    return { rows: Number(row.rows), digest: hex(BigInt(row.first)) + hex(BigInt(row.second)) };
  });
}

/** Adds a unit's results to the database's manifest. */
export function addResults(database: DatabaseManifest, unit: Unit, results: PartManifest[]): void {
  const complete: TableManifest[] = [];
  unit.forEach(({ table, part }, index) => {
    const result = results[index];
    if (result === undefined) throw new Error(`no result for ${table.name}`);
    const { name } = table;
    if (part === undefined) {
      complete.push({ name, ...result });
      return;
    }
    database.underWay ??= {};
    const partial = database.underWay[name] ?? nothingRead(part.span, part.of);
    database.underWay[name] = partial;
    partial.read[part.index] = result;
    const read = partial.read.filter((each) => each !== null);
    if (read.length < partial.parts) return;
    delete database.underWay[name];
    complete.push({ name, ...sumOf(read), parts: { span: part.span, read } });
  });
  database.tables.push(...complete);
}

function nothingRead(span: number, parts: number): PartialTable {
  return { span, parts, read: new Array<PartManifest | null>(parts).fill(null) };
}

function sumOf(parts: PartManifest[]): PartManifest {
  return parts.reduce((sum, part) => ({
    rows: sum.rows + part.rows,
    digest: addDigests(sum.digest, part.digest),
  }));
}

const HASH_BITS = 64;
const HASH_DIGITS = HASH_BITS / 4;

function hex(sum: bigint): string {
  return BigInt.asUintN(HASH_BITS, sum).toString(16).padStart(HASH_DIGITS, '0');
}

/** Both halves modulo 2^64, so that a table's digest does not depend on where it was cut. */
function addDigests(a: string, b: string): string {
  const half = (digest: string, from: number): bigint =>
    BigInt(`0x${digest.slice(from, from + HASH_DIGITS)}`);
  return hex(half(a, 0) + half(b, 0)) + hex(half(a, HASH_DIGITS) + half(b, HASH_DIGITS));
}
