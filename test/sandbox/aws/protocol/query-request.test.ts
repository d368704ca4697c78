import { QueryShapeSerializer } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaRef } from '@smithy/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readQueryInput } from '../../../../sandbox/aws/protocol/query-request.ts';

/** A made-up shape with everything Query can carry; no installed service has a map. */
const inner = [3, 'test', 'Inner', 0, ['Flag', 'Size'], [2, 1]];
const shape = NormalizedSchema.of([
  3,
  'test',
  'Everything',
  0,
  ['Text', 'At', 'Bytes', 'Names', 'Flat', 'Inners', 'Map', 'FlatMap', 'Named'],
  [
    0,
    4,
    21,
    64 | 0,
    [64 | 1, { xmlFlattened: 1, xmlName: 'flat-name' }],
    [1, 'test', 'Inners', 0, [() => inner, { xmlName: 'Item' }]],
    [2, 'test', 'Map', 0, 0, () => inner],
    [[2, 'test', 'FlatMap', 0, [0, { xmlName: 'K' }], [1, { xmlName: 'V' }]], { xmlFlattened: 1 }],
    [0, { xmlName: 'named' }],
  ],
] as unknown as SchemaRef);

function serialize(input: unknown): URLSearchParams {
  const serializer = new QueryShapeSerializer({
    timestampFormat: { useTrait: true, default: 5 },
    httpBindings: false,
    serializeEmptyLists: true,
  });
  serializer.write(shape as never, input);
  return new URLSearchParams(`Action=X&Version=1${serializer.flush()}`);
}

const innerValue = fc.record({ Flag: fc.boolean(), Size: fc.integer() });
const key = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => text !== '__proto__');
const value = fc.record(
  {
    Text: fc.string({ unit: 'binary' }),
    At: fc.date({ min: new Date(0), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true }),
    Bytes: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    Names: fc.array(fc.string(), { maxLength: 12 }),
    Flat: fc.array(fc.integer(), { minLength: 1, maxLength: 12 }),
    Inners: fc.array(innerValue, { maxLength: 3 }),
    Map: fc.dictionary(key, innerValue, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
    FlatMap: fc.dictionary(key, fc.integer(), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
    Named: fc.string(),
  },
  { requiredKeys: [], noNullPrototype: true },
);

test('reading is the inverse of what the SDK writes', () => {
  fc.assert(
    fc.property(value, (input) => {
      const { input: read, problems } = readQueryInput(shape, serialize(input), 'awsQuery');
      expect(problems.list).toEqual([]);
      expect(read).toEqual(input);
    }),
  );
});

test('list items come in the order of their numbers, not of their arrival', () => {
  const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
  const form = new URLSearchParams(
    Object.fromEntries(numbers.map((n) => [`Names.member.${13 - n}`, `n${13 - n}`])),
  );
  expect(readQueryInput(shape, form, 'awsQuery').input).toEqual({ Names: numbers.map((n) => `n${n}`) });
});

test.each([
  ['Map.entry.1.key=a', ['Map', 1]],
  ['FlatMap.1.V=7', ['FlatMap', 1]],
  ['Inners.Item.1=x', ['Inners', 1]],
  ['Text=x&Text.y=z', ['Text']],
  ['At=yesterday', ['At']],
  ['flat-name=7', ['Flat']],
])('%s has a wrong type', (form, path) => {
  const { problems } = readQueryInput(shape, new URLSearchParams(form), 'awsQuery');
  expect(problems.list).toMatchObject([{ kind: 'type', path }]);
});

test.each([
  ['Nme=x', ['Nme']],
  ['Named=x', ['Named']],
  ['Names.Name.1=x', ['Names', 'Name']],
  ['Names.member.01=x', ['Names', '01']],
  ['Map.entry.1.key=a&Map.entry.1.value.Flag=true&Map.entri.2.key=b', ['Map', 'entri']],
  ['Inners.Item.1.Colour=red', ['Inners', 1, 'Colour']],
])('%s is unknown', (form, path) => {
  const { problems } = readQueryInput(shape, new URLSearchParams(form), 'awsQuery');
  expect(problems.list).toEqual([{ kind: 'unknown', path }]);
});
