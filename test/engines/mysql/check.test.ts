import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasMariadb, type MariadbServer, startMariadb } from '../../support/mariadb-server.ts';

const SCHEMA = `
  CREATE TABLE account (id int PRIMARY KEY, name varchar(50), KEY by_name (name)); INSERT INTO account SELECT seq, concat('name ', seq) FROM seq_1_to_2000;
  CREATE TABLE old (id int PRIMARY KEY, name varchar(50), KEY by_name (name)) ENGINE = MyISAM; INSERT INTO old SELECT seq, concat('name ', seq) FROM seq_1_to_2000;
  CREATE TABLE gone (id int) ENGINE = BLACKHOLE; CREATE VIEW v AS SELECT id FROM account;
`;

describe.skipIf(!hasMariadb)('CHECK TABLE on MariaDB', () => {
  let server: MariadbServer;

  beforeAll(async () => {
    server = await startMariadb();
    await server.sql(`INSTALL SONAME 'ha_blackhole'`);
    for (const name of ['sound', 'damaged']) {
      await server.sql(`CREATE DATABASE ${name}`);
      await server.sql(SCHEMA, name);
    }
  });
  afterAll(async () => server?.stop());

  it('finds nothing wrong with a sound database, and says what has no check', async () => {
    expect(await server.engine().check('sound', { mayPrepare: true })).toEqual({
      method: 'CHECK TABLE … EXTENDED',
      checked: expect.arrayContaining(['`account`', '`old`']),
      complete: true,
      problems: [],
      notChecked: [{ object: '`gone`', reason: 'its storage engine has no check' }],
    });
  });

  it('finds a damaged index', async () => {
    await server.sql('FLUSH TABLES', 'damaged');
    const folder = join(server.folder, 'data', 'damaged');
    expect(await readdir(folder)).toContain('old.MYI');
    const file = await open(join(folder, 'old.MYI'), 'r+');
    const { size } = await file.stat();
    await file.write(Buffer.alloc(512, 0x5a), 0, 512, size - 2048);
    await file.close();

    const { problems, checked } = await server.engine().check('damaged', {});

    expect(problems).toEqual([{ object: '`old`', problem: expect.stringMatching(/corrupt/i) }]);
    expect(JSON.stringify(problems)).not.toMatch(/name \d/);
    expect(checked).toContain('`account`');
  });

  it('goes on where it stopped', async () => {
    const engine = server.engine();
    const first = await engine.check('sound', { stopAt: 0 });
    const second = await engine.check('sound', { checked: first.checked });

    expect(first.complete).toBe(false);
    expect(first.checked.length).toBeGreaterThan(0);
    expect(second.complete).toBe(true);
    expect([...first.checked, ...second.checked].toSorted()).toEqual(['`account`', '`gone`', '`old`']);
  });
});
