import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasMariadb, type MariadbServer, startMariadb } from '../support/mariadb-server.ts';
import { PASSWORD, startThrowAwayServer, type ThrowAwayServer } from '../support/throw-away-server.ts';

const run = promisify(execFile);
const CLI = fileURLToPath(new URL('../../cli/lights-out.ts', import.meta.url));

/** Runs the command as a process of its own. */
async function verify(source: string, restored: string) {
  const argv = [CLI, 'verify', '--source', source, '--restored', restored, '--json'];
  try {
    const { stdout, stderr } = await run(process.execPath, argv);
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

const SCHEMA = 'CREATE TABLE account (id int PRIMARY KEY); CREATE TABLE deal (id int PRIMARY KEY)';

describe('a PostgreSQL server', { timeout: 90_000 }, () => {
  let source: ThrowAwayServer;
  let copy: ThrowAwayServer;

  beforeAll(async () => {
    [source, copy] = await Promise.all([
      startThrowAwayServer({ tls: false }),
      startThrowAwayServer({ tls: false }),
    ]);
    for (const server of [source, copy]) await server.database('crm', SCHEMA);
    await source.sql(
      `CREATE ROLE narrow LOGIN PASSWORD '${PASSWORD}'; GRANT SELECT ON account TO narrow`,
      'crm',
    );
  });
  afterAll(async () => {
    await Promise.all([source.stop(), copy.stop()]);
  });

  it('whose table the user may not read: the statement to run, and no pass', async () => {
    const { code, stdout, stderr } = await verify(
      source.url('crm', '?sslmode=disable').replace('//postgres:', '//narrow:'),
      copy.url('crm', '?sslmode=disable'),
    );

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/--source: .*table "public"\."deal".*42501.*GRANT pg_read_all_data/);
    expect(stderr).not.toContain(PASSWORD);
  });

  it('that is killed while its manifest is recorded: a clear error, and no pass', async () => {
    // The reading waits for this lock; meanwhile the server dies.
    const holder = await source.server.connect('crm');
    await holder.query('BEGIN; LOCK TABLE deal IN ACCESS EXCLUSIVE MODE');
    const verified = verify(source.url('crm', '?sslmode=disable'), copy.url('crm', '?sslmode=disable'));
    for (let waiting = 0; waiting === 0; await sleep(50)) {
      const { rows } = await holder.query('SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted');
      waiting = rows[0]?.n ?? 0;
    }
    await source.kill();
    await holder.end().catch(() => undefined);

    const { code, stdout, stderr } = await verified;

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/--source: .*127\.0\.0\.1:\d+.*(ECONNREFUSED|terminated|57P0\d|ECONNRESET)/);
    expect(stderr).not.toContain(PASSWORD);
  });
});

describe.skipIf(!hasMariadb)('a MariaDB server', { timeout: 90_000 }, () => {
  let source: MariadbServer;
  let copy: MariadbServer;

  beforeAll(async () => {
    [source, copy] = await Promise.all([startMariadb(), startMariadb()]);
    for (const server of [source, copy]) {
      await server.sql('CREATE DATABASE crm');
      await server.sql(SCHEMA, 'crm');
    }
  });
  afterAll(async () => {
    await Promise.all([source?.stop(), copy?.stop()]);
  });

  it('that is killed while its manifest is recorded: a clear error, and no pass', async () => {
    const holder = await source.reader();
    await holder.query('SET SESSION TRANSACTION READ WRITE');
    await holder.query('LOCK TABLES crm.deal WRITE');
    const verified = verify(source.url('crm'), copy.url('crm'));
    const watch = await source.reader();
    for (let waiting = '0'; waiting === '0'; await sleep(50)) {
      const [row] = await watch.query(
        "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table%'",
      );
      waiting = row?.['n'] ?? '0';
    }
    await source.kill();
    await Promise.all([holder.close(), watch.close()]);

    const { code, stdout, stderr } = await verified;

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /--source: .*127\.0\.0\.1:\d+.*(ECONNREFUSED|PROTOCOL_CONNECTION_LOST|ECONNRESET)/,
    );
    expect(stderr).not.toContain(PASSWORD);
  });
});
