import { describe, expect, it } from 'vitest';
import { compareManifests } from '../../../engines/compare.ts';
import type { Manifest } from '../../../engines/manifest.ts';
import { asCrm } from '../../support/manifests.ts';
import { type Options, only, standing } from './standing.ts';

const stage = standing();
const { database, record, differencesBetween } = stage;

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
        port: stage.server.port,
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
    await stage.server.sql(`CREATE DATABASE raw ENCODING 'SQL_ASCII' TEMPLATE template0`);
    // Two bytes of GBK, which are no UTF-8.
    await stage.server.sql(String.raw`CREATE TABLE t (v text); INSERT INTO t VALUES (E'\xc4\xe3')`, 'raw');

    expect(only(await record('raw')).tables).toMatchObject([{ name: '"public"."t"', rows: 1 }]);
  });
});

describe('what the user may not see of a definition', () => {
  it('is named, and compared as soon as it may', async () => {
    await stage.server.sql(
      `CREATE ROLE sparse LOGIN PASSWORD 'only-for-tests'; CREATE ROLE reader LOGIN PASSWORD 'only-for-tests' IN ROLE pg_read_all_data`,
    );
    const mapping = (password: string) =>
      `CREATE TABLE t (id int); GRANT SELECT ON t TO sparse; CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (password '${password}')`;
    const [source, copy] = [await database(mapping('hunter2')), await database(mapping('hunter3'))];
    const as = async (user: string) => {
      const [a, b] = await Promise.all(
        [source, copy].map((name) => record(name, { connect: (each) => stage.server.reader(each, user) })),
      );
      return compareManifests(asCrm(a as Manifest), asCrm(b as Manifest));
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
    await stage.server.sql(`CREATE ROLE poor LOGIN PASSWORD 'only-for-tests'`);
    const name = await database(
      'CREATE TABLE open (id int); GRANT SELECT ON open TO poor; CREATE TABLE closed (id int)',
    );
    await impossible(name, { connect: (each) => stage.server.reader(each, 'poor') }).toMatchObject({
      name: 'VerificationImpossible',
      message: expect.stringMatching(/table "public"\."closed".*42501.*GRANT pg_read_all_data/),
    });
  });

  it('rows that a policy would hide', async () => {
    await stage.server.sql(`CREATE ROLE reading LOGIN PASSWORD 'only-for-tests' IN ROLE pg_read_all_data`);
    const name = await database(
      'CREATE TABLE t (id int); INSERT INTO t VALUES (1); ALTER TABLE t ENABLE ROW LEVEL SECURITY',
    );
    await impossible(name, { connect: (each) => stage.server.reader(each, 'reading') }).toMatchObject({
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

describe('rows written', () => {
  it('are counted from the beginning to the end, and only those of people’s tables', async () => {
    const name = await database('CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 10)');
    const before = only(await record(name)).rowsWritten;
    await stage.server.sql('ANALYZE t', name);
    const analysed = only(await record(name)).rowsWritten;
    await stage.server.sql('INSERT INTO t VALUES (11), (12)', name);
    const after = only(await record(name)).rowsWritten;

    expect(before).toEqual({ began: '10', ended: '10' });
    expect(analysed?.began).toBe('10');
    expect(after?.began).toBe('12');
  });
});
