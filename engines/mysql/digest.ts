import { digestOf } from '../digest-sum.ts';
import type { Piece } from '../engine.ts';
import type { PartManifest } from '../manifest.ts';
import { type MysqlConnection, quoteName } from './connection.ts';
import { inPart } from './cut.ts';
import type { MysqlColumn, MysqlTable } from './tables.ts';

/** Types whose values may be longer than a statement's result may be. Such a value is hashed by itself first. */
const LONG = new Set([
  'tinyblob',
  'blob',
  'mediumblob',
  'longblob',
  'tinytext',
  'text',
  'mediumtext',
  'longtext',
  'json',
  'geometry',
  'point',
  'linestring',
  'polygon',
  'multipoint',
  'multilinestring',
  'multipolygon',
  'geometrycollection',
  'geomcollection',
  'vector',
]);

/**
 * SQL of a value as bytes, which are the same on any server and differ whenever the value does. Text stands as the bytes that are
 * stored. A FLOAT goes by way of DOUBLE, since by itself it prints six digits. An ENUM has its number, since the empty label and the
 * error value print alike.
 */
function formOf({ name, type }: MysqlColumn): string {
  const column = `t.${quoteName(name)}`;
  if (LONG.has(type)) return `MD5(${column})`;
  switch (type) {
    case 'float':
      return `CAST(CAST(${column} AS DOUBLE) AS CHAR)`;
    case 'bit':
      return `HEX(${column})`;
    case 'enum':
    case 'set':
      return `CONCAT(${column} + 0, ':', CAST(${column} AS BINARY))`;
    case 'char':
    case 'varchar':
    case 'binary':
    case 'varbinary':
      return `CAST(${column} AS BINARY)`;
    default:
      return `CAST(${column} AS CHAR)`;
  }
}

/** SQL of a row as one unambiguous text. Each value has its length before it, and NULL has a sign of its own. */
export function rowForm(columns: MysqlColumn[]): string {
  if (columns.length === 0) return "''";
  const values = columns.map((column) => {
    const form = formOf(column);
    // IFNULL of the form would take a value that is too long to be hashed for a NULL: its form is NULL too.
    return `IF(t.${quoteName(column.name)} IS NULL, 'N', CONCAT(LENGTH(${form}), ':', ${form}))`;
  });
  return `CONCAT(${values.join(', ')})`;
}

/** SQL of 64 bits of a hash in hexadecimal digits, as a whole number. */
export function half(hash: string, first: boolean): string {
  return `CAST(CONV(${first ? `LEFT(${hash}, 16)` : `RIGHT(${hash}, 16)`}, 16, 10) AS UNSIGNED)`;
}

/**
 * Reads number and digest of a table's rows. The digest is the MD5 of each row's form, added up in two halves of 64 bits. The order of
 * rows does not matter and a duplicate counts twice. MySQL has no faster hash of enough bits.
 *
 * @throws Error when a row could not be hashed. A value longer than `max_allowed_packet` becomes NULL, which must not look equal.
 */
export async function digestRows(
  connection: MysqlConnection,
  table: MysqlTable,
  { part, sample }: Pick<Piece, 'part' | 'sample'> = {},
): Promise<PartManifest> {
  const [row] = await connection.query(
    `SELECT COUNT(*) AS total, COUNT(h) AS hashed, COALESCE(SUM(${half('h', true)}), 0) AS first, COALESCE(SUM(${half('h', false)}), 0) AS second
       FROM (SELECT MD5(${rowForm(table.columns)}) AS h FROM ${table.sql} AS t WHERE ${inPart(table, part)}${sample === true ? ' LIMIT 1' : ''}) AS hashed`,
  );
  const { total, hashed, first, second } = row ?? {};
  if (total !== hashed)
    throw new Error(
      `${Number(total) - Number(hashed)} rows are longer than the server's max_allowed_packet, which is the longest value it can hash; raise it in the parameter group`,
    );
  return { rows: Number(total), digest: digestOf(BigInt(first ?? 0), BigInt(second ?? 0)) };
}
