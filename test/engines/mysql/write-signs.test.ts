import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordManifest } from '../../../engines/recorder.ts';
import { writtenSince } from '../../../engines/write-signs.ts';
import { hasMariadb, type MariadbServer, startMariadb } from '../../support/mariadb-server.ts';

describe.runIf(hasMariadb)('what MariaDB says of the writes since a manifest was recorded', () => {
  let server: MariadbServer;
  beforeAll(async () => {
    server = await startMariadb();
    await server.sql(
      'CREATE DATABASE crm; CREATE TABLE crm.t (id int PRIMARY KEY, v text) ENGINE=InnoDB; INSERT INTO crm.t VALUES (1, "a"); CREATE DATABASE other; CREATE TABLE other.u (id int)',
    );
  });
  afterAll(async () => server?.stop());

  async function signsAfter(statements: string): Promise<Awaited<ReturnType<typeof writtenSince>>> {
    const engine = server.engine();
    const { manifest } = await recordManifest(engine, { databases: ['crm'] });
    // Its tables remember when they were written to in whole seconds.
    await sleep(1_100);
    if (statements !== '') await server.sql(statements);
    return writtenSince(engine, manifest, ['crm']);
  }

  it('is nothing where it was only read', async () => {
    expect(await signsAfter('')).toMatchObject({ wrote: 'nothing' });
    expect(await signsAfter('SELECT * FROM crm.t')).toMatchObject({ wrote: 'nothing' });
  });

  it('names the table that was written to', async () => {
    expect(await signsAfter(`UPDATE crm.t SET v = CONCAT(v, '.')`)).toMatchObject({
      wrote: 'something',
      objects: ['crm: `t`'],
    });
  });

  it('is unclear for a row of another database: only the whole server counts rows', async () => {
    expect(await signsAfter('INSERT INTO other.u VALUES (1)')).toMatchObject({ wrote: 'unclear' });
  });

  it('is something for a definition, and no less than unclear for a table that was emptied', async () => {
    expect(await signsAfter('CREATE VIEW crm.w AS SELECT 1 AS one')).toMatchObject({ wrote: 'something' });
    expect((await signsAfter('TRUNCATE crm.t')).wrote).not.toBe('nothing');
  });
});
