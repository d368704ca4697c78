import type pg from 'pg';
import { digestOf } from '../digest-sum.ts';
import type { Part } from '../locator.ts';
import type { Cut, PartManifest } from '../manifest.ts';
import { mixed } from './row-hash.ts';
import type { ListedTable } from './tables.ts';

/** One table, or one part of a large one. */
export interface TablePiece {
  table: ListedTable;
  part?: Part | undefined;
  sample?: true | undefined;
}

/** Plans how a large table is cut by blocks. Undefined for a table that can only be read at once. */
export function cutByBlocks({ blocks, bytes }: ListedTable, partBytes: number): Cut | undefined {
  if (blocks === undefined || blocks < 2) return undefined;
  // The size includes out-of-line values: a few blocks may point to many gigabytes of attachments.
  const span = Math.max(1, Math.floor((blocks * partBytes) / bytes));
  return { span, parts: Math.ceil(blocks / span) };
}

/**
 * The statement of a unit. Each row is hashed to 64 bits inside the database, and the hashes are added up. The order of rows does not
 * matter, and a duplicate row counts twice. A sum is taken modulo 2^64, so a changed table goes unseen with a chance of about 2^-64.
 *
 * `OFFSET 0` keeps PostgreSQL from computing the row's hash twice.
 */
function statementOf(unit: TablePiece[]): string {
  return unit
    .map(
      (piece, index) =>
        `SELECT ${index} AS piece, count(*)::text AS rows, coalesce(sum(${mixed('hash')}), 0)::text AS first, coalesce(sum(hash), 0)::text AS second
           FROM (SELECT ${piece.table.hash} AS hash FROM ONLY ${piece.table.sql} AS t${blocksOf(piece)} ${piece.sample === true ? 'LIMIT 1' : 'OFFSET 0'}) AS hashes`,
    )
    .join(' UNION ALL ');
}

function blocksOf({ part }: TablePiece): string {
  return part === undefined ? '' : ` WHERE ${inPart(part)}`;
}

/** Condition for the rows `t` of a part. The last part has no end, so that it holds rows appended after the table was measured. */
export function inPart(part: Part): string {
  const from = part.index * part.span;
  const end = part.index + 1 < part.parts ? ` AND t.ctid < '(${from + part.span},0)'` : '';
  return `t.ctid >= '(${from},0)'${end}`;
}

/**
 * Longest text of one statement, in characters. A hundred tables of 1,600 columns would be 20 million, of which the server makes
 * gigabytes when it plans them.
 */
const LONGEST_STATEMENT = 400_000;

/** Splits the tables of a unit into statements. */
function statementsOf(unit: TablePiece[]): TablePiece[][] {
  const statements: TablePiece[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const piece of unit) {
    length += piece.table.hash.length;
    if (length <= LONGEST_STATEMENT) {
      statements.at(-1)?.push(piece);
    } else {
      statements.push([piece]);
      length = piece.table.hash.length;
    }
  }
  return statements;
}

/** Runs a unit in one statement or several. @returns one result for each piece, in the same order. */
export async function digestUnit(client: pg.Client, unit: TablePiece[]): Promise<PartManifest[]> {
  const results: PartManifest[] = [];
  for (const pieces of statementsOf(unit)) results.push(...(await digestOnce(client, pieces)));
  return results;
}

async function digestOnce(client: pg.Client, pieces: TablePiece[]): Promise<PartManifest[]> {
  const result = await client.query<{ piece: number; rows: string; first: string; second: string }>(
    statementOf(pieces),
  );
  const byPiece = new Map(result.rows.map((row) => [row.piece, row]));
  return pieces.map((piece, index) => {
    const row = byPiece.get(index);
    if (row === undefined) throw new Error(`no result for ${piece.table.name}`);
    return { rows: Number(row.rows), digest: digestOf(BigInt(row.first), BigInt(row.second)) };
  });
}
