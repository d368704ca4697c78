import type { Part } from '../locator.ts';
import type { Cut } from '../manifest.ts';
import type { SqlServerConnection } from './connection.ts';
import type { SqlServerColumn } from './form.ts';
import { quoteName } from './names.ts';
import type { SqlServerTable } from './tables.ts';

/** Smallest and largest number of a type. */
interface Bounds {
  from: bigint;
  to: bigint;
}

const integers = (bits: bigint): Bounds => ({ from: -(2n ** (bits - 1n)), to: 2n ** (bits - 1n) - 1n });

const INTEGERS: Record<string, Bounds> = {
  tinyint: { from: 0n, to: 255n },
  smallint: integers(16n),
  int: integers(32n),
  bigint: integers(64n),
};

/** SQL Server sorts a uniqueidentifier by its last six bytes first: they are a whole number of 48 bits. */
const LAST_GROUP_BITS = 48n;
const LAST_GROUP_DIGITS = 12;

/** A column's type as SQL writes it, with the bounds of its numbers. Undefined for a type without whole numbers. */
function numbersOf({ type, precision, scale }: SqlServerColumn): { sql: string; bounds: Bounds } | undefined {
  const integer = INTEGERS[type];
  if (integer !== undefined) return { sql: type, bounds: integer };
  if ((type !== 'decimal' && type !== 'numeric') || scale !== 0) return undefined;
  const to = 10n ** BigInt(precision) - 1n;
  return { sql: `${type}(${precision}, 0)`, bounds: { from: -to, to } };
}

/**
 * Plans how a table is cut: along its clustered index, so that a part is a seek. A whole number is cut by equal spans between the least
 * and the greatest. A uniqueidentifier is cut by spans of its last group that are the same for every table, so that no key's value gets
 * into the evidence. Of numbers made in order, one span may hold all.
 *
 * Any other table is read at once: if it were cut by another order, each part would be a scan of the whole.
 */
export async function cutByKey(
  connection: SqlServerConnection,
  table: SqlServerTable,
  partBytes: number,
): Promise<Cut | undefined> {
  const { leading, bytes } = table;
  if (leading === undefined || bytes <= partBytes) return undefined;
  const parts = Math.ceil(bytes / partBytes);
  if (leading.type === 'uniqueidentifier')
    return { from: '0', span: spanOf(2n ** LAST_GROUP_BITS, parts), parts };
  if (numbersOf(leading) === undefined) return undefined;
  const column = quoteName(leading.name);
  const [ends] = await connection.query(
    `SELECT CONVERT(varchar(41), MIN(${column})) AS first, CONVERT(varchar(41), MAX(${column})) AS last FROM ${table.name}`,
  );
  const { first, last } = ends ?? {};
  if (first === null || first === undefined || last === null || last === undefined) return undefined;
  return { from: first, span: spanOf(BigInt(last) - BigInt(first) + 1n, parts), parts };
}

/** The span as a JSON number. JSON does not hold every number beyond 2^53, so the rounded number is the span. */
function spanOf(numbers: bigint, parts: number): number {
  return Number((numbers + BigInt(parts) - 1n) / BigInt(parts));
}

/**
 * Condition for the rows `t` of a part. The first part has no beginning and the last no end, so that no row lies outside. A boundary
 * beyond the type's numbers is left out, or no row lies behind it. The boundary has the column's type, since with another one the
 * server could not seek in the index.
 */
export function inPart({ leading }: SqlServerTable, part: Part): string {
  if (leading === undefined || part.from === undefined)
    throw new Error('a part of a table that is not cut by numbers');
  const column = `t.${quoteName(leading.name)}`;
  const begin = BigInt(part.from) + BigInt(part.index) * BigInt(part.span);
  const end = begin + BigInt(part.span);
  const conditions = [
    ...(part.index === 0 ? [] : [atLeast(column, leading, begin)]),
    ...(part.index + 1 === part.parts ? [] : [below(column, leading, end)]),
  ];
  return conditions.length === 0 ? '1 = 1' : conditions.join(' AND ');
}

function atLeast(column: string, leading: SqlServerColumn, number: bigint): string {
  const boundary = boundaryOf(leading, number);
  return boundary === undefined ? '1 = 0' : `${column} >= ${boundary}`;
}

function below(column: string, leading: SqlServerColumn, number: bigint): string {
  const boundary = boundaryOf(leading, number);
  return boundary === undefined ? '1 = 1' : `${column} < ${boundary}`;
}

/** SQL of a boundary. Undefined for a number above all numbers of the type. */
function boundaryOf(leading: SqlServerColumn, number: bigint): string | undefined {
  if (leading.type === 'uniqueidentifier') {
    if (number >= 2n ** LAST_GROUP_BITS) return undefined;
    const group = number.toString(16).padStart(LAST_GROUP_DIGITS, '0').toUpperCase();
    return `CAST('00000000-0000-0000-0000-${group}' AS uniqueidentifier)`;
  }
  const numbers = numbersOf(leading);
  if (numbers === undefined) throw new Error(`a part by a column of type ${leading.type}`);
  return number > numbers.bounds.to ? undefined : `CAST(${number} AS ${numbers.sql})`;
}
