import fc from 'fast-check';
import type { Column, MomentType, Stored } from './tsql-model.ts';

/** A column, and the values that it can hold. */
export interface TypedColumn {
  column: Column;
  values: fc.Arbitrary<Stored>;
}

const integers = (bits: number): fc.Arbitrary<Stored> =>
  fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n }).map(integer);

const integer = (value: bigint): Stored => ({ as: 'integer', value });

const decimals = (precision: number, scale: number, money?: true): fc.Arbitrary<Stored> =>
  fc
    .bigInt({ min: -(10n ** BigInt(precision) - 1n), max: 10n ** BigInt(precision) - 1n })
    .map((value) => ({ as: 'decimal', value, scale, ...(money === undefined ? {} : { money }) }));

const floats = (bytes: 4 | 8): fc.Arbitrary<Stored> =>
  (bytes === 4 ? fc.float({ noNaN: true }) : fc.double({ noNaN: true }))
    .filter(Number.isFinite)
    .map((value) => ({ as: 'float', value, bytes }));

/** Days from 0001-01-01 to 9999-12-31, or from 1753 on. */
const DAYS = { min: 0, max: 3_652_058 };
const DAYS_OF_DATETIME = { min: 639_905, max: 3_652_058 };

function moments(type: MomentType, scale: number): fc.Arbitrary<Stored> {
  const perSecond = type === 'datetime' ? 300n : 10n ** BigInt(scale);
  const day = 86_400n * perSecond;
  const days =
    type === 'time' ? fc.constant(730_119) : fc.integer(type === 'datetime' ? DAYS_OF_DATETIME : DAYS);
  const ticks =
    type === 'date'
      ? fc.constant(0n)
      : fc
          .bigInt({ min: 0n, max: day - 1n })
          .map((tick) => (type === 'smalldatetime' ? tick - (tick % 60n) : tick));
  const offset = type === 'datetimeoffset' ? fc.integer({ min: -840, max: 840 }) : fc.constant(undefined);
  return fc.tuple(days, ticks, offset).map(([day_, tick, zone]) => ({
    as: 'moment',
    type,
    days: day_,
    ticks: tick,
    scale,
    ...(zone === undefined ? {} : { offset: zone }),
  }));
}

/** Short ones, of the bytes that a form uses as signs too, and of blanks: so that values come up that differ in as little as can be. */
const bytes = (most: number): fc.Arbitrary<Buffer> =>
  fc
    .array(fc.constantFrom(0, 1, 0x20, 0x41, 0x61, 0xff), { maxLength: Math.min(most, 5) })
    .map((array) => Buffer.from(array));

const texts = (most: number, wide: boolean): fc.Arbitrary<Stored> =>
  wide
    ? fc
        .array(fc.constantFrom('', ' ', 'a', 'A', 'ä', '客', '\ud800', '\u0001'), {
          maxLength: Math.min(most / 2, 4),
        })
        .map((array) => ({ as: 'text', bytes: Buffer.from(array.join(''), 'utf16le'), wide }))
    : bytes(most).map((raw) => ({ as: 'text', bytes: raw, wide }));

const raws = (most: number): fc.Arbitrary<Stored> => bytes(most).map((raw) => ({ as: 'bytes', bytes: raw }));

const fixed = (length: number): fc.Arbitrary<Stored> =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((array) => ({ as: 'bytes', bytes: Buffer.from(array) }));

/** One number as several types, text of several kinds and collations. */
const variants: fc.Arbitrary<Stored> = fc
  .record({
    base: fc.constantFrom('tinyint', 'int', 'bigint', 'varchar', 'nvarchar', 'decimal'),
    number: fc.bigInt({ min: 0n, max: 3n }),
    collation: fc.constantFrom('Chinese_PRC_CI_AS', 'Latin1_General_BIN2'),
    length: fc.constantFrom(1, 4, 8),
  })
  .map(({ base, number, collation, length }): Stored => {
    const of = (
      value: Stored,
      about: { length: number; precision?: number; collation?: string },
    ): Stored => ({
      as: 'variant',
      base,
      precision: about.precision ?? 0,
      scale: 0,
      length: about.length,
      collation: about.collation ?? null,
      value,
    });
    switch (base) {
      case 'varchar':
        return of({ as: 'text', bytes: Buffer.from(number.toString()), wide: false }, { length, collation });
      case 'nvarchar':
        return of(
          { as: 'text', bytes: Buffer.from(number.toString(), 'utf16le'), wide: true },
          { length: 2 * length, collation },
        );
      case 'decimal':
        return of({ as: 'decimal', value: number, scale: 0 }, { length: 5, precision: length });
      default:
        return of(integer(number), { length: { tinyint: 1, int: 4, bigint: 8 }[base] ?? 8 });
    }
  });

const column = (
  type: string,
  values: fc.Arbitrary<Stored>,
  about: Partial<Omit<Column, 'name' | 'type'>> = {},
): TypedColumn => ({
  column: { name: type, type, maxLength: 8, precision: 0, scale: 0, ...about },
  values,
});

const MAX = { maxLength: -1 };

/** Every type that a column can have, with its limits. */
export const TYPED_COLUMNS: TypedColumn[] = [
  column(
    'bit',
    fc.boolean().map((value) => integer(value ? 1n : 0n)),
  ),
  column('tinyint', fc.bigInt({ min: 0n, max: 3n }).map(integer)),
  column('smallint', integers(16)),
  column('int', integers(32)),
  column('bigint', integers(64)),
  column('real', floats(4)),
  column('float', floats(8)),
  column('money', decimals(18, 4, true)),
  column('smallmoney', decimals(9, 4, true)),
  column('decimal', decimals(38, 38), { precision: 38, scale: 38 }),
  column('numeric', decimals(5, 2), { precision: 5, scale: 2 }),
  column('date', moments('date', 0)),
  column('time', moments('time', 7), { scale: 7 }),
  column('smalldatetime', moments('smalldatetime', 0)),
  column('datetime', moments('datetime', 3)),
  column('datetime2', moments('datetime2', 7), { scale: 7 }),
  column('datetimeoffset', moments('datetimeoffset', 7), { scale: 7 }),
  column('uniqueidentifier', fixed(16)),
  column('timestamp', fixed(8)),
  column('char', texts(10, false), { maxLength: 10 }),
  column('varchar', texts(8000, false), { maxLength: 8000 }),
  column('nchar', texts(10, true), { maxLength: 10 }),
  column('nvarchar', texts(100, true), { maxLength: 100 }),
  column('binary', fixed(4), { maxLength: 4 }),
  column('varbinary', raws(100), { maxLength: 100 }),
  {
    ...column('varchar', texts(20_000, false), MAX),
    column: { name: 'varchar max', type: 'varchar', precision: 0, scale: 0, ...MAX },
  },
  {
    ...column('nvarchar', texts(20_000, true), MAX),
    column: { name: 'nvarchar max', type: 'nvarchar', precision: 0, scale: 0, ...MAX },
  },
  {
    ...column('varbinary', raws(20_000), MAX),
    column: { name: 'varbinary max', type: 'varbinary', precision: 0, scale: 0, ...MAX },
  },
  column('text', texts(20_000, false), { maxLength: 16 }),
  column('ntext', texts(20_000, true), { maxLength: 16 }),
  column('image', raws(20_000), { maxLength: 16 }),
  column('xml', texts(20_000, true), MAX),
  column('json', texts(20_000, true), MAX),
  column('vector', texts(20_000, true), { maxLength: 8000 }),
  column('hierarchyid', raws(892), { maxLength: 892 }),
  column('geometry', raws(20_000), MAX),
  column('geography', raws(20_000), MAX),
  column('clr', raws(20_000), MAX),
  column('sql_variant', variants, { maxLength: 8016 }),
];

/** Bits of a whole number's type. */
const BITS: Record<string, number> = { bit: 1, tinyint: 8, smallint: 16, int: 32, bigint: 64 };

/** A value that differs from another one in as little as its type allows. @param pick which of the possible differences. */
export function neighbour({ type }: Column, stored: Stored, pick: number): Stored {
  switch (stored.as) {
    case 'integer': {
      const bits = BITS[type] ?? 1;
      const flipped = stored.value ^ (1n << BigInt(pick % bits));
      const signed = type !== 'bit' && type !== 'tinyint';
      return integer(signed ? BigInt.asIntN(bits, flipped) : BigInt.asUintN(bits, flipped));
    }
    case 'float': {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(stored.value);
      if (stored.bytes === 4) bytes.writeFloatBE(stored.value);
      const last = stored.bytes - 1;
      bytes[last] = (bytes[last] ?? 0) ^ 1;
      const value = stored.bytes === 4 ? bytes.readFloatBE() : bytes.readDoubleBE();
      return pick % 2 === 0 ? { ...stored, value } : { ...stored, value: -stored.value };
    }
    case 'decimal':
      return { ...stored, value: pick % 2 === 0 ? stored.value ^ 1n : -stored.value };
    case 'moment': {
      if (stored.offset !== undefined && pick % 2 === 0) return { ...stored, offset: stored.offset ^ 1 };
      if (type === 'date') return { ...stored, days: stored.days ^ 1 };
      return {
        ...stored,
        ticks: type === 'smalldatetime' ? (stored.ticks + 60n) % 86_400n : stored.ticks ^ 1n,
      };
    }
    case 'text':
    case 'bytes': {
      const ended = Buffer.concat([
        stored.bytes,
        Buffer.from(stored.as === 'text' && stored.wide ? [0, 0] : [0]),
      ]);
      return pick % 2 === 0 || stored.bytes.length === 0
        ? { ...stored, bytes: ended }
        : { ...stored, bytes: flipped(stored.bytes, pick) };
    }
    case 'variant':
      return { ...stored, length: stored.length + 1 };
  }
}

function flipped(bytes: Buffer, pick: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = pick % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (pick % 8));
  return copy;
}

/** A value written so that no two have the same text: the sign of zero, and bytes as they are. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'bigint') return `${part}n`;
    if (typeof part === 'number' && Object.is(part, -0)) return '-0';
    return part;
  });
}
