import { quoteName } from './names.ts';

/** A column whose value is stored, as the catalog knows it. */
export interface SqlServerColumn {
  name: string;
  /** Name of the system type that it is made of. `clr` stands for a type of an assembly. */
  type: string;
  /** Most bytes of a value. -1 for the types that are called `(max)`. */
  maxLength: number;
  /** Digits of a decimal. */
  precision: number;
  /** Digits of a decimal behind its point. */
  scale: number;
}

/** Writes a value as bytes that are the same on any server and differ from those of any other value. */
export interface Form {
  /** SQL of the bytes. @param column SQL of the column, which is not NULL. */
  sql(column: string): string;
  /** Most bytes of a value. */
  bytes: number;
  /** False where a length has to stand before the bytes. */
  fixed: boolean;
}

/** The longest varbinary that is no LOB, in bytes. SQL Server cuts off a longer concatenation without an error. */
export const LONGEST = 8_000;

const HASH_BYTES = 32;

/**
 * SHA-256, since SQL Server 2016 of a value of any length (https://learn.microsoft.com/sql/t-sql/functions/hashbytes-transact-sql).
 * MD5, though shorter, is deprecated.
 *
 * CHECKSUM and BINARY_CHECKSUM are no hashes: 32 bits, by exclusive or, so that equal values in two columns cancel. CHECKSUM takes text
 * by its collation, so that `a` equals `A`. Both leave types out (text, ntext, image, xml, geometry …) without a word.
 */
export const sha256 = (bytes: string): string =>
  `CAST(HASHBYTES('SHA2_256', ${bytes}) AS binary(${HASH_BYTES}))`;

const binary = (bytes: number): Form => ({
  sql: (column) => `CAST(${column} AS binary(${bytes}))`,
  bytes,
  fixed: true,
});

/** Text whose length is the same for all of a column's values. Shorter text is filled up with zero bytes, which no such text holds. */
const text = (bytes: number, style?: number): Form => ({
  sql: (column) =>
    `CAST(CONVERT(varchar(${bytes}), ${column}${style === undefined ? '' : `, ${style}`}) AS binary(${bytes}))`,
  bytes,
  fixed: true,
});

/** A value that is hashed by itself, so that a row's form is never a LOB. */
const hashed = (bytes: (column: string) => string): Form => ({
  sql: (column) => sha256(bytes(column)),
  bytes: HASH_BYTES,
  fixed: true,
});

const long = (column: string): string => `CAST(${column} AS varbinary(max))`;

/** A LOB of text, in the bytes of UTF-16 or of the column's own code page. */
const longText = (type: 'varchar' | 'nvarchar'): Form =>
  hashed((column) => long(`CAST(${column} AS ${type}(max))`));

/**
 * The value of a sql_variant, and its type: 1 as an int is another value than 1 as a bigint. It has 8,016 bytes in all, and is
 * therefore hashed twice. Names have 128 characters at most.
 */
const variant = hashed((column) => {
  const property = (name: string, length = 11): string =>
    `CAST(SQL_VARIANT_PROPERTY(${column}, '${name}') AS nvarchar(${length}))`;
  const kind = `CONCAT(${property('BaseType', 128)}, N' ', ${property('Precision')}, N' ', ${property('Scale')}, N' ', ${property('MaxLength')}, N' ', ${property('Collation', 128)})`;
  return `(${sha256(`CAST(${column} AS varbinary(${LONGEST}))`)} + CAST(${kind} AS varbinary(800)))`;
});

/**
 * Forms by type. Whole numbers, floats, rowversion and uniqueidentifier stand as the bytes that are stored: a float's text rounds, and
 * has no sign for -0. Decimals, money, dates and times stand as text. Its style does not depend on the session and gives every digit
 * (https://learn.microsoft.com/sql/t-sql/functions/cast-and-convert-transact-sql). The conversion of decimal to binary may change with
 * the version.
 */
const FORMS: Record<string, Form> = {
  bit: binary(1),
  tinyint: binary(1),
  smallint: binary(2),
  int: binary(4),
  bigint: binary(8),
  real: binary(4),
  float: binary(8),
  // All four digits of money behind the point. The default style has two.
  money: text(21, 2),
  smallmoney: text(12, 2),
  date: text(10, 23),
  time: text(16, 121),
  smalldatetime: text(19, 120),
  // Three digits show each step of 1/300 s: .000, .003, .007.
  datetime: text(23, 121),
  datetime2: text(27, 121),
  // Local time with its offset. The same moment in another zone is another value.
  datetimeoffset: text(34, 121),
  uniqueidentifier: binary(16),
  timestamp: binary(8),
  text: longText('varchar'),
  ntext: longText('nvarchar'),
  image: hashed(long),
  xml: longText('nvarchar'),
  json: longText('nvarchar'),
  // A vector converts to nothing but text: see {@link IMPRECISE}.
  vector: longText('nvarchar'),
  geometry: hashed(long),
  geography: hashed(long),
  clr: hashed(long),
  sql_variant: variant,
};

/**
 * Types whose length the column says. The bytes stand as they are stored, so another case, accent, width or number of blanks is another
 * value.
 */
const OF_LENGTH = new Set(['char', 'varchar', 'nchar', 'nvarchar', 'binary', 'varbinary']);

/** Bytes before a value: one says that it is not NULL, and its length follows where it has one. */
const SIGN_BYTES = 1;
const LENGTH_BYTES = 4;

/** Types whose exact form never leaves the server. The text names the loss, for the evidence. */
export const IMPRECISE: Record<string, string> = {
  vector:
    'a vector can be read only as text, which may round: two values that differ beyond the digits of that text would look equal',
};

/** The form of a column. Undefined for a type that is not known yet. */
export function formOf({ type, maxLength, precision }: SqlServerColumn): Form | undefined {
  if (type === 'decimal' || type === 'numeric') return text(precision + '-0.'.length);
  if (type === 'hierarchyid') return varying(892);
  if (!OF_LENGTH.has(type)) return FORMS[type];
  if (maxLength === -1 || SIGN_BYTES + LENGTH_BYTES + maxLength > LONGEST) return hashed(long);
  return varying(maxLength);
}

function varying(bytes: number): Form {
  return { sql: (column) => `CAST(${column} AS varbinary(${bytes}))`, bytes, fixed: false };
}

/** One value of a row, and its most bytes. */
interface Item {
  sql: string;
  bytes: number;
}

/**
 * A value among others: 0x00 for NULL. Any other value has 0x01, its length unless every value has the same, and its form. No such text
 * is the beginning of another, so that a row's values can be told apart in any order.
 */
function itemOf(column: SqlServerColumn): Item {
  const form = formOf(column);
  if (form === undefined)
    throw new Error(`column ${quoteName(column.name)} is of type ${column.type}, which has no form`);
  const name = `t.${quoteName(column.name)}`;
  const value = form.sql(name);
  const length = form.fixed ? '' : `CAST(DATALENGTH(${value}) AS binary(${LENGTH_BYTES})) + `;
  return {
    sql: `CASE WHEN ${name} IS NULL THEN 0x00 ELSE 0x01 + ${length}${value} END`,
    bytes: SIGN_BYTES + (form.fixed ? 0 : LENGTH_BYTES) + form.bytes,
  };
}

/**
 * SQL of a hash (32 bytes) of row `t`. Values that fit together into 8,000 bytes are hashed together, and then the hashes. A row of any
 * width has a hash, and nothing is ever cut off.
 */
export function rowHash(columns: SqlServerColumn[]): string {
  let items = columns.map(itemOf);
  do {
    items = packed(items).map((pack) => ({ sql: sha256(concatenation(pack)), bytes: HASH_BYTES }));
  } while (items.length > 1);
  return items[0]?.sql ?? sha256('0x');
}

/** Begins a new list where the next item would not fit. */
function packed(items: Item[]): Item[][] {
  const packs: Item[][] = [];
  let bytes = LONGEST;
  for (const item of items) {
    if (bytes + item.bytes > LONGEST) {
      packs.push([]);
      bytes = 0;
    }
    packs.at(-1)?.push(item);
    bytes += item.bytes;
  }
  return packs;
}

/** Concatenates as a balanced tree: a thousand additions in a row would be nested a thousand deep. */
function concatenation(items: Item[]): string {
  if (items.length === 1) return items[0]?.sql ?? '0x';
  const middle = Math.ceil(items.length / 2);
  return `(${concatenation(items.slice(0, middle))} + ${concatenation(items.slice(middle))})`;
}
