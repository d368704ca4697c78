import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compareManifests } from '../../../engines/compare.ts';
import type { Manifest } from '../../../engines/manifest.ts';
import { connectPostgres } from '../../../engines/postgres/connection.ts';
import { postgresEngine } from '../../../engines/postgres/engine.ts';
import { countSessions } from '../../../engines/postgres/sessions.ts';
import { recordManifest } from '../../../engines/recorder.ts';
import { startTestServer, type TestServer } from '../../support/sandbox-postgres.ts';

let test: TestServer;
let client: pg.Client;

const SCHEMA = `
CREATE TYPE mood AS ENUM ('calm', 'busy');
CREATE TABLE "客户 ""x""" (id int PRIMARY KEY, name text, score numeric, ratio float8, tags text[], data jsonb, mood mood, raw bytea, at timestamptz);
INSERT INTO "客户 ""x""" SELECT n, 'name ' || n, n / 3.0, n / 7.0, ARRAY['a', n::text], '{"n": 1}', 'calm', '\\x00ff', '2026-01-01 00:00:00+00' FROM generate_series(1, 500) n;
CREATE TABLE no_key (a int, b text);
INSERT INTO no_key VALUES (1, 'x'), (1, 'x'), (2, NULL), (3, '');
CREATE TABLE no_columns ();
CREATE UNLOGGED TABLE scratch (a int);
CREATE SEQUENCE numbers;
CREATE VIEW busy AS SELECT id FROM "客户 ""x""" WHERE mood = 'busy';
CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT $1 * 2';
CREATE INDEX by_name ON "客户 ""x""" (name);
`;

const engine = () =>
  postgresEngine({
    address: '127.0.0.1',
    port: test.server.port,
    home: ['postgres'],
    connect: test.connect,
  });

const record = async (): Promise<Manifest> =>
  (await recordManifest(engine(), { databases: ['crm'] })).manifest;

beforeAll(async () => {
  test = await startTestServer();
});
afterAll(() => test.stop());
beforeEach(async () => {
  const admin = await test.connect('postgres');
  await admin.query('DROP DATABASE IF EXISTS crm WITH (FORCE)');
  await admin.query('CREATE DATABASE crm');
  await admin.end();
  client = await test.connect('crm');
  await client.query(SCHEMA);
  return () => client.end();
});

describe('the manifest of a PostgreSQL database', () => {
  it('says the same however often it is recorded, and whatever the order of the rows', async () => {
    const before = await record();
    await client.query(
      'CREATE TABLE moved AS TABLE no_key; TRUNCATE no_key; INSERT INTO no_key SELECT * FROM moved ORDER BY b DESC NULLS FIRST; DROP TABLE moved',
    );

    const comparison = compareManifests(before, await record());

    expect(comparison).toMatchObject({ equal: true, differences: [] });
    expect(comparison.rows).toBe(504);
    expect(comparison.notCompared.map((entry) => entry.object)).toEqual([expect.stringContaining('scratch')]);
  });

  it.each([
    ['a value', 'UPDATE "客户 ""x""" SET name = name || \'.\' WHERE id = 77'],
    ['NULL for empty', 'UPDATE no_key SET b = NULL WHERE a = 3'],
    ['a duplicate row less', 'DELETE FROM no_key WHERE ctid = (SELECT ctid FROM no_key WHERE a = 1 LIMIT 1)'],
    ['a duplicate row more', "INSERT INTO no_key VALUES (1, 'x')"],
    ['two duplicates more', "INSERT INTO no_key VALUES (1, 'x'), (1, 'x')"],
    ['a numeric’s scale', 'UPDATE "客户 ""x""" SET score = score::numeric(20, 18) WHERE id = 3'],
    ['negative zero', 'UPDATE "客户 ""x""" SET ratio = \'-0\' WHERE id = 7'],
    ['an array’s element', 'UPDATE "客户 ""x""" SET tags = ARRAY[\'a\', NULL] WHERE id = 9'],
    ['an enum value', 'UPDATE "客户 ""x""" SET mood = \'busy\' WHERE id = 11'],
    ['a column', 'ALTER TABLE no_key ADD c int'],
    ['a column’s default', "ALTER TABLE no_key ALTER b SET DEFAULT 'y'"],
    ['a column’s type', 'ALTER TABLE no_key ALTER a TYPE bigint'],
    ['a constraint', 'ALTER TABLE no_key ADD CHECK (a > 0)'],
    ['an index', 'DROP INDEX by_name'],
    ['a view', 'CREATE OR REPLACE VIEW busy AS SELECT id FROM "客户 ""x""" WHERE mood <> \'calm\''],
    ['a routine', "CREATE OR REPLACE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT $1 + $1'"],
    ['a sequence’s value', "SELECT nextval('numbers')"],
    ['a label of an enum', "ALTER TYPE mood ADD VALUE 'wild'"],
    ['a table', 'CREATE TABLE one_more (a int)'],
    ['a table less', 'DROP TABLE no_columns'],
  ])('changes with %s', async (_name, change) => {
    const before = await record();
    await client.query(change);

    const comparison = compareManifests(before, await record());

    expect(comparison.equal).toBe(false);
    expect(comparison.differences.length).toBeGreaterThan(0);
  });

  it('is an error when there was nothing to compare', async () => {
    const admin = await test.connect('postgres');
    await admin.query('CREATE DATABASE empty').finally(() => admin.end());

    await expect(recordManifest(engine(), { databases: ['empty'] })).rejects.toMatchObject({
      name: 'VerificationImpossible',
    });
  });

  it('names a database that is not there', async () => {
    await expect(recordManifest(engine(), { databases: ['nowhere'] })).rejects.toMatchObject({
      message: expect.stringContaining('nowhere'),
    });
  });
});

describe('sessions', () => {
  it('counts people, not services, other databases or ourselves', async () => {
    const filter = { ignoreUsers: [], ignoreApplications: ['crm-worker'], databases: ['crm'] };
    const before = await countSessions(client, filter);
    const people = await test.server.connect('crm', 'crm-web');
    const service = await test.server.connect('crm', 'crm-worker');
    const elsewhere = await test.connect('postgres');

    expect(await countSessions(client, filter)).toBe(before + 1);
    await Promise.all([people.end(), service.end(), elsewhere.end()]);
  });
});

describe('connecting', () => {
  it('refuses a server whose certificate nobody vouches for, and never says the password', async () => {
    const target = {
      address: '127.0.0.1',
      port: test.server.port,
      database: 'crm',
      credentials: { username: 'postgres', password: 'test' },
      statementTimeoutSeconds: 5,
    };

    const error = await connectPostgres(target).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      name: 'DatabaseUnreachable',
      message: expect.stringContaining(`127.0.0.1:${test.server.port}`),
    });
    expect(String(error)).not.toContain("'test'");
  });
});
