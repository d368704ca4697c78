import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { verifyCommand } from '../../cli/verify.ts';
import { hasMariadb, type MariadbServer, PASSWORD, startMariadb } from '../support/mariadb-server.ts';

/** Not part of the project: it lies beside it. */
const CHINOOK = fileURLToPath(new URL('../../../shared/data/chinook.mysql.sql', import.meta.url));

const SCHEMA = `
  CREATE TABLE account (id int AUTO_INCREMENT PRIMARY KEY, name varchar(50));
  INSERT INTO account (name) SELECT concat('account ', seq) FROM seq_1_to_50;
`;

/** Runs the command and gives what it printed. */
async function verify(source: string, restored: string, ...more: string[]) {
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  try {
    const code = await verifyCommand(['--source', source, '--restored', restored, ...more]);
    return { code, printed };
  } finally {
    vi.restoreAllMocks();
  }
}

describe.skipIf(!hasMariadb)('lights-out verify with MariaDB', () => {
  let source: MariadbServer;
  let copy: MariadbServer;
  let authority: string;

  beforeAll(async () => {
    [source, copy] = await Promise.all([startMariadb(), startMariadb()]);
    authority = join(copy.folder, 'authority.pem');
    await writeFile(authority, copy.ca);
    for (const server of [source, copy]) {
      await server.sql('CREATE DATABASE crm; CREATE DATABASE changed; CREATE DATABASE empty_one');
      await server.sql(SCHEMA, 'crm');
    }
    await copy.sql(
      `${SCHEMA} UPDATE account SET name = 'canary' WHERE id = 7; DELETE FROM account WHERE id = 9`,
      'changed',
    );
    await source.sql(
      `CREATE USER narrow IDENTIFIED BY '${PASSWORD}'; GRANT SELECT (id) ON crm.account TO narrow`,
    );
  });
  afterAll(async () => {
    await Promise.all([source?.stop(), copy?.stop()]);
  });

  it('finds two databases equal that hold the same, with and without TLS', async () => {
    const tls = copy.url('crm', `?sslrootcert=${encodeURIComponent(authority)}`);
    const { code, printed } = await verify(source.url('crm'), tls, '--json');

    expect(JSON.parse(printed)).toMatchObject({
      equal: true,
      engine: 'mariadb',
      tables: 1,
      rows: 50,
      differences: [],
    });
    expect(code).toBe(0);
  });

  it('names table, rows and what is the matter with them, never a value', async () => {
    const { code, printed } = await verify(source.url('crm'), copy.url('changed'), '--json');

    expect(code).toBe(1);
    expect(JSON.parse(printed).differences).toContainEqual(
      expect.objectContaining({
        object: 'crm: `account`',
        kind: 'rows',
        keys: ['9', '7'],
        rows: { missing: ['9'], extra: [], changed: ['7'], limit: 20, all: true },
      }),
    );
    expect(printed).not.toContain('canary');
  });

  it.each<[string, () => string[], RegExp]>([
    ['an empty source', () => [source.url('empty_one'), copy.url('crm')], /--source: .*could be compared/],
    ['a database that is not there', () => [source.url('nowhere'), copy.url('crm')], /no database "nowhere"/],
    [
      'a wrong password',
      () => [source.url('crm').replace(PASSWORD, 'hunter2'), copy.url('crm')],
      /--source: .*ER_ACCESS_DENIED/,
    ],
    [
      'a certificate that nobody vouches for',
      () => [source.url('crm', '?sslmode=require'), copy.url('crm')],
      /--source: .*certificate/,
    ],
    [
      'a user who may not read everything',
      () => [source.url('crm').replace('root', 'narrow'), copy.url('crm')],
      /--source: .*GRANT SELECT/,
    ],
    [
      'one server twice',
      () => [source.url('crm'), source.url('crm').replace('127.0.0.1', 'localhost')],
      /one and the same server/,
    ],
  ])('cannot compare %s', async (_what, urls, words) => {
    const [a = '', b = ''] = urls();

    const error: unknown = await verify(a, b).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ name: 'BadInputError', message: expect.stringMatching(words) });
    expect(String(error)).not.toMatch(new RegExp(`hunter2|${PASSWORD}`));
  });

  it.skipIf(!existsSync(CHINOOK))('verifies Chinook', async () => {
    const chinook = readFileSync(CHINOOK, 'utf8');
    await Promise.all([source.sql(chinook), copy.sql(chinook)]);

    const { code, printed } = await verify(source.url('Chinook'), copy.url('Chinook'), '--json');

    expect(JSON.parse(printed)).toMatchObject({ equal: true, tables: 11, rows: 15_607 });
    expect(code).toBe(0);
  });
});
