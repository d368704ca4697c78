import { quoteIdentifier } from './connection.ts';

/** A column of a table, as the catalog knows it. */
export interface Column {
  name: string;
  /** Name of its type. */
  type: string;
  /** Name of the type's own send function; null where the binary form is not the same on every server. */
  send: string | null;
}

/**
 * 64 bits of a value whose type has an exact hash. `hashbyteaextended` exists from PostgreSQL 18 on only; an array's hash is made
 * of its elements' by the very same function on every version since 11.
 */
const hashOf = (value: string, seed: number): string => `hash_array_extended(ARRAY[${value}], ${seed})`;

/**
 * Types whose own hash is exact: it sees every bit, and takes no two values for the same. That of bigint and of timestamps folds 64 bits
 * to 32 first, that of numeric takes 1.0 for 1.00, that of floats 0 for -0, that of intervals a day for 24 hours: those are hashed by
 * their binary form.
 */
const EXACT: Record<string, (column: string, seed: number) => string> = {
  int2: (column, seed) => `hashint2extended(${column}, ${seed})`,
  int4: (column, seed) => `hashint4extended(${column}, ${seed})`,
  bool: (column, seed) => `hashint4extended(${column}::int, ${seed})`,
  text: (column, seed) => `hashtextextended(${column} COLLATE "C", ${seed})`,
  varchar: (column, seed) => `hashtextextended(${column}::text COLLATE "C", ${seed})`,
  uuid: (column, seed) => `uuid_hash_extended(${column}, ${seed})`,
  date: hashOf,
  bytea: hashOf,
};

/**
 * Expression for 64 bits that change when any value of row `t` does: each column's hash with a seed of its own, so that it matters in which
 * column a value stands, and a number of the column's for NULL. Hashing column by column takes little more than half the time of
 * hashing `record_send(t.*)`.
 */
export function rowHash(columns: Column[]): string {
  return combine(
    columns.map(({ name, type, send }, index) => {
      const column = `t.${quoteIdentifier(name)}`;
      const seed = index + 1;
      const exact = send === null ? undefined : EXACT[type];
      const form = send === null ? `textsend(${column}::text)` : `${send}(${column})`;
      return `coalesce(${exact === undefined ? hashOf(form, seed) : exact(column, seed)}, ${numberOfNull(index)})`;
    }),
  );
}

/** As a balanced tree: 1,600 columns in a row would be nested 1,600 deep. */
function combine(hashes: string[]): string {
  if (hashes.length <= 1) return hashes[0] ?? '0::bigint';
  const middle = Math.ceil(hashes.length / 2);
  return `(${combine(hashes.slice(0, middle))} # ${combine(hashes.slice(middle))})`;
}

/** What stands for NULL: bits of the golden ratio, another number for each column. */
function numberOfNull(index: number): string {
  return `${BigInt.asIntN(64, 0x9e3779b97f4a7c15n * BigInt(2 * index + 1))}::bigint`;
}

/**
 * A row's hash, hashed once more: the sum over rows of hashes that were only combined bit by bit would often stay the same when two rows
 * exchange the values of a column.
 */
export const mixed = (hash: string): string => hashOf(`int8send(${hash})`, 1);
