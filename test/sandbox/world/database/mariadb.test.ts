import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BadInputError } from '../../../../sandbox/bad-input.ts';
import { giveToServerUser } from '../../../../sandbox/world/database/binaries.ts';
import { makeCertificates } from '../../../../sandbox/world/database/certificates.ts';
import type { DatabaseServer, Reader } from '../../../../sandbox/world/database/database-server.ts';
import { mariadbEngine } from '../../../../sandbox/world/database/mariadb/mariadb.ts';
import type { MariadbServer } from '../../../../sandbox/world/database/mariadb/server.ts';
import { loadSqlFile } from '../../../../sandbox/world/database/mariadb/sql-file.ts';
import { hasMariadb } from '../../../support/mariadb-server.ts';

const READER: Reader = { user: 'lights_out', password: 'reads' };

let folder: string;
let ca: string;
const servers: DatabaseServer[] = [];

async function makeServer(name: string): Promise<DatabaseServer> {
  const certificate = await makeCertificates(Date.now());
  ca = certificate.ca;
  const engine = await mariadbEngine('mariadb');
  const server = engine.makeServer({
    dataDirectory: join(folder, 'instances', name),
    certificate,
    password: 'administers',
    front: undefined,
  });
  servers.push(server);
  return server;
}

async function startServer(name: string): Promise<DatabaseServer> {
  const server = await makeServer(name);
  await server.initialise();
  await server.start();
  return server;
}

/** Runs a statement as the administrator. */
async function rows(server: DatabaseServer, database: string, sql: string): Promise<mysql.RowDataPacket[]> {
  const session = (await server.signIn(database, 'test')) as mysql.Connection;
  try {
    const [found] = await session.query<mysql.RowDataPacket[]>(sql);
    return found;
  } finally {
    await session.end();
  }
}

const asReader = (server: DatabaseServer, database = 'crm'): Promise<mysql.Connection> =>
  mysql.createConnection({
    host: '127.0.0.1',
    port: server.endpointPort,
    user: 'lights_out',
    password: 'reads',
    database,
    ssl: { ca },
  });

describe('a MariaDB that is not installed', () => {
  it('is bad input, with what to install', async () => {
    vi.stubEnv('PATH', '/nowhere');

    const error: unknown = await mariadbEngine('mysql').catch((thrown: unknown) => thrown);

    vi.unstubAllEnvs();
    expect(error).toBeInstanceOf(BadInputError);
    expect(String(error)).toMatch(/apt-get install mariadb-server/);
  });
});

describe.runIf(hasMariadb)('a MariaDB of the sandbox', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lights-out-mariadb-'));
    await giveToServerUser(folder);
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  it('holds a CRM that its reader may read, watch, and not change', async () => {
    const server = await startServer('crm');

    expect(await server.fill({ reader: READER, database: 'crm', seedSql: undefined })).toEqual(['crm']);

    const reader = await asReader(server);
    const [counted] = await reader.query<mysql.RowDataPacket[]>(
      'SELECT (SELECT COUNT(*) FROM accounts) + (SELECT COUNT(*) FROM contacts) + (SELECT COUNT(*) FROM opportunities) + (SELECT COUNT(*) FROM activities) + (SELECT COUNT(*) FROM attachments) AS n',
    );
    const person = await server.signIn('crm', 'crm-web');
    const [sessions] = await reader.query<mysql.RowDataPacket[]>(
      "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = 'admin'",
    );
    await person.end();
    const writing = reader.query('DELETE FROM activities LIMIT 1').catch((error: unknown) => error);
    expect(Number(counted[0]?.['n'])).toBe(100_000);
    expect(Number(sessions[0]?.['n'])).toBe(1);
    expect(await writing).toMatchObject({ code: 'ER_TABLEACCESS_DENIED_ERROR' });
    await reader.end();

    await server.changeOneCell('crm', undefined);
    await server.changeOneCell('crm', 'crm.contacts');
    const [changed] = await rows(
      server,
      'crm',
      "SELECT (SELECT COUNT(*) FROM activities WHERE kind LIKE '~%') AS activities, (SELECT COUNT(*) FROM contacts WHERE full_name LIKE '~%') AS contacts",
    );
    expect({ ...changed }).toEqual({ activities: 1, contacts: 1 });
    await expect(server.changeOneCell('crm', 'nowhere.nothing')).rejects.toThrow(/no column/);
  });

  it('is copied while it is written to, and recovers to a moment of its life', async () => {
    const source = await startServer('written');
    await source.fill({ reader: READER, database: 'crm', seedSql: undefined });
    await rows(source, 'crm', 'CREATE TABLE written (n int PRIMARY KEY, filler char(200) NOT NULL)');
    await rows(source, 'crm', 'CREATE TABLE old_style (n int PRIMARY KEY) ENGINE=MyISAM');
    await rows(source, 'crm', 'INSERT INTO old_style VALUES (1), (2), (3)');
    const writer = (await source.signIn('crm', 'writer')) as mysql.Connection;
    let [committed, stopped] = [0, false];
    const writing = (async (): Promise<void> => {
      while (!stopped) {
        await writer.query('INSERT INTO written VALUES (?, REPEAT("x", 200))', [committed + 1]);
        committed += 1;
      }
    })();
    await vi.waitUntil(() => committed > 200, { timeout: 10_000 });

    const before = committed;
    await source.takeBackup(join(folder, 'backup'));
    const after = committed;
    await vi.waitUntil(() => committed > after + 50, { timeout: 10_000 });
    stopped = true;
    await writing;
    await writer.end();

    const copy = await makeServer('copy');
    await copy.layOut(join(folder, 'backup'));
    await copy.start();
    const [found] = await rows(
      copy,
      'crm',
      'SELECT COUNT(*) AS n, MAX(n) AS last, (SELECT COUNT(*) FROM old_style) AS old, (SELECT COUNT(*) FROM activities) AS activities FROM written',
    );
    const checked = await rows(
      copy,
      'crm',
      'CHECK TABLE written, old_style, accounts, contacts, opportunities, activities, attachments EXTENDED',
    );
    expect(found?.['n']).toBe(found?.['last']);
    expect(found?.['n']).toBeGreaterThanOrEqual(before);
    expect(found?.['n']).toBeLessThanOrEqual(after + 1);
    expect(found).toMatchObject({ old: 3, activities: 64_000 });
    expect(checked.map((row) => row['Msg_text'])).toEqual(Array.from({ length: 7 }, () => 'OK'));
    // The copy is a server of its own, and the source went on.
    expect(committed).toBeGreaterThan(Number(found?.['n']));
  });

  describe('loads a SQL file', () => {
    const load = async (
      name: string,
      sql: string,
    ): Promise<{ server: DatabaseServer; databases: string[] }> => {
      const file = join(folder, `${name}.sql`);
      await writeFile(file, sql);
      const server = await startServer(name);
      return { server, databases: await server.fill({ reader: READER, database: 'crm', seedSql: file }) };
    };

    it('as mysqldump writes it: delimiters, versioned comments, owners of another server', async () => {
      const { server, databases } = await load(
        'dump',
        [
          '/*M!999999\\- enable the sandbox mode */ ',
          '/*!40101 SET NAMES utf8mb4 */;',
          'CREATE TABLE `客户` (`id` int NOT NULL AUTO_INCREMENT, `name` varchar(50) DEFAULT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB;',
          "INSERT INTO `客户` VALUES (1,'O\\'Neil; -- 旭日'),(2,NULL);",
          'DELIMITER ;;',
          '/*!50003 CREATE*/ /*!50017 DEFINER=`crm_app`@`10.0.%`*/ /*!50003 TRIGGER `touch` BEFORE UPDATE ON `客户` FOR EACH ROW BEGIN',
          "  SET NEW.name = CONCAT(NEW.name, ';');",
          'END */;;',
          'DELIMITER ;',
          '/*!50013 DEFINER=`crm_app`@`10.0.%` SQL SECURITY DEFINER */ CREATE VIEW `names` AS SELECT `name` FROM `客户`;'.replace(
            /^\/\*!50013 (.+?) \*\/ CREATE/,
            'CREATE $1',
          ),
          '',
        ].join('\n'),
      );

      expect(databases).toEqual(['crm']);
      const reader = await asReader(server);
      const [names] = await reader.query<mysql.RowDataPacket[]>('SELECT name FROM `客户` ORDER BY id');
      await reader.end();
      expect(names.map((row) => row['name'])).toEqual(["O'Neil; -- 旭日", null]);
      const definers = await rows(server, 'crm', "SELECT Host FROM mysql.user WHERE User = 'crm_app'");
      expect(definers.map((row) => row['Host'])).toEqual(['10.0.%']);
    });

    it('with a database of its own, and then without the empty one', async () => {
      const { databases } = await load('own', 'CREATE DATABASE shop; USE shop; CREATE TABLE t (a int);');

      expect(databases).toEqual(['shop']);
    });

    it('and says so when it makes nothing', async () => {
      await expect(load('empty', '-- nothing\n')).rejects.toThrow(/empty\.sql:1: the file makes no table/);
    });

    it.each([
      ['a wrong statement', 'CREATE TABLE t (a int);\n\nINSERT INTO t VALUES (1, 2);\n', /:3: Column count/],
      ['a command of the shell', 'SELECT 1;\n\\! touch /tmp/should-not-be\n', /:2: .*sandbox mode/],
      ['an open quote', "INSERT INTO t VALUES ('", /.sql:\d+: /],
    ])('and names the line of %s', async (_what, sql, message) => {
      const [running] = servers;
      const file = join(folder, 'refused.sql');
      await writeFile(file, sql);

      await expect(loadSqlFile(file, running as MariadbServer & DatabaseServer, 'crm')).rejects.toThrow(
        message,
      );
    });
  });
});
