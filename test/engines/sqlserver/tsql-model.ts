import { createHash } from 'node:crypto';
import type { SqlServerColumn } from '../../../engines/sqlserver/form.ts';
import { type Expression, parse, type SqlType } from './tsql-expression.ts';

/**
 * What SQL Server makes of a form, in JavaScript: its values, and the conversions between them that the documentation describes
 * (https://learn.microsoft.com/sql/t-sql/functions/cast-and-convert-transact-sql). Expressions come from the very SQL that is sent.
 */
export type Stored =
  /** Whole numbers and bits. */
  | { as: 'integer'; value: bigint }
  | { as: 'float'; value: number; bytes: 4 | 8 }
  /** Decimals and money: `value` / 10^scale. */
  | { as: 'decimal'; value: bigint; scale: number; money?: true }
  /** Dates and times in whole units of their precision since year 1. */
  | { as: 'moment'; type: MomentType; days: number; ticks: bigint; scale: number; offset?: number }
  /** Text in the bytes of its code page or of UTF-16. */
  | { as: 'text'; bytes: Buffer; wide: boolean }
  | { as: 'bytes'; bytes: Buffer }
  | {
      as: 'variant';
      base: string;
      precision: number;
      scale: number;
      length: number;
      collation: string | null;
      value: Stored;
    };

export type MomentType = 'date' | 'time' | 'smalldatetime' | 'datetime' | 'datetime2' | 'datetimeoffset';

export type StoredRow = Record<string, Stored | null>;

/** What is concatenated or cast to a type without `(max)` is cut behind 8,000 bytes, without an error. */
const LONGEST = 8_000;

/** A value on its way, and how long it may be by its type. */
interface Value {
  stored: Stored;
  long: boolean;
}

/** Evaluates an expression over row `t`. @returns NULL or bytes. */
export function evaluate(expression: Expression, row: StoredRow): Value | null {
  switch (expression.kind) {
    case 'binary':
      return bytesOf(expression.bytes);
    case 'text':
      return {
        stored: { as: 'text', bytes: Buffer.from(expression.text, 'utf16le'), wide: true },
        long: false,
      };
    case 'column': {
      const stored = row[expression.name];
      if (stored === undefined) throw new Error(`no column ${expression.name}`);
      return stored === null ? null : { stored, long: false };
    }
    case 'if-null':
      return evaluate(evaluate(expression.value, row) === null ? expression.yes : expression.no, row);
    case 'concatenation': {
      const [left, right] = [evaluate(expression.left, row), evaluate(expression.right, row)];
      if (left === null || right === null) return null;
      const bytes = Buffer.concat([rawBytes(left.stored), rawBytes(right.stored)]);
      const long = left.long || right.long;
      return bytesOf(long ? bytes : bytes.subarray(0, LONGEST), long);
    }
    case 'cast': {
      const value = evaluate(expression.value, row);
      return value === null ? null : cast(value.stored, expression.type, expression.style);
    }
    case 'call':
      return call(expression, row);
  }
}

const bytesOf = (bytes: Buffer, long = false): Value => ({ stored: { as: 'bytes', bytes }, long });

function rawBytes(stored: Stored): Buffer {
  if (stored.as === 'bytes' || stored.as === 'text') return stored.bytes;
  throw new Error(`a ${stored.as} has to be converted before it is concatenated`);
}

function call(expression: Extract<Expression, { kind: 'call' }>, row: StoredRow): Value | null {
  const [first, second] = expression.parameters;
  if (first === undefined) throw new Error(`${expression.name} of nothing`);
  switch (expression.name) {
    case 'HASHBYTES': {
      const algorithm = first.kind === 'text' ? first.text : '';
      if (algorithm !== 'SHA2_256' || second === undefined) throw new Error(`HASHBYTES by ${algorithm}`);
      const input = evaluate(second, row);
      if (input === null) return null;
      return bytesOf(createHash('sha256').update(rawBytes(input.stored)).digest());
    }
    case 'DATALENGTH': {
      const value = evaluate(first, row);
      return value === null
        ? null
        : { stored: { as: 'integer', value: BigInt(rawBytes(value.stored).length) }, long: false };
    }
    case 'CONCAT': {
      // NULL is taken for an empty text.
      const texts = expression.parameters.map((parameter) => {
        const value = evaluate(parameter, row);
        return value === null ? Buffer.alloc(0) : rawBytes(value.stored);
      });
      return { stored: { as: 'text', bytes: Buffer.concat(texts), wide: true }, long: false };
    }
    case 'SQL_VARIANT_PROPERTY': {
      const value = evaluate(first, row);
      if (value?.stored.as !== 'variant' || second?.kind !== 'text') throw new Error('not a sql_variant');
      return property(value.stored, second.text);
    }
    default:
      throw new Error(`function ${expression.name}`);
  }
}

function property(variant: Extract<Stored, { as: 'variant' }>, name: string): Value | null {
  const properties: Record<string, string | null> = {
    BaseType: variant.base,
    Precision: String(variant.precision),
    Scale: String(variant.scale),
    MaxLength: String(variant.length),
    Collation: variant.collation,
  };
  const text = properties[name];
  if (text === undefined) throw new Error(`SQL_VARIANT_PROPERTY ${name}`);
  if (text === null) return null;
  return { stored: { as: 'text', bytes: Buffer.from(text, 'utf16le'), wide: true }, long: false };
}

function cast(stored: Stored, { name, length }: SqlType, style: number | undefined): Value {
  const long = length === Number.POSITIVE_INFINITY;
  if (name === 'binary' || name === 'varbinary') {
    const bytes = asBinary(stored, name === 'binary' ? length : undefined).subarray(0, length);
    const padded = name === 'binary' ? Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]) : bytes;
    return bytesOf(padded, long);
  }
  if (name === 'varchar') {
    const bytes = stored.as === 'text' ? stored.bytes : Buffer.from(asText(stored, style), 'latin1');
    if (stored.as === 'decimal' && bytes.length > length) throw new Error('arithmetic overflow');
    return { stored: { as: 'text', bytes: bytes.subarray(0, length), wide: false }, long };
  }
  if (name === 'nvarchar') {
    if (stored.as !== 'text' || !stored.wide) throw new Error(`nvarchar of ${stored.as}`);
    return { stored: { ...stored, bytes: stored.bytes.subarray(0, 2 * length) }, long };
  }
  throw new Error(`CAST AS ${name}`);
}

/** @param width of a binary: whole numbers have as many bytes as it, big-endian, in two's complement. */
function asBinary(stored: Stored, width = 8): Buffer {
  switch (stored.as) {
    case 'bytes':
    case 'text':
      return stored.bytes;
    case 'integer':
      return Buffer.from(
        BigInt.asUintN(8 * width, stored.value)
          .toString(16)
          .padStart(2 * width, '0'),
        'hex',
      );
    case 'float': {
      const bytes = Buffer.alloc(stored.bytes);
      if (stored.bytes === 4) bytes.writeFloatBE(stored.value);
      else bytes.writeDoubleBE(stored.value);
      return bytes;
    }
    case 'variant':
      return asBinary(stored.value, stored.length);
    case 'decimal':
      // Its own bytes: precision, scale, sign, number; only inside a sql_variant.
      return Buffer.from(`${stored.scale} ${stored.value}`);
    case 'moment':
      return Buffer.from(`${stored.scale} ${stored.days} ${stored.ticks} ${stored.offset ?? ''}`);
  }
}

function asText(stored: Stored, style: number | undefined): string {
  if (stored.as === 'decimal') {
    // The default style of money has two digits behind the point.
    if (stored.money === true && style !== 2) return decimalText(stored.value / 100n, 2);
    return decimalText(stored.value, stored.scale);
  }
  if (stored.as === 'moment') return momentText(stored, style);
  throw new Error(`varchar of ${stored.as}`);
}

function decimalText(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const sign = value < 0n ? '-' : '';
  return scale === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function momentText(moment: Extract<Stored, { as: 'moment' }>, style: number | undefined): string {
  const { type, days, ticks, scale, offset } = moment;
  const date = new Date(Date.UTC(2000, 0, 1) + (days - 730_119) * 86_400_000).toISOString().slice(0, 10);
  // 300 ticks a second are shown in thousandths, rounded to .000, .003, .007.
  const perSecond = type === 'datetime' ? 300n : 10n ** BigInt(scale);
  const seconds = ticks / perSecond;
  const rest = type === 'datetime' ? ((ticks % 300n) * 10n + 1n) / 3n : ticks % perSecond;
  const digits = type === 'datetime' ? 3 : scale;
  const two = (number: bigint): string => number.toString().padStart(2, '0');
  const clock = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  const fraction = digits === 0 ? '' : `.${rest.toString().padStart(digits, '0')}`;
  if (style === 23) return date;
  if (style === 120) return `${date} ${clock}`;
  if (style !== 121) throw new Error(`style ${style}`);
  if (type === 'time') return clock + fraction;
  const zone =
    offset === undefined
      ? ''
      : ` ${offset < 0 ? '-' : '+'}${two(BigInt(Math.trunc(Math.abs(offset) / 60)))}:${two(BigInt(Math.abs(offset) % 60))}`;
  return `${date} ${clock}${fraction}${zone}`;
}

/** A row's hash, by the SQL that a table's columns give. */
export function hasherOf(sql: string): (row: StoredRow) => string {
  const expression = parse(sql);
  return (row) => {
    const value = evaluate(expression, row);
    if (value === null) throw new Error('a row without a hash');
    return rawBytes(value.stored).toString('hex');
  };
}

export type Column = SqlServerColumn;
