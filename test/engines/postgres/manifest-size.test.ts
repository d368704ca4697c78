import { describe, expect, it } from 'vitest';
import { compareManifests } from '../../../engines/compare.ts';
import type { Manifest } from '../../../engines/manifest.ts';
import { recordManifest } from '../../../engines/recorder.ts';
import { only, standing } from './standing.ts';

const stage = standing();
const { database, record, differencesBetween } = stage;

describe('the digest', () => {
  it('is the same whether a table is read at once or in parts', async () => {
    const name = await database(
      `CREATE TABLE big AS SELECT i AS id, repeat(md5(i::text), 20) AS filling FROM generate_series(1, 3000) i;
       CREATE TABLE toasted (v text); ALTER TABLE toasted ALTER v SET STORAGE EXTERNAL;
       INSERT INTO toasted SELECT repeat(md5(i::text), 5000) FROM generate_series(1, 20) i; DELETE FROM big WHERE id % 3 = 0`,
    );
    let statements = 0;
    const counting = async (each: string) => {
      const client = await stage.server.reader(each);
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

describe('a manifest that takes longer than one call', () => {
  it('is gone on with where it stopped, and is the same in the end', async () => {
    const name = await database(
      `CREATE TABLE big AS SELECT i AS id, repeat('x', 500) AS filling FROM generate_series(1, 2000) i; CREATE TABLE small (id int)`,
    );
    const whole = await record(name);

    let resume: Manifest | undefined;
    let calls = 0;
    for (let complete = false; !complete; calls += 1) {
      const progress: { manifest: Manifest; complete: boolean } = await recordManifest(
        stage.server.engine(),
        {
          databases: [name],
          partBytes: 128 * 1024,
          resume,
          // Always too late: each call does the one statement that it must.
          stopAt: 0,
        },
      );
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
        const client = await stage.server.reader(each);
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

describe('many tables', () => {
  it('reads two thousand in some seconds, a hundred a statement', { timeout: 60_000 }, async () => {
    const name = await database(`SELECT 1`);
    await stage.server.sql(
      `DO $$ BEGIN FOR i IN 1..2000 LOOP EXECUTE format('CREATE TABLE t%s (id int, v text)', i); END LOOP; END $$`,
      name,
    );

    const manifest = await record(name);

    expect(only(manifest).tables).toHaveLength(2000);
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
      await stage.server.sql(
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
