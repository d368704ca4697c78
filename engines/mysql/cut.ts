import type { Part } from '../locator.ts';
import type { Cut } from '../manifest.ts';
import { type MysqlConnection, quoteName } from './connection.ts';
import type { CutKey, MysqlTable } from './tables.ts';

/**
 * Boundaries of keys that are no numbers. They are the first three hexadecimal digits of a text, or the first twelve bits of bytes.
 * This rule makes them without any row, so that no key's value is kept. Keys of UUIDs fall into them evenly; other keys may not.
 */
const PREFIXES = 4096;
const PREFIX_DIGITS = 3;

/** Most parts of such a table: the server compares their boundaries in one expression. */
const MOST_PREFIX_PARTS = 1024;

/** Plans how a table is cut along the first column of its primary key. Undefined for a table that is read at once. */
export async function cutTable(
  connection: MysqlConnection,
  table: MysqlTable,
  partBytes: number,
): Promise<Cut | undefined> {
  const { cutBy, bytes } = table;
  if (cutBy === undefined) return undefined;
  const wanted = Math.ceil(bytes / partBytes);
  return cutBy.kind === 'number'
    ? cutByNumbers(connection, table, cutBy.column, wanted)
    : cutByPrefixes(connection, cutBy, wanted);
}

async function cutByNumbers(
  connection: MysqlConnection,
  { sql }: MysqlTable,
  name: string,
  wanted: number,
): Promise<Cut | undefined> {
  const column = quoteName(name);
  const [ends] = await connection.query(`SELECT MIN(${column}) AS first, MAX(${column}) AS last FROM ${sql}`);
  const { first, last } = ends ?? {};
  if (first === null || first === undefined || last === null || last === undefined) return undefined;
  const distance = BigInt(last) - BigInt(first);
  const span = distance / BigInt(wanted) + 1n;
  return { span: Number(span), from: first, parts: Number(distance / span) + 1 };
}

async function cutByPrefixes(
  connection: MysqlConnection,
  key: CutKey,
  wanted: number,
): Promise<Cut | undefined> {
  const span = Math.ceil(PREFIXES / Math.min(wanted, MOST_PREFIX_PARTS));
  const parts = Math.ceil(PREFIXES / span);
  const boundaries = Array.from({ length: parts - 1 }, (_, index) => (index + 1) * span);
  return (await areRising(connection, key, boundaries)) ? { span, from: '0', parts } : undefined;
}

/** True when the key's collation orders the boundaries as we do. Otherwise parts would overlap or leave rows out. */
async function areRising(
  connection: MysqlConnection,
  { collation }: CutKey,
  boundaries: number[],
): Promise<boolean> {
  if (collation === undefined || boundaries.length < 2) return true;
  const inCollation = (boundary: number): string =>
    `CONVERT('${digitsOf(boundary)}' USING ${collation.characterSet}) COLLATE ${collation.name}`;
  const pairs = boundaries
    .slice(1)
    .map((boundary, index) => `${inCollation(boundaries[index] ?? 0)} < ${inCollation(boundary)}`);
  const [row] = await connection.query(`SELECT ${pairs.join(' AND ')} AS rising`);
  return row?.['rising'] === '1';
}

const digitsOf = (prefix: number): string => prefix.toString(16).padStart(PREFIX_DIGITS, '0');

/** Condition for the rows `t` of a part. The first part has no beginning and the last no end, so that no row lies outside. */
export function inPart({ cutBy }: MysqlTable, part: Part | undefined): string {
  if (cutBy === undefined || part?.from === undefined) return 'TRUE';
  const first = BigInt(part.from) + BigInt(part.index) * BigInt(part.span);
  const literal = (boundary: bigint): string => {
    if (cutBy.kind === 'number') return String(boundary);
    const digits = digitsOf(Number(boundary));
    return cutBy.collation === undefined ? `X'${digits}0'` : `'${digits}'`;
  };
  const column = `t.${quoteName(cutBy.column)}`;
  const conditions = [
    ...(part.index === 0 ? [] : [`${column} >= ${literal(first)}`]),
    ...(part.index + 1 === part.parts ? [] : [`${column} < ${literal(first + BigInt(part.span))}`]),
  ];
  return conditions.length === 0 ? 'TRUE' : conditions.join(' AND ');
}
