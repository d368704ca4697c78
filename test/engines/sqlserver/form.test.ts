import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST, rowHash } from '../../../engines/sqlserver/form.ts';
import { canonical, neighbour, TYPED_COLUMNS, type TypedColumn } from './stored-values.ts';
import { type Expression, parse } from './tsql-expression.ts';
import { type Column, hasherOf, type Stored, type StoredRow } from './tsql-model.ts';

const typed = fc.constantFrom(...TYPED_COLUMNS);

/** A table of any columns, and two of its rows. */
const tableWithRows = fc
  .array(typed, { minLength: 1, maxLength: 6 })
  .map((columns) => columns.map((each, index) => named(each, `c${index}]'`)))
  .chain((columns) => fc.tuple(fc.constant(columns), rowOf(columns), rowOf(columns)));

const named = ({ column, values }: TypedColumn, name: string): TypedColumn => ({
  column: { ...column, name },
  values,
});

function rowOf(columns: TypedColumn[]): fc.Arbitrary<StoredRow> {
  return fc.record(
    Object.fromEntries(
      columns.map(({ column, values }) => [column.name, fc.option(values, { nil: null, freq: 4 })]),
    ),
  );
}

const ALL_NAMES = TYPED_COLUMNS.map(({ column }) => column.name);

/** Whether a column can hold a value of that length. */
function fits({ type, maxLength }: Column, stored: Stored): boolean {
  if (stored.as !== 'bytes' && stored.as !== 'text') return true;
  const length = ['uniqueidentifier', 'timestamp', 'binary'].includes(type)
    ? ({ uniqueidentifier: 16, timestamp: 8 }[type] ?? maxLength)
    : Number.NaN;
  return Number.isNaN(length) || stored.bytes.length === length;
}

describe('the form of a value', () => {
  it.each(ALL_NAMES)('%s: other bytes for every other value', (name) => {
    const { column, values } = TYPED_COLUMNS.find((each) => each.column.name === name) as TypedColumn;
    const hash = hasherOf(rowHash([column]));
    const value = fc.option(values, { nil: null, freq: 10 });

    fc.assert(
      fc.property(value, value, (a, b) => {
        const same = hash({ [name]: a }) === hash({ [name]: b });
        return same === (canonical(a) === canonical(b));
      }),
      { numRuns: 300 },
    );
  });

  it.each(ALL_NAMES)('%s: other bytes for the value next to it', (name) => {
    const { column, values } = TYPED_COLUMNS.find((each) => each.column.name === name) as TypedColumn;
    const hash = hasherOf(rowHash([column]));

    fc.assert(
      fc.property(values, fc.nat(), (value, pick) => {
        const next = neighbour(column, value, pick);
        // A fixed length is filled up by the server, so that nothing comes behind it.
        fc.pre(canonical(value) !== canonical(next) && fits(column, next));
        return hash({ [name]: value }) !== hash({ [name]: next });
      }),
      { numRuns: 300 },
    );
  });

  const text = (value: string): Stored => ({ as: 'text', bytes: Buffer.from(value, 'latin1'), wide: false });
  const datetime = (ticks: bigint): Stored => ({
    as: 'moment',
    type: 'datetime',
    days: 730_119,
    ticks,
    scale: 3,
  });
  const float = (value: number): Stored => ({ as: 'float', value, bytes: 8 });
  it.each<[what: string, type: string, a: Stored | null, b: Stored | null]>([
    ['NULL and empty text', 'varchar max', null, text('')],
    ['NULL and no bytes', 'varbinary', null, { as: 'bytes', bytes: Buffer.alloc(0) }],
    ['trailing blanks', 'varchar', text('a'), text('a ')],
    ['upper and lower case', 'varchar', text('a'), text('A')],
    ['0 and -0', 'float', float(0), float(-0)],
    ['two floats that print alike in 15 digits', 'float', float(0.1 + 0.2), float(0.3)],
    ['steps of a datetime', 'datetime', datetime(1n), datetime(2n)],
    [
      'one moment in two zones',
      'datetimeoffset',
      { as: 'moment', type: 'datetimeoffset', days: 730_119, ticks: 0n, scale: 7, offset: 0 },
      { as: 'moment', type: 'datetimeoffset', days: 730_119, ticks: 36_000_000_000n, scale: 7, offset: 60 },
    ],
    [
      'one time of day in two zones',
      'datetimeoffset',
      { as: 'moment', type: 'datetimeoffset', days: 730_119, ticks: 0n, scale: 7, offset: 480 },
      { as: 'moment', type: 'datetimeoffset', days: 730_119, ticks: 0n, scale: 7, offset: 540 },
    ],
    [
      'money in hundredths of a cent',
      'money',
      { as: 'decimal', value: 12_345n, scale: 4, money: true },
      { as: 'decimal', value: 12_346n, scale: 4, money: true },
    ],
  ])('%s', (_what, name, a, b) => {
    const { column } = TYPED_COLUMNS.find((each) => each.column.name === name) as TypedColumn;
    const hash = hasherOf(rowHash([column]));

    expect(hash({ [name]: a })).not.toBe(hash({ [name]: b }));
  });

  it('is undefined for a type that nobody knows: such a column is never hashed by mistake', () => {
    expect(() => rowHash([{ name: 'c', type: 'cursor', maxLength: 8, precision: 0, scale: 0 }])).toThrow(
      'column [c] is of type cursor',
    );
  });
});

describe('the hash of a row', () => {
  it('is the same for the same row and another for any other row, whatever the columns', () => {
    fc.assert(
      fc.property(tableWithRows, ([columns, a, b]) => {
        const hash = hasherOf(rowHash(columns.map(({ column }) => column)));
        return (hash(a) === hash(b)) === (canonical(a) === canonical(b));
      }),
      { numRuns: 1_000 },
    );
  });

  it('changes with any one value, as a mutation of the row', () => {
    fc.assert(
      fc.property(tableWithRows, fc.nat(), ([columns, row, other], pick) => {
        const { column } = columns[pick % columns.length] as TypedColumn;
        const mutated = { ...row, [column.name]: other[column.name] ?? null };
        const hash = hasherOf(rowHash(columns.map((each) => each.column)));
        return (hash(row) === hash(mutated)) === (canonical(row) === canonical(mutated));
      }),
      { numRuns: 1_000 },
    );
  });

  it('tells where one value ends and the next begins', () => {
    const columns: Column[] = ['a', 'b'].map((name) => ({
      name,
      type: 'varchar',
      maxLength: 10,
      precision: 0,
      scale: 0,
    }));
    const hash = hasherOf(rowHash(columns));
    const text = (value: string): Stored => ({ as: 'text', bytes: Buffer.from(value), wide: false });

    const hashes = [
      hash({ a: text('a'), b: text('\u0001b') }),
      hash({ a: text('a\u0001'), b: text('b') }),
      hash({ a: text('ab'), b: text('c') }),
      hash({ a: text('a'), b: text('bc') }),
      hash({ a: text('abc'), b: text('') }),
      hash({ a: text('abc'), b: null }),
      hash({ a: null, b: text('abc') }),
    ];

    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('tells in which column NULL stands, even beside the number that begins a value', () => {
    const columns = ['a', 'b'].map(
      (name): Column => ({ name, type: 'tinyint', maxLength: 1, precision: 3, scale: 0 }),
    );
    const hash = hasherOf(rowHash(columns));
    const one: Stored = { as: 'integer', value: 1n };

    expect(hash({ a: one, b: null })).not.toBe(hash({ a: null, b: one }));
  });

  it('sees the last byte of the last column of a row of 1,024 columns and 8 MB', () => {
    const columns: Column[] = Array.from({ length: 1_024 }, (_, index) => ({
      name: `c${index}`,
      type: 'varchar',
      maxLength: 8_000,
      precision: 0,
      scale: 0,
    }));
    const hash = hasherOf(rowHash(columns));
    const full: StoredRow = Object.fromEntries(
      columns.map(({ name }) => [name, { as: 'text', bytes: Buffer.alloc(8_000, 'x'), wide: false }]),
    );
    const changed = Buffer.alloc(8_000, 'x');
    changed[7_999] = 0x79;

    expect(hash(full)).not.toBe(hash({ ...full, c1023: { as: 'text', bytes: changed, wide: false } }));
  });

  it('of a table without a column that can be read: the same for every row', () => {
    expect(hasherOf(rowHash([]))({})).toMatch(/^[0-9a-f]{64}$/);
  });
});

/** How many bytes an expression has at most, by its types alone. */
function most(expression: Expression, columns: Map<string, Column>): number {
  switch (expression.kind) {
    case 'binary':
      return expression.bytes.length;
    case 'text':
      return 2 * expression.text.length;
    case 'column':
      return columns.get(expression.name)?.maxLength ?? Number.NaN;
    case 'cast':
      return expression.type.length;
    case 'if-null':
      return Math.max(most(expression.yes, columns), most(expression.no, columns));
    case 'concatenation':
      return most(expression.left, columns) + most(expression.right, columns);
    case 'call':
      return expression.name === 'HASHBYTES' ? 32 : 4_000;
  }
}

function concatenations(expression: Expression): Expression[] {
  switch (expression.kind) {
    case 'concatenation':
      return [expression, ...concatenations(expression.left), ...concatenations(expression.right)];
    case 'if-null':
      return [...concatenations(expression.yes), ...concatenations(expression.no)];
    case 'cast':
      return concatenations(expression.value);
    case 'call':
      return expression.parameters.flatMap(concatenations);
    default:
      return [];
  }
}

function depth(expression: Expression): number {
  switch (expression.kind) {
    case 'concatenation':
      return 1 + Math.max(depth(expression.left), depth(expression.right));
    case 'if-null':
      return 1 + Math.max(depth(expression.yes), depth(expression.no));
    case 'cast':
      return 1 + depth(expression.value);
    case 'call':
      return 1 + Math.max(0, ...expression.parameters.map(depth));
    default:
      return 1;
  }
}

describe('the SQL of a row’s hash', () => {
  const anyColumn = fc.oneof(
    typed.map(({ column }) => column),
    fc
      .record({
        type: fc.constantFrom('varchar', 'nvarchar', 'varbinary', 'char'),
        maxLength: fc.integer({ min: 1, max: 8_000 }),
      })
      .map((about): Column => ({ name: '', precision: 0, scale: 0, ...about })),
  );

  it('never joins more than the 8,000 bytes behind which SQL Server cuts off in silence', () => {
    fc.assert(
      fc.property(fc.array(anyColumn, { minLength: 1, maxLength: 40 }), (list) => {
        const columns = list.map((column, index) => ({ ...column, name: `c${index}` }));
        const byName = new Map(columns.map((column) => [column.name, column]));
        return concatenations(parse(rowHash(columns))).every((each) => most(each, byName) <= LONGEST);
      }),
      { numRuns: 300 },
    );
  });

  it('is nested no deeper than a few dozen, however many columns there are', () => {
    const columns: Column[] = Array.from({ length: 4_096 }, (_, index) => ({
      name: `c${index}`,
      type: 'int',
      maxLength: 4,
      precision: 10,
      scale: 0,
    }));

    expect(depth(parse(rowHash(columns)))).toBeLessThan(40);
  });

  it('leaves the weak hashes alone', () => {
    const sql = rowHash(TYPED_COLUMNS.map(({ column }, index) => ({ ...column, name: `c${index}` })));

    expect(sql).not.toMatch(/CHECKSUM|MD5|MD4|'SHA1?'/);
    expect(sql).not.toMatch(/COLLATE/);
  });
});
