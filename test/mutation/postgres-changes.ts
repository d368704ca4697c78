import fc from 'fast-check';
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
    { kind: 'sequence ahead', sql: `SELECT setval('numbers', ${600 + 5 * a})`, object: '"public"."numbers"' },
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

/** Changes of a definition: statement and the object that must be named. */
const DEFINITIONS: readonly (readonly [sql: string, object: string])[] = [
  ['ALTER TABLE every_type ADD extra int', 'column public.every_type.extra'],
  ['ALTER TABLE every_type DROP small', 'column public.every_type.small'],
  ['ALTER TABLE every_type RENAME small TO smaller', 'column public.every_type.small'],
  ['ALTER TABLE every_type ALTER whole TYPE bigint', 'column public.every_type.whole'],
  ['ALTER TABLE every_type ALTER short TYPE varchar(51)', 'column public.every_type.short'],
  ['ALTER TABLE every_type ALTER long SET DEFAULT 1', 'column public.every_type.long'],
  ['ALTER TABLE every_type ALTER id SET DEFAULT 1', 'column public.every_type.id'],
  ['ALTER TABLE two_keys ALTER c SET NOT NULL', 'column public.two_keys.c'],
  ['ALTER TABLE detail ALTER note TYPE text COLLATE "C"', 'column public.detail.note'],
  ['ALTER TABLE detail ALTER note SET STORAGE EXTERNAL', 'column public.detail.note'],
  ['ALTER TABLE detail ALTER amount DROP DEFAULT', 'column public.detail.amount'],
  ['ALTER TABLE detail ALTER doubled DROP EXPRESSION', 'column public.detail.doubled'],
  ['ALTER TABLE detail ALTER id SET GENERATED BY DEFAULT', 'column public.detail.id'],
  ['ALTER TABLE detail DROP CONSTRAINT detail_amount_check', 'constraint public.detail.detail_amount_check'],
  ['ALTER TABLE detail DROP CONSTRAINT detail_parent_fkey', 'constraint public.detail.detail_parent_fkey'],
  [
    'ALTER TABLE detail ALTER CONSTRAINT detail_parent_fkey DEFERRABLE',
    'constraint public.detail.detail_parent_fkey',
  ],
  ['ALTER TABLE detail DROP CONSTRAINT detail_parent_amount_key', 'index public.detail_parent_amount_key'],
  ['ALTER TABLE detail ADD CHECK (amount < 1000) NOT VALID', 'constraint public.detail.detail_amount_check1'],
  ['ALTER TABLE by_text DROP CONSTRAINT by_text_pkey', 'index public.by_text_pkey'],
  ['DROP INDEX detail_note', 'index public.detail_note'],
  [
    'DROP INDEX detail_note; CREATE INDEX detail_note ON detail (note) WHERE amount > 3',
    'index public.detail_note',
  ],
  [
    'DROP INDEX detail_note; CREATE INDEX detail_note ON detail USING gin (note gin_trgm_ops) WHERE amount > 2',
    'index public.detail_note',
  ],
  ['CREATE INDEX more ON two_keys (c DESC NULLS LAST)', 'index public.more'],
  ['ALTER INDEX detail_note SET (fillfactor = 50)', 'index public.detail_note'],
  [
    'CREATE OR REPLACE VIEW totals AS SELECT parent, sum(amount) + 0 AS total FROM detail GROUP BY parent',
    'relation public.totals',
  ],
  ['DROP VIEW totals', 'relation public.totals'],
  ['ALTER VIEW totals SET (security_barrier)', 'relation public.totals'],
  ['DROP MATERIALIZED VIEW totals_kept', 'relation public.totals_kept'],
  [
    "CREATE OR REPLACE FUNCTION double_of(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n * 3'",
    'routine public.double_of(n integer)',
  ],
  ['ALTER FUNCTION double_of SECURITY DEFINER', 'routine public.double_of(n integer)'],
  ['ALTER FUNCTION double_of STABLE', 'routine public.double_of(n integer)'],
  ['DROP FUNCTION double_of', 'routine public.double_of(n integer)'],
  [
    'CREATE OR REPLACE PROCEDURE nothing() LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END $$',
    'routine public.nothing()',
  ],
  ['DROP AGGREGATE product(float8)', 'routine public.product(double precision)'],
  [
    "DROP AGGREGATE product(float8); CREATE AGGREGATE product(float8) (SFUNC = float8mul, STYPE = float8, INITCOND = '2')",
    'routine public.product(double precision)',
  ],
  ['DROP TRIGGER detail_stamp ON detail', 'trigger public.detail.detail_stamp'],
  ['ALTER TABLE detail DISABLE TRIGGER detail_stamp', 'trigger public.detail.detail_stamp'],
  [
    'DROP TRIGGER detail_stamp ON detail; CREATE TRIGGER detail_stamp AFTER UPDATE ON detail FOR EACH ROW EXECUTE FUNCTION stamp()',
    'trigger public.detail.detail_stamp',
  ],
  ['DROP RULE quiet ON by_text', 'rule public.by_text.quiet'],
  ['DROP POLICY everyone ON by_text', 'policy public.by_text.everyone'],
  ['ALTER POLICY everyone ON by_text USING (a > 0)', 'policy public.by_text.everyone'],
  ['ALTER TABLE by_text DISABLE ROW LEVEL SECURITY', 'relation public.by_text'],
  ['ALTER TABLE by_text FORCE ROW LEVEL SECURITY', 'relation public.by_text'],
  ["ALTER TYPE mood ADD VALUE 'glad' BEFORE 'happy'", 'type public.mood'],
  ["ALTER TYPE mood RENAME VALUE 'sad' TO 'low'", 'type public.mood'],
  ["ALTER DOMAIN email SET DEFAULT 'a@b'", 'type public.email'],
  ['ALTER DOMAIN email DROP CONSTRAINT email_check', 'constraint public.email.email_check'],
  ['ALTER TYPE address ADD ATTRIBUTE zip text', 'column public.address.zip'],
  ["CREATE COLLATION french (provider = icu, locale = 'fr')", 'collation public.french'],
  ['DROP EXTENSION pg_trgm', 'extension pg_trgm'],
  ['CREATE EXTENSION pgcrypto', 'extension pgcrypto'],
  ['ALTER SEQUENCE numbers INCREMENT 6', 'sequence public.numbers'],
  ['ALTER SEQUENCE numbers CYCLE', 'sequence public.numbers'],
  ['ALTER SEQUENCE numbers MAXVALUE 5000', 'sequence public.numbers'],
  ['DROP SEQUENCE numbers', 'sequence public.numbers'],
  ['DROP STATISTICS detail_statistics', 'statistics public.detail_statistics'],
  ['ALTER TEXT SEARCH CONFIGURATION plain DROP MAPPING FOR word', 'text search configuration public.plain'],
  ['DROP PUBLICATION everything', 'publication everything'],
  ['ALTER TABLE event DETACH PARTITION event_2025', 'relation public.event_2025'],
  [
    "CREATE TABLE event_2040 PARTITION OF event FOR VALUES FROM ('2040-01-01') TO ('2041-01-01')",
    'relation public.event_2040',
  ],
  ['ALTER TABLE child NO INHERIT parent', 'relation public.child'],
  ['DROP TABLE no_columns', 'relation public.no_columns'],
  ['CREATE TABLE another (a int)', 'relation public.another'],
  ['ALTER TABLE no_key RENAME TO without_key', 'relation public.no_key'],
  ['ALTER TABLE no_key SET SCHEMA "销售 部"', 'relation public.no_key'],
  ['ALTER TABLE no_key SET UNLOGGED', 'relation public.no_key'],
  ['ALTER TABLE no_key SET (fillfactor = 50)', 'relation public.no_key'],
  ['ALTER TABLE no_key REPLICA IDENTITY FULL', 'relation public.no_key'],
  ['ALTER TABLE no_key OWNER TO pg_database_owner', 'relation public.no_key'],
  ['GRANT SELECT ON no_key TO pg_monitor', 'relation public.no_key'],
  ['GRANT SELECT (a) ON no_key TO pg_monitor', 'column public.no_key.a'],
  ['GRANT CREATE ON SCHEMA "销售 部" TO pg_monitor', 'schema "销售 部"'],
  ['CREATE SCHEMA more', 'schema more'],
  ["COMMENT ON TABLE detail IS 'other'", 'relation public.detail'],
  ['COMMENT ON COLUMN detail.note IS NULL', 'column public.detail.note'],
  ["COMMENT ON FUNCTION double_of IS 'twice'", 'comment function public.double_of(integer)'],
  ['ALTER TABLE detail ALTER note SET COMPRESSION pglz', 'column public.detail.note'],
  ['ALTER TABLE detail ALTER note SET STATISTICS 500', 'column public.detail.note'],
  ['ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pg_monitor', 'default privileges of postgres on r in'],
];

/** Each change of a definition, so that none is left to chance. */
export const everyDefinition: Change[] = DEFINITIONS.map(([sql, object]) => ({
  kind: `definition: ${sql}`,
  sql,
  object,
}));

/** Any change of any kind; values of every type most often. */
export const anyChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 8, arbitrary: typedValue },
  { weight: 1, arbitrary: typedRow },
  { weight: 1, arbitrary: oddlyNamed },
  { weight: 1, arbitrary: swapped },
  { weight: 1, arbitrary: large },
  { weight: 1, arbitrary: composite },
  { weight: 3, arbitrary: keyless },
  { weight: 5, arbitrary: fc.constantFrom(...everyDefinition) },
);
