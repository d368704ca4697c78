import fc from 'fast-check';
import { definitionsFor } from './postgres-definitions.ts';
import { otherValue, TYPED_ROWS } from './postgres-schema.ts';
import { TYPED_COLUMNS } from './postgres-types.ts';
import type { Change } from './typed-column.ts';

const KUNDEN = '"销售 部"."Kunden ""A"" 客户"';

const rowId = (max: number) => fc.integer({ min: 1, max });

const typedValue = fc
  .tuple(rowId(TYPED_ROWS), fc.nat({ max: TYPED_COLUMNS.length - 1 }), fc.nat({ max: 50 }))
  .map(([id, index, choice]): Change => {
    const { name = '', type = '' } = TYPED_COLUMNS[index] ?? {};
    return {
      kind: `value of ${type}`,
      sql: `UPDATE every_type SET ${name} = ${otherValue(id, index, choice)} WHERE id = ${id}`,
      object: '"public"."every_type"',
      key: { of: 'changed', name: String(id) },
    };
  });

const typedRow = rowId(TYPED_ROWS).chain((id) =>
  fc.constantFrom<Change>(
    {
      kind: 'row deleted',
      sql: `DELETE FROM every_type WHERE id = ${id}`,
      object: '"public"."every_type"',
      key: { of: 'missing', name: String(id) },
    },
    {
      kind: 'row inserted',
      sql: `INSERT INTO every_type (id) VALUES (${id + 1000})`,
      object: '"public"."every_type"',
      key: { of: 'extra', name: String(id + 1000) },
    },
    {
      kind: 'key changed',
      sql: `UPDATE every_type SET id = ${id + 1000} WHERE id = ${id}`,
      object: '"public"."every_type"',
      key: { of: 'missing', name: String(id) },
    },
  ),
);

const oddlyNamed = rowId(60).map(
  (id): Change => ({
    kind: 'value in a table with quotes, spaces and Chinese',
    sql: `UPDATE ${KUNDEN} SET "Name, voll" = "Name, voll" || ' ' WHERE id = ${id}`,
    object: KUNDEN,
    key: { of: 'changed', name: String(id) },
  }),
);

const swapped = fc.tuple(rowId(30), fc.integer({ min: 31, max: 60 })).map(
  ([a, b]): Change => ({
    kind: 'values swapped between rows',
    sql: `UPDATE ${KUNDEN} AS t SET "Name, voll" = o."Name, voll" FROM ${KUNDEN} AS o WHERE (t.id, o.id) IN ((${a}, ${b}), (${b}, ${a}))`,
    object: KUNDEN,
    key: { of: 'changed', name: String(a) },
  }),
);

const large = rowId(6000).map(
  (id): Change => ({
    kind: 'value in a table read in parts',
    sql: `UPDATE many SET filling = reverse(filling) WHERE id = ${id}`,
    object: '"public"."many"',
    key: { of: 'changed', name: String(id) },
  }),
);

const composite = rowId(30).map(
  (a): Change => ({
    kind: 'value under a key of two columns',
    sql: `UPDATE two_keys SET c = 'd' WHERE a = ${a}`,
    object: '"public"."two_keys"',
    key: {
      of: 'changed',
      name: `(${a},${new Date(Date.UTC(2026, 0, 1 + a)).toISOString().slice(0, 10)})`,
    },
  }),
);

/** Changes without a key, or whose key is not shown. */
const keyless = rowId(24).chain((a) =>
  fc.constantFrom<Change>(
    {
      kind: 'duplicate added',
      sql: `INSERT INTO no_key SELECT * FROM no_key WHERE a = ${a} LIMIT 1`,
      object: '"public"."no_key"',
    },
    {
      kind: 'duplicate removed',
      sql: `DELETE FROM no_key WHERE ctid = (SELECT min(ctid) FROM no_key WHERE a = ${a})`,
      object: '"public"."no_key"',
    },
    {
      kind: 'duplicates exchanged',
      sql: `UPDATE no_key SET a = a + 1, b = 'x' || a + 1 WHERE a = ${a}`,
      object: '"public"."no_key"',
    },
    {
      kind: 'row of no columns',
      sql: 'INSERT INTO no_columns DEFAULT VALUES',
      object: '"public"."no_columns"',
    },
    {
      kind: 'value under a text key',
      sql: `UPDATE by_text SET a = a + 1 WHERE code = 'person${a}@example.com'`,
      object: '"public"."by_text"',
    },
    {
      kind: 'row moved to another partition',
      sql: `UPDATE event SET at = at + 3650 WHERE id = ${a}`,
      object: '"public"."event_rest"',
    },
    {
      kind: 'row of a child table',
      sql: `UPDATE child SET b = 'z' WHERE id = 11`,
      object: '"public"."child"',
    },
    { kind: 'large object', sql: `SELECT lo_put(100001, ${a}, 'z')`, object: 'large objects (their pages)' },
    { kind: 'large object added', sql: `SELECT lo_create(${200000 + a})`, object: 'large objects all' },
    {
      kind: 'sequence used',
      sql: `SELECT nextval('numbers') FROM generate_series(1, ${a})`,
      object: '"public"."numbers"',
    },
    { kind: 'sequence behind', sql: `SELECT setval('numbers', ${200 - a})`, object: '"public"."numbers"' },
    {
      kind: 'identity’s sequence',
      sql: `ALTER TABLE detail ALTER id RESTART WITH ${500 + a}`,
      object: '"public"."detail_id_seq"',
    },
    {
      kind: 'materialised view not refreshed',
      sql: `ALTER TABLE detail DISABLE TRIGGER USER; UPDATE detail SET amount = amount + 100 WHERE id = 1; REFRESH MATERIALIZED VIEW totals_kept`,
      object: '"public"."totals_kept"',
    },
  ),
);

/** Any change of any kind; values of every type most often. */
export const anyChange = (version: number): fc.Arbitrary<Change> =>
  fc.oneof(
    { weight: 8, arbitrary: typedValue },
    { weight: 1, arbitrary: typedRow },
    { weight: 1, arbitrary: oddlyNamed },
    { weight: 1, arbitrary: swapped },
    { weight: 1, arbitrary: large },
    { weight: 1, arbitrary: composite },
    { weight: 3, arbitrary: keyless },
    { weight: 5, arbitrary: fc.constantFrom(...definitionsFor(version)) },
  );
