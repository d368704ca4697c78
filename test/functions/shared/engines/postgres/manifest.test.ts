import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareManifests } from '../../../../../functions/shared/engines/compare.ts';
import type { DatabaseManifest, Manifest } from '../../../../../functions/shared/engines/manifest.ts';
import { type RecordOptions, recordManifest } from '../../../../../functions/shared/engines/recorder.ts';
import { startThrowAwayServer, type ThrowAwayServer } from '../../../../support/throw-away-server.ts';

let server: ThrowAwayServer;
let count = 0;

beforeAll(async () => {
  server = await startThrowAwayServer();
});
afterAll(async () => server.stop());

/** A new database with these statements run in it. */
async function database(statements: string): Promise<string> {
  count += 1;
  const name = `db ${count}`;
  await server.database(name, statements);
  return name;
}

interface Options extends RecordOptions {
  connect?: (database: string) => Promise<pg.Client>;
  on?: ThrowAwayServer;
}

async function record(name: string, { connect, on = server, ...options }: Options = {}): Promise<Manifest> {
  const { manifest, complete } = await recordManifest(on.engine(connect), { databases: [name], ...options });
  expect(complete).toBe(true);
  return manifest;
}

/** Two databases are compared under one name. */
function renamed(manifest: Manifest): Manifest {
  return { ...manifest, databases: manifest.databases.map((each) => ({ ...each, name: 'crm' })) };
}

function only(manifest: Manifest): DatabaseManifest {
  const [first] = manifest.databases;
  if (first === undefined) throw new Error('no database');
  return first;
}

async function differencesBetween(before: string, after: string) {
  const [source, copy] = [
    await record(await database(before)),
    await record(await database(after), { copy: true }),
  ];
  return compareManifests(renamed(source), renamed(copy)).differences;
}

const ODD = `
  CREATE SCHEMA "销售 部";
  CREATE TABLE "销售 部"."Kunden ""A""; DROP TABLE x" (id int PRIMARY KEY, "Name, voll" text);
  INSERT INTO "销售 部"."Kunden ""A""; DROP TABLE x" VALUES (1, '张三'), (2, NULL), (3, '');
`;

describe('what a manifest holds', () => {
  it('counts every table, whatever it is called', async () => {
    const manifest = await record(await database(ODD));

    expect(only(manifest).tables).toEqual([
      {
        name: '"销售 部"."Kunden ""A""; DROP TABLE x"',
        rows: 3,
        // Two hashes, neither of them nothing nor the other one.
        digest: expect.stringMatching(/^(?!0{16})([0-9a-f]{16})(?!0{16}|\1)[0-9a-f]{16}$/),
      },
    ]);
    expect(manifest).toMatchObject({
      engine: 'postgres',
      engineVersion: expect.stringMatching(/^\d+/),
      server: {
        address: '127.0.0.1',
        port: server.port,
        startedAt: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
        systemIdentifier: expect.stringMatching(/^\d+$/),
      },
    });
    expect(manifest).not.toHaveProperty('incomplete');
  });

  it('holds no value of a row', async () => {
    const manifest = await record(
      await database(
        `CREATE TABLE t (secret text); INSERT INTO t VALUES ('hunter2-in-a-row'); CREATE VIEW v AS SELECT secret FROM t`,
      ),
    );

    expect(JSON.stringify(manifest)).not.toContain('hunter2');
  });

  it('reads leaves of partitioned tables, children without their parents, and materialised views', async () => {
    const manifest = await record(
      await database(`
        CREATE TABLE deals (id int, year int) PARTITION BY LIST (year);
        CREATE TABLE deals_2025 PARTITION OF deals FOR VALUES IN (2025);
        CREATE TABLE deals_2026 PARTITION OF deals FOR VALUES IN (2026) PARTITION BY RANGE (id);
        CREATE TABLE deals_2026_a PARTITION OF deals_2026 FOR VALUES FROM (0) TO (100);
        INSERT INTO deals SELECT i, 2025 + i % 2 FROM generate_series(1, 10) i;
        CREATE TABLE person (id int); CREATE TABLE employee (salary int) INHERITS (person);
        INSERT INTO person VALUES (1), (2); INSERT INTO employee VALUES (3, 100);
        CREATE MATERIALIZED VIEW report AS SELECT count(*) FROM deals;
        CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES; INSERT INTO nothing DEFAULT VALUES;
      `),
    );

    expect(Object.fromEntries(only(manifest).tables.map(({ name, rows }) => [name, rows]))).toEqual({
      '"public"."deals_2025"': 5,
      '"public"."deals_2026_a"': 5,
      '"public"."person"': 2,
      '"public"."employee"': 1,
      '"public"."report"': 1,
      '"public"."nothing"': 2,
    });
  });

  it('names what it cannot compare', async () => {
    const manifest = await record(
      await database(`
        CREATE TABLE kept (id int);
        CREATE UNLOGGED TABLE cache (id int);
        CREATE UNLOGGED SEQUENCE tickets;
        CREATE MATERIALIZED VIEW later AS SELECT 1 AS one WITH NO DATA;
        CREATE FOREIGN DATA WRAPPER w; CREATE SERVER elsewhere FOREIGN DATA WRAPPER w;
        CREATE FOREIGN TABLE remote (id int) SERVER elsewhere;
      `),
    );

    expect(
      only(manifest)
        .notCompared.map((entry) => entry.object)
        .sort(),
    ).toEqual(['"public"."cache"', '"public"."later"', '"public"."remote"', '"public"."tickets"']);
    expect(only(manifest).tables.map((table) => table.name)).toEqual(['"public"."kept"']);
  });

  it('compares large objects', async () => {
    const found = await differencesBetween(
      `CREATE TABLE t (id int); SELECT lo_from_bytea(4711, 'contract of 2025')`,
      `CREATE TABLE t (id int); SELECT lo_from_bytea(4711, 'contract of 2O25')`,
    );

    expect(found).toEqual([
      { object: 'crm: large objects (their pages)', kind: 'content', detail: expect.any(String) },
    ]);
  });

  it('reads the bytes of a database without an encoding', async () => {
    await server.sql(`CREATE DATABASE raw ENCODING 'SQL_ASCII' TEMPLATE template0`);
    // Two bytes of GBK, which are no UTF-8.
    await server.sql(String.raw`CREATE TABLE t (v text); INSERT INTO t VALUES (E'\xc4\xe3')`, 'raw');

    expect(only(await record('raw')).tables).toMatchObject([{ name: '"public"."t"', rows: 1 }]);
  });
});

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

  it('is the same whether a table is read at once or in parts', async () => {
    const name = await database(
      `CREATE TABLE big AS SELECT i AS id, repeat(md5(i::text), 20) AS filling FROM generate_series(1, 3000) i;
       CREATE TABLE toasted (v text); ALTER TABLE toasted ALTER v SET STORAGE EXTERNAL;
       INSERT INTO toasted SELECT repeat(md5(i::text), 5000) FROM generate_series(1, 20) i; DELETE FROM big WHERE id % 3 = 0`,
    );
    let statements = 0;
    const counting = async (each: string) => {
      const client = await server.reader(each);
      const query = client.query.bind(client) as (text: unknown, values?: unknown) => unknown;
      client.query = ((text: unknown, values?: unknown) => {
        if (typeof text === 'string' && text.includes('t.ctid >=')) statements += 1;
        return query(text, values);
      }) as typeof client.query;
      return client;
    };

    const whole = await record(name);
    const inParts = await record(name, { partBytes: 64 * 1024, connect: counting });

    expect(statements).toBeGreaterThan(20);
    const sorted = (manifest: Manifest) =>
      only(manifest)
        .tables.map(({ parts: _parts, ...table }) => table)
        .toSorted((a, b) => a.name.localeCompare(b.name));
    expect(sorted(inParts)).toEqual(sorted(whole));
    expect(only(inParts).underWay ?? {}).toEqual({});
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

describe('a manifest that takes longer than one call', () => {
  it('is gone on with where it stopped, and is the same in the end', async () => {
    const name = await database(
      `CREATE TABLE big AS SELECT i AS id, repeat('x', 500) AS filling FROM generate_series(1, 2000) i; CREATE TABLE small (id int)`,
    );
    const whole = await record(name);

    let resume: Manifest | undefined;
    let calls = 0;
    for (let complete = false; !complete; calls += 1) {
      const progress: { manifest: Manifest; complete: boolean } = await recordManifest(server.engine(), {
        databases: [name],
        partBytes: 128 * 1024,
        resume,
        // Always too late: each call does the one statement that it must.
        stopAt: 0,
      });
      complete = progress.complete;
      resume = JSON.parse(JSON.stringify(progress.manifest));
      if (!complete) expect(resume?.incomplete).toBe(true);
      if (calls > 100) throw new Error('no progress');
    }

    expect(calls).toBeGreaterThan(5);
    expect(resume).not.toHaveProperty('incomplete');
    expect(compareManifests(whole, resume as Manifest)).toMatchObject({ equal: true, tables: 2, rows: 2000 });
  });

  it('goes on after a connection that broke', async () => {
    const name = await database(`CREATE TABLE a AS SELECT generate_series(1, 10) AS id`);
    let broken = 0;
    const manifest = await record(name, {
      connect: async (each) => {
        const client = await server.reader(each);
        const query = client.query.bind(client) as (text: unknown, values?: unknown) => Promise<unknown>;
        client.query = ((text: unknown, values?: unknown) => {
          if (broken > 0 || typeof text !== 'string' || !text.includes('FROM ONLY'))
            return query(text, values);
          broken += 1;
          return Promise.reject(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
        }) as typeof client.query;
        return client;
      },
    });

    expect(broken).toBe(1);
    expect(only(manifest).tables).toMatchObject([{ name: '"public"."a"', rows: 10 }]);
  });
});

describe('what the user may not see of a definition', () => {
  it('is named, and compared as soon as it may', async () => {
    await server.sql(
      `CREATE ROLE sparse LOGIN PASSWORD 'only-for-tests'; CREATE ROLE reader LOGIN PASSWORD 'only-for-tests' IN ROLE pg_read_all_data`,
    );
    const mapping = (password: string) =>
      `CREATE TABLE t (id int); GRANT SELECT ON t TO sparse; CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (password '${password}')`;
    const [source, copy] = [await database(mapping('hunter2')), await database(mapping('hunter3'))];
    const as = async (user: string) => {
      const [a, b] = await Promise.all(
        [source, copy].map((name) => record(name, { connect: (each) => server.reader(each, user) })),
      );
      return compareManifests(renamed(a as Manifest), renamed(b as Manifest));
    };

    expect(await as('sparse')).toMatchObject({
      equal: true,
      notCompared: [
        { object: 'crm: user mappings (their options)', reason: expect.stringMatching(/pg_read_all_data/) },
      ],
    });
    expect(await as('reader')).toMatchObject({
      differences: [{ object: 'crm: user mapping public at s', kind: 'schema' }],
      notCompared: [],
    });
  });
});

describe('what makes a comparison impossible', () => {
  const impossible = (name: string, options: Options = {}) => expect(record(name, options)).rejects;

  it('a database that is not there', async () => {
    await impossible('postgres', { databases: ['postgres', 'crm'] }).toMatchObject({
      name: 'VerificationImpossible',
      message: expect.stringContaining('has no database "crm"'),
    });
  });

  it('nothing to compare', async () => {
    const empty = await database('CREATE VIEW v AS SELECT 1 AS one');
    await impossible(empty).toMatchObject({
      name: 'VerificationImpossible',
      message: expect.stringContaining('nothing in it could be compared'),
    });
    // Of a copy, the comparison says what is missing.
    expect(only(await record(empty, { copy: true })).tables).toEqual([]);
  });

  it('a table that the user may not read, named with the remedy', async () => {
    await server.sql(`CREATE ROLE poor LOGIN PASSWORD 'only-for-tests'`);
    const name = await database(
      'CREATE TABLE open (id int); GRANT SELECT ON open TO poor; CREATE TABLE closed (id int)',
    );
    await impossible(name, { connect: (each) => server.reader(each, 'poor') }).toMatchObject({
      name: 'VerificationImpossible',
      message: expect.stringMatching(/table "public"\."closed".*42501.*GRANT pg_read_all_data/),
    });
  });

  it('rows that a policy would hide', async () => {
    await server.sql(`CREATE ROLE reading LOGIN PASSWORD 'only-for-tests' IN ROLE pg_read_all_data`);
    const name = await database(
      'CREATE TABLE t (id int); INSERT INTO t VALUES (1); ALTER TABLE t ENABLE ROW LEVEL SECURITY',
    );
    await impossible(name, { connect: (each) => server.reader(each, 'reading') }).toMatchObject({
      message: expect.stringContaining('BYPASSRLS'),
    });
  });

  it('an error that may quote a row: its words are left out', async () => {
    const name = await database(
      `CREATE TYPE word AS ENUM ('hunter2'); CREATE TABLE t (v word); INSERT INTO t VALUES ('hunter2'); DELETE FROM pg_enum WHERE enumlabel = 'hunter2'`,
    );
    await impossible(name).toMatchObject({
      message: expect.stringMatching(/table "public"\."t".*SQLSTATE 22P03; its message is left out/),
    });
  });

  it('is stopped by its signal', async () => {
    const name = await database('CREATE TABLE t (id int)');
    await impossible(name, { signal: AbortSignal.abort() }).toMatchObject({ name: 'AbortError' });
  });
});

describe('extremes', () => {
  it('reads tables of 1,600 columns, and a unit of many of them in several statements', {
    timeout: 120_000,
  }, async () => {
    const columns = Array.from(
      { length: 1600 },
      (_none, index) => `c${index} ${index % 2 === 0 ? 'int' : 'bool'}`,
    );
    const wide = (value: number) =>
      [1, 2, 3, 4, 5]
        .map(
          (table) =>
            `CREATE TABLE wide${table} (${columns.join(', ')}); INSERT INTO wide${table} (c0, c1599) VALUES (${value}, true)`,
        )
        .join('; ');

    const differences = await differencesBetween(wide(1), `${wide(1)}; UPDATE wide4 SET c1599 = NULL`);

    expect(differences).toEqual([
      { object: 'crm: "public"."wide4"', kind: 'content', detail: expect.stringContaining('not in content') },
    ]);
  });

  it('reads more views than the server has room for locks', { timeout: 120_000 }, async () => {
    const name = await database('SELECT 1');
    // 64 locks a connection, and 60 connections: the definition of a view locks each table that it refers to.
    for (let first = 1; first <= 1500; first += 100)
      await server.sql(
        `DO $$ BEGIN FOR i IN ${first}..${first + 99} LOOP
           EXECUTE format('CREATE TABLE a%1$s (id int); CREATE TABLE b%1$s (id int); CREATE TABLE c%1$s (id int); CREATE TABLE d%1$s (id int); CREATE VIEW v%1$s AS SELECT * FROM a%1$s NATURAL JOIN b%1$s NATURAL JOIN c%1$s NATURAL JOIN d%1$s', i);
         END LOOP; END $$`,
        name,
      );

    const manifest = await record(name);

    expect(only(manifest).tables).toHaveLength(6000);
    expect(
      Object.keys(only(manifest).schema).filter((object) => object.startsWith('relation public.v')),
    ).toHaveLength(1500);
  });

  it('reads values of 20 MB, and finds the one character that differs', { timeout: 120_000 }, async () => {
    const long = (last: string) =>
      `CREATE TABLE t (id int, words text, bytes bytea, tree jsonb);
       INSERT INTO t VALUES (1, repeat('x', 20000000) || '${last}', NULL, NULL), (2, NULL, decode(repeat('ab', 10000000), 'hex'), NULL), (3, NULL, NULL, jsonb_build_array(repeat('y', 20000000)))`;

    expect(await differencesBetween(long('a'), long('a'))).toEqual([]);
    expect(await differencesBetween(long('a'), long('b'))).toMatchObject([
      { object: 'crm: "public"."t"', kind: 'content' },
    ]);
  });

  it('says so when a value is larger than the server itself can handle: never equal', {
    timeout: 120_000,
  }, async () => {
    // As a tree 180 MB, as text six times as much: each character of it stands as \\u0001.
    const name = await database(
      `CREATE TABLE t (tree jsonb); INSERT INTO t SELECT jsonb_agg(repeat(chr(1), 90000000)) FROM generate_series(1, 2)`,
    );

    await expect(record(name)).rejects.toMatchObject({
      name: 'VerificationImpossible',
      message: expect.stringMatching(/table "public"\."t"/),
    });
  });
});

describe('many tables', () => {
  it('reads two thousand in some seconds, a hundred a statement', { timeout: 60_000 }, async () => {
    const name = await database(`SELECT 1`);
    await server.sql(
      `DO $$ BEGIN FOR i IN 1..2000 LOOP EXECUTE format('CREATE TABLE t%s (id int, v text)', i); END LOOP; END $$`,
      name,
    );

    const manifest = await record(name);

    expect(only(manifest).tables).toHaveLength(2000);
  });
});

describe('rows written', () => {
  it('are counted from the beginning to the end, and only those of people’s tables', async () => {
    const name = await database('CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 10)');
    const before = only(await record(name)).rowsWritten;
    await server.sql('ANALYZE t', name);
    const analysed = only(await record(name)).rowsWritten;
    await server.sql('INSERT INTO t VALUES (11), (12)', name);
    const after = only(await record(name)).rowsWritten;

    expect(before).toEqual({ began: '10', ended: '10' });
    expect(analysed?.began).toBe('10');
    expect(after?.began).toBe('12');
  });
});
