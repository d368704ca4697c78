import { digestOf } from '../digest-sum.ts';
import type { Part } from '../locator.ts';
import type { PartManifest } from '../manifest.ts';
import type { SqlServerConnection } from './connection.ts';
import { rowHash } from './form.ts';
import { inPart } from './parts.ts';
import type { SqlServerTable } from './tables.ts';

/** A table, or one part of it. */
export interface TablePiece {
  table: SqlServerTable;
  part?: Part | undefined;
  sample?: true | undefined;
}

/**
 * SQL of eight bytes of a hash as a whole number, big-endian and signed, made wide enough to be added up.
 *
 * Nothing overflows. Such a number is at least -2^63 and less than 2^63. COUNT_BIG counts 2^63 - 1 rows at most, and (2^63 - 1) · 2^63
 * < 8.6 · 10^37. A sum of decimal(38, 0) is a decimal(38, 0) and holds up to 10^38 - 1. The sum is exact, therefore. It is taken modulo
 * 2^64 only here, where the sign of a number matters no more.
 */
export const half = (hash: string, first: number): string =>
  `CAST(CAST(SUBSTRING(${hash}, ${first}, 8) AS bigint) AS decimal(38, 0))`;

/** The table's own rows. They are read by the clustered index, not by an index that happens to hold every column too. */
export function rowsOf({ table, part }: TablePiece): string {
  const hint = table.clustered ? ' WITH (INDEX(1))' : '';
  return `${table.name} AS t${hint}${part === undefined ? '' : ` WHERE ${inPart(table, part)}`}`;
}

/**
 * The statement for some pieces. It gives one row for each piece: the number of its rows, and the digest of their contents. Each row is
 * hashed inside the database, and two halves of its hash are added up. The order of rows does not matter, and a duplicate counts twice.
 */
export function statementOf(pieces: TablePiece[]): string {
  return pieces
    .map(
      (piece, index) =>
        `SELECT ${index} AS piece, CONVERT(varchar(20), COUNT_BIG(*)) AS total, CONVERT(varchar(20), COUNT_BIG(h)) AS hashed,
       CONVERT(varchar(40), COALESCE(SUM(${half('h', 1)}), 0)) AS first, CONVERT(varchar(40), COALESCE(SUM(${half('h', 9)}), 0)) AS second
  FROM (SELECT ${piece.sample === true ? 'TOP (1) ' : ''}${rowHash(piece.table.columns)} AS h FROM ${rowsOf(piece)}) AS hashes`,
    )
    .join('\nUNION ALL\n');
}

/**
 * Runs the statement. @returns one result for each piece, in the same order.
 * @throws Error when a row has no hash. Such a row must not look equal.
 */
export async function digestPieces(
  connection: SqlServerConnection,
  pieces: TablePiece[],
): Promise<PartManifest[]> {
  const rows = await connection.query(statementOf(pieces));
  const byPiece = new Map(rows.map((row) => [row['piece'], row]));
  return pieces.map(({ table }, index) => {
    const { total, hashed, first, second } = byPiece.get(String(index)) ?? {};
    if (total === undefined || total === null) throw new Error(`no result for ${table.name}`);
    if (total !== hashed) throw new Error(`${total} rows in ${table.name}, but ${hashed} hashes`);
    return { rows: Number(total), digest: digestOf(BigInt(first ?? 0), BigInt(second ?? 0)) };
  });
}
