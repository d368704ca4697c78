import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseDatabaseUrl } from '../../cli/database-url.ts';
import { verifyCommand } from '../../cli/verify.ts';
import { PASSWORD, startThrowAwayServer, type ThrowAwayServer } from '../support/throw-away-server.ts';

let server: ThrowAwayServer;
let plain: ThrowAwayServer;
let authority: string;

const SCHEMA = `
  CREATE TYPE stage AS ENUM ('new', 'won');
  CREATE TABLE account (id serial PRIMARY KEY, name text, stage stage);
  INSERT INTO account (name, stage) SELECT 'account ' || i, 'won' FROM generate_series(1, 50) i;
`;

beforeAll(async () => {
  [server, plain] = await Promise.all([startThrowAwayServer(), startThrowAwayServer({ tls: false })]);
  authority = await server.authorityFile();
  await server.database('crm', SCHEMA);
  await server.database('changed', `${SCHEMA} UPDATE account SET name = 'canary' WHERE id = 7`);
  await server.database('empty', '');
  await plain.database('crm', `CREATE TYPE unrelated AS ENUM ('x'); DROP TYPE unrelated; ${SCHEMA}`);
  await plain.database('a % b', SCHEMA);
});
afterAll(async () => {
  await Promise.all([server.stop(), plain.stop()]);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const tls = (database: string): string =>
  server.url(database, `?sslrootcert=${encodeURIComponent(authority)}`);

/** Runs the command and gives what it printed. */
async function verify(source: string, restored: string, ...more: string[]) {
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  const code = await verifyCommand(['--source', source, '--restored', restored, ...more]);
  vi.restoreAllMocks();
  return { code, printed };
}

describe('lights-out verify', () => {
  it('finds two databases equal that hold the same, on two servers, with and without TLS', async () => {
    const { code, printed } = await verify(tls('crm'), plain.url('crm', '?sslmode=disable'), '--json');

    expect(JSON.parse(printed)).toMatchObject({
      equal: true,
      engine: 'postgres',
      tables: 1,
      rows: 50,
      differences: [],
      notCompared: [],
      source: { address: '127.0.0.1', port: server.port },
      restored: { address: '127.0.0.1', port: plain.port },
      seconds: expect.any(Number),
    });
    expect(code).toBe(0);
  });

  it('compares databases of other names, and on one server', async () => {
    expect((await verify(plain.url('crm'), plain.url('a % b'))).code).toBe(0);
  });

  it('names the table that differs, never a value', async () => {
    const { code, printed } = await verify(tls('crm'), tls('changed'), '--json');

    expect(code).toBe(1);
    expect(JSON.parse(printed)).toMatchObject({
      equal: false,
      differences: [{ object: 'crm: "public"."account"', kind: 'content' }],
    });
    expect(printed).not.toContain('canary');
    expect((await verify(tls('crm'), tls('changed'))).printed).toMatch(
      /^Different: 1 table, 50 rows[\s\S]*"account"/,
    );
  });

  it('finds an empty copy different', async () => {
    const { code, printed } = await verify(tls('crm'), tls('empty'), '--json');

    expect(code).toBe(1);
    expect(JSON.parse(printed).differences).toContainEqual({
      object: 'crm: "public"."account"',
      kind: 'missing',
      detail: 'not in the copy',
    });
  });

  it.each<[string, () => string[], RegExp]>([
    ['one database twice', () => [tls('crm'), tls('crm')], /name the same database/],
    [
      'one database under two names of its server',
      () => [plain.url('crm'), plain.url('crm').replace('127.0.0.1', 'localhost')],
      /one and the same server/,
    ],
    ['an empty source', () => [tls('empty'), tls('crm')], /--source: .*nothing in it could be compared/],
    ['a database that is not there', () => [tls('crm'), tls('nowhere')], /--restored: database "nowhere"/],
    [
      'a wrong password',
      () => [plain.url('crm').replace(PASSWORD, 'hunter2'), tls('crm')],
      /--source: .*password authentication failed/,
    ],
    [
      'a certificate that nobody vouches for',
      () => [server.url('crm', '?sslmode=require'), plain.url('crm')],
      /--source: .*certificate/,
    ],
    [
      'a server without TLS',
      () => [plain.url('crm', '?sslmode=verify-full'), tls('crm')],
      /does not support SSL/,
    ],
  ])('cannot compare %s', async (_what, urls, words) => {
    const [source = '', restored = ''] = urls();

    const error: unknown = await verify(source, restored).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ name: 'BadInputError', message: expect.stringMatching(words) });
    expect(String(error)).not.toMatch(new RegExp(`hunter2|${PASSWORD}`));
  });

  it.each([
    [['--restored', 'postgres://a/b'], /--source: missing/],
    [['--source', 'postgres://a/b'], /--restored: missing/],
    [['--source', 'postgres://a/b', '--restored', 'postgres://a/c', '--fast'], /--fast/],
    [['postgres://u:hunter2@a/b'], /belongs to no option; expected options such as --source/],
  ])('refuses %j', async (argv, words) => {
    const error: unknown = await verifyCommand(argv).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ name: 'BadInputError', message: expect.stringMatching(words) });
    expect(String(error)).not.toContain('hunter2');
  });
});

describe('a database URL', () => {
  it.each([
    [
      'postgres://db.example.com/crm',
      { host: 'db.example.com', port: 5432, ssl: { rejectUnauthorized: true } },
    ],
    ['postgres://db.example.com/crm?sslmode=require', { ssl: { rejectUnauthorized: true } }],
    ['postgres://db.example.com/crm?sslmode=disable', { ssl: false }],
    ['postgresql://localhost:6000/crm', { host: 'localhost', port: 6000, ssl: false }],
    ['postgres://localhost/crm?sslmode=verify-full', { ssl: { rejectUnauthorized: true } }],
    ['postgres://[::1]/crm', { host: '::1', ssl: false }],
    ['postgres:///crm?host=/run/postgresql', { host: '/run/postgresql', ssl: false }],
    ['mysql://db.example.com/crm', { engine: 'mysql', port: 3306, ssl: { rejectUnauthorized: true } }],
    ['mariadb://localhost:3307/crm', { engine: 'mysql', port: 3307, ssl: false }],
    [
      'sqlserver://db.example.com/crm',
      { engine: 'sqlserver', port: 1433, ssl: { rejectUnauthorized: true } },
    ],
    ['mssql://localhost:1434/crm', { engine: 'sqlserver', port: 1434, ssl: false }],
    ['postgres://u%40x:p%3A%2F@h/%E5%AE%A2', { user: 'u@x', password: 'p:/', database: '客' }],
  ])('%s', (url, expected) => {
    expect(parseDatabaseUrl('--source', url)).toMatchObject(expected);
  });

  it.each([
    ['hunter2', /not a URL/],
    ['oracle://u:hunter2@h/d', /oracle:/],
    ['postgres://u:hunter2@h', /no database/],
    ['postgres://u:hunter2@h:99999/d', /not a URL/],
    ['postgres://u:hunter2%zz@h/d', /%25/],
    ['postgres://u:hunter2@h/d?sslmode=no-verify', /sslmode=no-verify; expected verify-full/],
    ['postgres://u:hunter2@h/d?ssl=true', /unknown parameter ssl/],
    ['postgres://u:hunter2@h/d?sslrootcert=/nowhere/ca.pem', /sslrootcert cannot be read/],
  ])('refuses %s', (url, words) => {
    expect(() => parseDatabaseUrl('--source', url)).toThrow(words);
    expect(() => parseDatabaseUrl('--source', url)).not.toThrow(/hunter2/);
  });
});
