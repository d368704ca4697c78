import { describe, expect, it } from 'vitest';
import { compareManifests } from '../../../engines/compare.ts';
import { startThrowAwayServer } from '../../support/throw-away-server.ts';
import { only, standing } from './standing.ts';

const { record, differencesBetween } = standing();

describe('the digest', () => {
  const three = `CREATE TABLE t (a int, b text); INSERT INTO t VALUES`;

  it.each([
    ['another order', `${three} (1, 'x'), (2, 'y'), (3, 'z')`, `${three} (3, 'z'), (1, 'x'), (2, 'y')`],
    [
      'a row that was changed and changed back',
      `${three} (1, 'x')`,
      `${three} (1, 'x'); UPDATE t SET b = 'y'; UPDATE t SET b = 'x'`,
    ],
    [
      'a column that was dropped before',
      `${three} (1, 'x')`,
      `CREATE TABLE t (gone int, a int, b text); INSERT INTO t VALUES (9, 1, 'x'); ALTER TABLE t DROP gone`,
    ],
    [
      'types whose number in the catalog differs',
      `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (m mood, all_of mood[], at timestamptz, f float8, b bytea);
       INSERT INTO t VALUES ('ok', '{sad,ok}', '2026-01-01 00:00+08', 0.1, '\\x00ff')`,
      `CREATE TYPE other AS ENUM ('a'); DROP TYPE other; CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (m mood, all_of mood[], at timestamptz, f float8, b bytea);
       INSERT INTO t VALUES ('ok', '{sad,ok}', '2025-12-31 16:00+00', 0.1, '\\x00ff')`,
    ],
  ])('is the same for %s', async (_what, before, after) => {
    expect(await differencesBetween(before, after)).toEqual([]);
  });

  it.each([
    ['a changed cell', `${three} (1, 'x'), (2, 'y')`, `${three} (1, 'x'), (2, 'Y')`, 'content'],
    ['NULL for an empty text', `${three} (1, '')`, `${three} (1, NULL)`, 'content'],
    ['cells swapped between rows', `${three} (1, 'x'), (2, 'y')`, `${three} (1, 'y'), (2, 'x')`, 'content'],
    [
      'text moved between columns',
      `CREATE TABLE t (a text, b text); INSERT INTO t VALUES ('ab', 'c')`,
      `CREATE TABLE t (a text, b text); INSERT INTO t VALUES ('a', 'bc')`,
      'content',
    ],
    [
      'duplicates that would cancel',
      `${three} (1, 'x'), (1, 'x'), (2, 'y')`,
      `${three} (2, 'y'), (2, 'y'), (2, 'y')`,
      'content',
    ],
    [
      'one pair of duplicates for another',
      `${three} (1, 'x'), (1, 'x')`,
      `${three} (2, 'y'), (2, 'y')`,
      'content',
    ],
    ['a row less', `${three} (1, 'x'), (2, 'y')`, `${three} (1, 'x')`, 'rows'],
    [
      'trailing zeros of a number',
      `CREATE TABLE t (n numeric); INSERT INTO t VALUES (1.0)`,
      `CREATE TABLE t (n numeric); INSERT INTO t VALUES (1.00)`,
      'content',
    ],
    [
      'the last bit of a float',
      `CREATE TABLE t (f float8); INSERT INTO t VALUES (0.1)`,
      `CREATE TABLE t (f float8); INSERT INTO t VALUES (0.1000000000000000194)`,
      'content',
    ],
    [
      'a value of an enum',
      `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (m mood); INSERT INTO t VALUES ('ok')`,
      `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (m mood); INSERT INTO t VALUES ('sad')`,
      'content',
    ],
    [
      'the last bit of a float beside an enum',
      `CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE t (m mood, f float8); INSERT INTO t VALUES ('ok', 0.1)`,
      `CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE t (m mood, f float8); INSERT INTO t VALUES ('ok', 0.1000000000000000194)`,
      'content',
    ],
  ])('differs for %s', async (_what, before, after, kind) => {
    const found = await differencesBetween(before, after);

    expect(found).toEqual([{ object: 'crm: "public"."t"', kind, detail: expect.any(String) }]);
  });
});

describe('the schema', () => {
  const TABLE = 'CREATE TABLE t (a int NOT NULL, b text DEFAULT 1);';
  it.each([
    ['a default', TABLE, 'CREATE TABLE t (a int NOT NULL, b text DEFAULT 2);', ['column public.t.b']],
    ['a type', TABLE, 'CREATE TABLE t (a int NOT NULL, b varchar DEFAULT 1);', ['column public.t.b']],
    ['an index', `${TABLE} CREATE INDEX i ON t (a)`, TABLE, ['index public.i']],
    [
      'a definition of an index',
      `${TABLE} CREATE INDEX i ON t (a)`,
      `${TABLE} CREATE INDEX i ON t (a DESC)`,
      ['index public.i'],
    ],
    ['a check', `${TABLE} ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)`, TABLE, ['constraint public.t.c']],
    [
      'a view',
      `${TABLE} CREATE VIEW v AS SELECT a FROM t`,
      `${TABLE} CREATE VIEW v AS SELECT a FROM t WHERE a > 1`,
      ['relation public.v'],
    ],
    [
      'a routine',
      `${TABLE} CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
      `${TABLE} CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 2'`,
      ['routine public.f(integer)'],
    ],
    [
      'a trigger that is off',
      `${TABLE} CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
      `${TABLE} CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger(); ALTER TABLE t DISABLE TRIGGER g`,
      ['trigger public.t.g'],
    ],
    [
      'an enum',
      `${TABLE} CREATE TYPE m AS ENUM ('a', 'b')`,
      `${TABLE} CREATE TYPE m AS ENUM ('b', 'a')`,
      ['type public.m'],
    ],
    [
      'a domain',
      `${TABLE} CREATE DOMAIN d AS int CHECK (VALUE > 0)`,
      `${TABLE} CREATE DOMAIN d AS bigint CHECK (VALUE > 0)`,
      ['type public.d'],
    ],
    [
      'a composite type',
      `${TABLE} CREATE TYPE c AS (x int)`,
      `${TABLE} CREATE TYPE c AS (x text)`,
      ['column public.c.x'],
    ],
    [
      'a policy',
      `${TABLE} CREATE POLICY p ON t USING (a > 0)`,
      `${TABLE} CREATE POLICY p ON t USING (a > 1)`,
      ['policy public.t.p'],
    ],
    ['a privilege', TABLE, `${TABLE} GRANT SELECT ON t TO pg_monitor`, ['relation public.t']],
    [
      'an identity',
      'CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, b text);',
      'CREATE TABLE t (a int GENERATED BY DEFAULT AS IDENTITY, b text);',
      ['column public.t.a'],
    ],
    [
      'an operator',
      `${TABLE} CREATE OPERATOR === (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int)`,
      TABLE,
      ['operator public.===(integer,integer)'],
    ],
    [
      'a cast',
      `${TABLE} CREATE TYPE m AS ENUM ('a'); CREATE CAST (m AS xml) WITH INOUT`,
      `${TABLE} CREATE TYPE m AS ENUM ('a')`,
      ['cast (public.m AS xml)'],
    ],
    [
      'a setting of the database',
      TABLE,
      `${TABLE} DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 9999', current_database()); END $$`,
      ['database settings'],
    ],
  ])('shows %s', async (_what, before, after, objects) => {
    const found = await differencesBetween(before, after);

    expect(found.map((each) => each.object)).toEqual(objects.map((object) => `crm: ${object}`));
  });

  it('is the same for the same statements run twice, roles and row order of the catalog aside', async () => {
    const everything = `
      CREATE EXTENSION pg_trgm;
      CREATE TYPE m AS ENUM ('a', 'b'); CREATE DOMAIN d AS m; CREATE TYPE c AS (x d, y int[]); CREATE TYPE r AS RANGE (subtype = float8);
      CREATE SEQUENCE s INCREMENT -3 CACHE 5; SELECT nextval('s');
      CREATE TABLE parent (id serial PRIMARY KEY, m d, c c, r r, g int GENERATED ALWAYS AS (1 + 1) STORED) PARTITION BY RANGE (id);
      CREATE TABLE child PARTITION OF parent DEFAULT;
      CREATE TABLE other (id int REFERENCES parent, EXCLUDE USING gist (int4range(id, id, '[]') WITH &&));
      ALTER TABLE other ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON other TO pg_monitor, pg_read_all_data USING (id > 0);
      CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int);
      CREATE PROCEDURE proc() LANGUAGE sql AS 'SELECT 1';
      CREATE RULE quiet AS ON DELETE TO other DO INSTEAD NOTHING;
      CREATE STATISTICS st ON id, m FROM child;
      CREATE PUBLICATION pub FOR TABLE other;
      CREATE COLLATION de (provider = libc, locale = 'C');
      CREATE TEXT SEARCH CONFIGURATION cfg (COPY = english);
      ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pg_monitor;
      COMMENT ON TABLE other IS '备注';
      GRANT SELECT ON other TO pg_monitor; GRANT SELECT ON other TO pg_read_all_data;
    `;

    expect(
      await differencesBetween(everything, `CREATE TYPE first AS (a int); ${everything} DROP TYPE first`),
    ).toEqual([]);
  });
});

describe('sequences', () => {
  it.each([
    ['a copy that is behind', 100, 99, 1],
    ['a copy that was used once', 100, 101, 1],
    ['a copy that is far ahead', 100, 134, 1],
  ])('shows %s', async (_what, before, after, differences) => {
    const at = (value: number) => `CREATE TABLE t (id int); CREATE SEQUENCE s; SELECT setval('s', ${value})`;

    const found = await differencesBetween(at(before), at(after));

    expect(found).toHaveLength(differences);
    expect(found).toEqual([
      {
        object: 'crm: "public"."s"',
        kind: 'sequence',
        detail: `last value ${before} in the source, last value ${after} in the copy`,
      },
    ]);
  });

  it('accepts what a recovery makes of a sequence that was used just before', async () => {
    const own = await startThrowAwayServer();
    const recordOwn = () => record('crm', { on: own });
    try {
      await own.database('crm', 'CREATE TABLE t (id serial); CREATE SEQUENCE down INCREMENT -2 CACHE 4');
      await own.sql('CHECKPOINT');
      await own.sql(`INSERT INTO t DEFAULT VALUES; SELECT nextval('down')`, 'crm');
      const before = await recordOwn();

      await own.crash();
      const after = await recordOwn();

      // The recovery did move it: the comparison, not luck, makes it equal.
      expect(only(before).sequences['"public"."t_id_seq"']?.lastValue).toBe('1');
      expect(only(after).sequences['"public"."t_id_seq"']?.lastValue).toBe('33');
      expect(compareManifests(before, after)).toMatchObject({ equal: true, differences: [] });
      expect(after.server.startedAt).not.toBe(before.server.startedAt);
      expect(after.server.systemIdentifier).toBe(before.server.systemIdentifier);
    } finally {
      await own.stop();
    }
  });
});
