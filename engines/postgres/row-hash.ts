import { quoteIdentifier } from './connection.ts';

/** A column of a table, as the catalog knows it. */
export interface Column {
  name: string;
  /** Name of its type. For a domain: name of the type below the domain. */
  type: string;
  /** For a column of a domain: the type that values are cast to, so that they are of `type`. */
  cast: string | null;
  /** True for a type that came with PostgreSQL. */
  builtIn: boolean;
  /** Name of the type's own send function. Null where the binary form differs from server to server. */
  send: string | null;
  /** Name of the type's output function, as SQL names it. */
  output: string;
  /** True where every value of the type has the same small size. */
  fixedSize: boolean;
}

/** `hashbyteaextended` exists since PostgreSQL 18. */
const HASHES_BYTES = 180000;

/**
 * Types whose own hash is exact: it sees every bit, and takes no two values for the same.
 *
 * Other types have no exact hash. That of bigint and of timestamps first folds 64 bits to 32. That of numeric takes 1.0 for 1.00, and
 * that of intervals a day for 24 hours. That of `"char"` depends on the processor.
 */
const EXACT: Record<string, (value: string, seed: number, byText: string) => string> = {
  int2: (value, seed) => `hashint2extended(${value}, ${seed})`,
  int4: (value, seed) => `hashint4extended(${value}, ${seed})`,
  // The upper half is the seed for the folded number, and the lower half follows from both.
  int8: (value, seed) => `hashint8extended(${value}, hashint4extended((${value} >> 32)::int4, ${seed}))`,
  bool: (value, seed) => `hashint4extended(${value}::int4, ${seed})`,
  oid: (value, seed) => `hashoidextended(${value}, ${seed})`,
  // 0 and -0 have one hash, so zeros are hashed by their text.
  float4: (value, seed, byText) =>
    `CASE WHEN ${value} = 0 THEN ${byText} ELSE hashfloat4extended(${value}, ${seed}) END`,
  float8: (value, seed, byText) =>
    `CASE WHEN ${value} = 0 THEN ${byText} ELSE hashfloat8extended(${value}, ${seed}) END`,
  date: (value, seed, byText) =>
    `CASE WHEN isfinite(${value}) THEN hashint4extended(${value} - date '2000-01-01', ${seed}) ELSE ${byText} END`,
  text: hashOfText,
  varchar: hashOfText,
  // The value as it is stored: xml_out and xml_send do not say which encoding the document claims to have.
  xml: (value, seed) => hashOfText(`${value}::text`, seed),
  // It has the functions of text, which refuse a value of this type.
  refcursor: (value, seed) => hashOfText(`${value}::text`, seed),
  name: (value, seed) => `hashnameextended(${value}, ${seed})`,
  uuid: (value, seed) => `uuid_hash_extended(${value}, ${seed})`,
  inet: (value, seed) => `hashinetextended(${value}, ${seed})`,
  cidr: (value, seed) => `hashinetextended(${value}, ${seed})`,
};

/**
 * Types with a portable binary form that are hashed by their text all the same. The text is as exact and as fast to make, and needs one
 * copy less of a large value. Arrays are hashed by text too (see {@link hashOf}): the binary form of an array that once held a NULL
 * keeps a sign of it for ever.
 */
const BY_TEXT = new Set(['numeric', 'bpchar', 'json', 'jsonb', 'jsonpath']);

/**
 * Types whose own text says too little. Two routines of one name look alike as `regproc`, and XML in an array leaves out its encoding.
 * Each is cast to a type that is shown in full, and printed by the output function of that type.
 */
const IN_FULL: Record<string, { cast: string; output: string }> = {
  regproc: { cast: 'regprocedure', output: 'regprocedureout' },
  regoper: { cast: 'regoperator', output: 'regoperatorout' },
  _regproc: { cast: 'regprocedure[]', output: 'array_out' },
  _regoper: { cast: 'regoperator[]', output: 'array_out' },
  _xml: { cast: 'text[]', output: 'array_out' },
};

/**
 * Expression for 64 bits that change when any value of row `t` does. Each column's hash has a seed of its own, so that a value counts
 * differently in another column. NULL has a number for each column. Hashing column by column takes half the time of hashing
 * `record_send(t.*)`.
 *
 * @param version the server's `server_version_num`.
 */
export function rowHash(columns: Column[], version: number): string {
  const hashes: string[] = [];
  const together: string[] = [];
  columns.forEach((column, index) => {
    const sent = sentForm(column);
    if (sent !== undefined && version < HASHES_BYTES && column.fixedSize) {
      together.push(sent);
      return;
    }
    const seed = index + 1;
    const hash = sent === undefined ? hashOf(column, seed) : hashOfBytes([sent], seed, version);
    hashes.push(`coalesce(${hash}, ${numberOfNull(index)})`);
  });
  // NULL is an element like any other, so the hash of an array is never NULL.
  if (together.length > 0) hashes.push(hashOfBytes(together, 0, version));
  return combine(hashes);
}

/** Expression for the bytes by which a value is hashed. Undefined where {@link hashOf} hashes the value. */
function sentForm(column: Column): string | undefined {
  const { type, send } = column;
  if (type === 'bytea') return valueIn(column);
  if (send === null || Object.hasOwn(EXACT, type) || BY_TEXT.has(type)) return undefined;
  return `${send}(${valueIn(column)})`;
}

function hashOf(column: Column, seed: number): string {
  const { type, builtIn, send, output } = column;
  const value = valueIn(column);
  const full = builtIn ? IN_FULL[type] : undefined;
  // The output function itself. A cast to text may be a function of the database's own, which need not tell values apart.
  const text = full === undefined ? `${output}(${value})` : `${full.output}(${value}::${full.cast})`;
  const byText = hashOfText(`textin(${text})`, seed);
  return (send === null ? undefined : EXACT[type])?.(value, seed, byText) ?? byText;
}

function valueIn({ name, cast }: Column): string {
  const column = `t.${quoteIdentifier(name)}`;
  return cast === null ? column : `${column}::${cast}`;
}

/** Hashes the bytes in the server's encoding, which both servers have in common. */
function hashOfText(text: string, seed: number): string {
  return `hashtextextended(${text} COLLATE "C", ${seed})`;
}

/**
 * 64 bits of some byte strings. Before PostgreSQL 18 they are hashed as an array, whose hash the same function makes of its elements.
 * One array of several costs half of one array for each.
 */
function hashOfBytes(values: string[], seed: number, version: number): string {
  return version >= HASHES_BYTES
    ? `hashbyteaextended(${values.join()}, ${seed})`
    : `hash_array_extended(ARRAY[${values.join(', ')}], ${seed})`;
}

/** Combines as a balanced tree: 1,600 columns in a row would be nested 1,600 deep. */
function combine(hashes: string[]): string {
  if (hashes.length <= 1) return hashes[0] ?? '0::bigint';
  const middle = Math.ceil(hashes.length / 2);
  return `(${combine(hashes.slice(0, middle))} # ${combine(hashes.slice(middle))})`;
}

/** The number for NULL: bits of the golden ratio, and another number for each column. */
function numberOfNull(index: number): string {
  return `${BigInt.asIntN(64, 0x9e3779b97f4a7c15n * BigInt(2 * index + 1))}::bigint`;
}

/**
 * Stirs a row's hash once more. Hashes that were only combined bit by bit often have the same sum when two rows exchange the values of
 * a column. The hash goes in as a seed, all 64 bits of which are mixed with one another.
 */
export const mixed = (hash: string): string => `hashint4extended(1, ${hash})`;
