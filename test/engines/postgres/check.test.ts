import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CheckResult } from '../../../engines/engine.ts';
import { standing } from './standing.ts';

const stage = standing();

const SCHEMA = `
  CREATE TABLE account (id int PRIMARY KEY, name text, note text);
  ALTER TABLE account ALTER note SET STORAGE EXTERNAL;
  INSERT INTO account SELECT i, 'name ' || i, CASE WHEN i % 100 = 0 THEN repeat('x', 5000) END FROM generate_series(1, 5000) i;
  CREATE INDEX by_name ON account (name);
  CREATE TABLE "客户 ""x""" (id int UNIQUE); INSERT INTO "客户 ""x""" SELECT generate_series(1, 100);
  CREATE TABLE tags (names text[]); CREATE INDEX by_tag ON tags USING gist (int4range(cardinality(names), NULL));
`;

beforeAll(async () => {
  await stage.server.sql(`CREATE ROLE narrow LOGIN PASSWORD 'only-for-tests' IN ROLE pg_read_all_data`);
});

const database = (): Promise<string> => stage.database(SCHEMA);

/** Changes bytes of a relation's file behind the stopped server's back, as a bad disk or a bad copy does. */
async function damage(name: string, relation: string, block: number): Promise<void> {
  const client = await stage.server.reader(name);
  const { rows } = await client.query<{ path: string }>('SELECT pg_relation_filepath($1::regclass) AS path', [
    `public.${relation}`,
  ]);
  await client.end();
  await stage.server.server.stop();
  const file = await open(join(stage.server.server.options.dataDirectory, rows[0]?.path ?? ''), 'r+');
  const page = Buffer.alloc(8192);
  await file.read(page, 0, page.length, block * page.length);
  // Behind the page's header and item pointers, where the rows are.
  for (let at = 6000; at < 8100; at += 7) page[at] = (page[at] ?? 0) ^ 0x5a;
  await file.write(page, 0, page.length, block * page.length);
  await file.close();
  await stage.server.server.start();
}

const check = (name: string, user = 'postgres', mayPrepare = true): Promise<CheckResult> =>
  stage.server.engine((each) => stage.server.reader(each, user)).check(name, { mayPrepare });

async function isSince18(name: string): Promise<boolean> {
  const client = await stage.server.reader(name);
  const { rows } = await client.query<{ since: boolean }>(
    `SELECT current_setting('server_version_num')::int >= 180000 AS since`,
  );
  await client.end();
  return rows[0]?.since === true;
}

describe('amcheck', () => {
  it('finds nothing wrong with a sound database, and says what it looked at and what not', async () => {
    const name = await database();
    // PostgreSQL 18 brought the check of GIN indexes.
    const gin = await isSince18(name);

    const result = await check(name);

    expect(result).toMatchObject({
      method: `amcheck (verify_heapam, bt_index_parent_check${gin ? ', gin_index_check' : ''})`,
      complete: true,
      problems: [],
    });
    expect(result.checked).toEqual(
      expect.arrayContaining([
        'table "public"."account"',
        'table "public"."客户 ""x"""',
        'B-tree "public"."by_name"',
        'table of the out-of-line values of "public"."account"',
        'table "pg_catalog"."pg_class"',
      ]),
    );
    expect(new Set(result.checked).size).toBe(result.checked.length);
    expect(result.notChecked).toEqual([
      { object: '1 relations of the access method "gist"', reason: expect.any(String) },
    ]);
  });

  it.each([
    ['an index', 'by_name', /^B-tree "public"\."by_name"$/],
    ['a table', 'account', /^table "public"\."account"$/],
  ])('finds %s whose page was damaged', { timeout: 60_000 }, async (_what, relation, object) => {
    const name = await database();
    await damage(name, relation, 2);

    const { problems, complete } = await check(name);

    expect(complete).toBe(true);
    expect(problems.map((each) => each.object)).toContainEqual(expect.stringMatching(object));
    expect(JSON.stringify(problems)).not.toMatch(/name \d/);
  });

  it('goes on where it stopped', async () => {
    const name = await database();
    const whole = await check(name);
    const engine = stage.server.engine((each) => stage.server.reader(each));
    const checked: string[] = [];
    let calls = 0;
    for (let complete = false; !complete; calls += 1) {
      const result = await engine.check(name, { stopAt: 0, checked });
      checked.push(...result.checked);
      complete = result.complete;
      if (calls > 100) throw new Error('no progress');
    }

    expect(calls).toBeGreaterThan(1);
    expect(checked.toSorted()).toEqual(whole.checked.toSorted());
  });

  it.each([
    [
      'is not there and may not be made',
      'postgres',
      false,
      /not in this database; .*CREATE EXTENSION amcheck/,
    ],
    [
      'could not be made',
      'narrow',
      true,
      /could not be created in the copy \(42501.*GRANT EXECUTE ON FUNCTION/,
    ],
  ])('names the statements to run on the source when the extension %s', async (_what, user, may, words) => {
    const result = await check(await database(), user, may);

    expect(result).toMatchObject({ method: 'none', checked: [], complete: true, problems: [] });
    expect(result.notChecked).toEqual([
      { object: 'all tables and indexes', reason: expect.stringMatching(words) },
    ]);
  });

  it('needs no more than what it names', async () => {
    const name = await database();
    await stage.server.sql('CREATE EXTENSION amcheck', name);
    const refused = await check(name, 'narrow', false);
    const [reason = ''] = refused.notChecked.map((each) => each.reason);

    expect(refused.checked).toEqual([]);
    await stage.server.sql(reason.slice(reason.indexOf('run: ') + 'run: '.length), name);
    expect(await check(name, 'narrow', false)).toMatchObject({
      method: expect.stringMatching(/verify_heapam/),
      problems: [],
      complete: true,
    });
  });
});
