import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../engines/manifest.ts';
import { writtenSince } from '../../../engines/write-signs.ts';
import { standing } from './standing.ts';

const stage = standing();
const { database } = stage;

/** What the server says of the time since a manifest, when its log went on meanwhile. */
async function signsAfter(
  name: string,
  statements: string,
): Promise<Awaited<ReturnType<typeof writtenSince>>> {
  const before = await stage.record(name);
  // As a heartbeat of RDS's moves the log of a server that nobody uses.
  await stage.server.sql('SELECT pg_switch_wal()', 'postgres');
  if (statements !== '') await stage.server.sql(statements, name);
  return writtenSince(stage.server.engine(), before, [name]);
}

describe('what PostgreSQL says of the writes since a manifest was recorded', () => {
  it('is nothing where only its log went on, and where autovacuum was at work', async () => {
    const name = await database('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)');

    expect(await signsAfter(name, '')).toMatchObject({ wrote: 'nothing', objects: [] });
    expect(await signsAfter(name, 'VACUUM ANALYZE t')).toMatchObject({ wrote: 'nothing' });
  });

  it('is nothing, from the log alone, where that stands still', async () => {
    const name = await database('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)');
    await stage.server.sql('CHECKPOINT', name);
    const before = await stage.record(name);
    const same: Manifest = {
      ...before,
      server: (await stage.server.engine().look()).server,
      databases: [],
    };

    expect(await writtenSince(stage.server.engine(), same, [name])).toMatchObject({ wrote: 'nothing' });
  });

  it('is never nothing after a commit that the server answered before it was written to the log', async () => {
    const name = await database('CREATE TABLE t (id int PRIMARY KEY)');
    for (let id = 1; id <= 10; id += 1) {
      const before = await stage.record(name);
      await stage.server.sql(`SET synchronous_commit = off; INSERT INTO t VALUES (${id})`, name);

      expect(await writtenSince(stage.server.engine(), before, [name])).not.toMatchObject({
        wrote: 'nothing',
      });
    }
  });

  it.each([
    ['a row', 'INSERT INTO t VALUES (2)', '"public"."t"'],
    ['a change that is taken back', 'UPDATE t SET id = 3; UPDATE t SET id = 1', '"public"."t"'],
    [
      'a row that was put in and deleted',
      'INSERT INTO t VALUES (9); DELETE FROM t WHERE id = 9',
      '"public"."t"',
    ],
    ['a definition', 'ALTER TABLE t ADD COLUMN more text', 'column public.t.more'],
    ['a new table', 'CREATE TABLE late (id int)', 'public.late'],
    ['a sequence', `SELECT nextval('numbers')`, '"public"."numbers"'],
    ['a large object', `SELECT lo_from_bytea(0, '\\x01')`, 'pg_largeobject'],
  ])('is %s, by name', async (_, statements, object) => {
    const name = await database(
      'CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); CREATE SEQUENCE numbers',
    );
    const signs = await signsAfter(name, statements);

    expect(signs.wrote).toBe('something');
    expect(signs.objects.join()).toContain(object);
  });

  it('is unclear for what counts no row: a table that was emptied, a transaction that is open', async () => {
    const name = await database('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)');
    expect(await signsAfter(name, 'TRUNCATE t')).toMatchObject({ wrote: 'unclear' });

    const before = await stage.record(name);
    const busy = await stage.server.reader(name);
    await busy.query(`SET application_name = 'a job'`);
    await busy.query('BEGIN; SELECT 1');
    await stage.server.sql('SELECT pg_switch_wal()', 'postgres');
    expect(await writtenSince(stage.server.engine(), before, [name])).toMatchObject({
      wrote: 'unclear',
      detail: expect.stringContaining('somebody is connected'),
    });
    await busy.end();
  });

  it('is unclear of a server that was restarted', async () => {
    const name = await database('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)');
    const before = await stage.record(name);
    const earlier = { ...before, server: { ...before.server, startedAt: '2026-01-01T00:00:00.000Z' } };

    expect(await writtenSince(stage.server.engine(), earlier, [name])).toMatchObject({
      wrote: 'unclear',
      detail: expect.stringContaining('restarted'),
    });
  });
});
