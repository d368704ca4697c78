import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  connectPostgres,
  type PostgresTarget,
  quoteIdentifier,
} from '../../../engines/postgres/connection.ts';
import { countSessions } from '../../../engines/postgres/sessions.ts';
import { PASSWORD, startThrowAwayServer, type ThrowAwayServer } from '../../support/throw-away-server.ts';

let server: ThrowAwayServer;
let plain: ThrowAwayServer;

beforeAll(async () => {
  [server, plain] = await Promise.all([startThrowAwayServer(), startThrowAwayServer({ tls: false })]);
  // What Lambda does by NODE_EXTRA_CA_CERTS before the function begins.
  setDefaultCACertificates([...getCACertificates('default'), server.certificate.ca]);
  await server.sql(
    "CREATE ROLE person LOGIN PASSWORD 'only-for-tests'; CREATE ROLE worker LOGIN PASSWORD 'only-for-tests'",
  );
});
afterAll(async () => {
  await Promise.all([server.stop(), plain.stop()]);
});

const target = (changes: Partial<PostgresTarget> = {}): PostgresTarget => ({
  address: '127.0.0.1',
  port: server.port,
  credentials: { username: 'postgres', password: PASSWORD },
  statementTimeoutSeconds: 5,
  ...changes,
});

async function connected<Result>(
  use: (client: Awaited<ReturnType<typeof connectPostgres>>) => Promise<Result>,
  changes: Partial<PostgresTarget> = {},
): Promise<Result> {
  const client = await connectPostgres(target(changes));
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

describe('connectPostgres', () => {
  it('connects over TLS with pinned settings', async () => {
    const settings = [
      'TimeZone',
      'DateStyle',
      'extra_float_digits',
      'search_path',
      'row_security',
      'application_name',
      'statement_timeout',
      'default_transaction_read_only',
    ];
    const found = await connected(async (client) => {
      const { rows } = await client.query(
        `SELECT (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS ssl,
                (SELECT array_agg(current_setting(name) ORDER BY position) FROM unnest($1::text[]) WITH ORDINALITY AS s (name, position)) AS settings`,
        [settings],
      );
      return rows[0];
    });

    expect(found).toEqual({
      ssl: true,
      settings: ['UTC', 'ISO, YMD', '1', 'pg_catalog', 'off', 'lights-out', '5s', 'on'],
    });
  });

  it('cannot write', async () => {
    await expect(connected((client) => client.query('CREATE TABLE public.t (id int)'))).rejects.toMatchObject(
      {
        code: '25006',
      },
    );
  });

  it.each<[string, () => Partial<PostgresTarget>, RegExp]>([
    ['a wrong password', () => ({ credentials: { username: 'postgres', password: 'hunter2' } }), /28P01/],
    ['a database that is not there', () => ({ database: 'crm' }), /"crm".*3D000/],
    ['a server without TLS', () => ({ port: plain.port }), /does not support SSL/],
    ['nothing listening', () => ({ port: 1 }), /ECONNREFUSED/],
    ['a name that is not the certificate’s', () => ({ address: '127.0.0.2' }), /127\.0\.0\.2/],
  ])('refuses %s with a message that says where and what to do', async (_what, changes, words) => {
    const error: unknown = await connectPostgres(target(changes())).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      name: 'DatabaseUnreachable',
      message: expect.stringMatching(words),
    });
    expect(error).toMatchObject({
      message: expect.stringMatching(/127\.0\.0\.[12]:\d+.*check the security groups/),
    });
    expect(String(error)).not.toContain('hunter2');
    expect(String(error)).not.toContain(PASSWORD);
  });

  it('quotes whatever a name holds', () => {
    expect(quoteIdentifier('a"b c')).toBe('"a""b c"');
  });
});

describe('firstValue', () => {
  const first = (statement: string) => server.engine().firstValue('postgres', statement);

  it('is the first column of the first row as text, NULL, or nothing', async () => {
    expect(await first('SELECT 1.50::numeric, 2')).toBe('1.50');
    expect(await first('SELECT true UNION ALL SELECT false')).toBe('t');
    expect(await first("SELECT timestamptz '2026-11-30 05:00:00+00'")).toMatch(/^2026-11-30 /);
    expect(await first('SELECT NULL')).toBeNull();
    expect(await first('SELECT 1 WHERE false')).toBeUndefined();
  });

  it.each([
    ['two statements', 'SELECT 1; SELECT 2', /42601/],
    ['a write', 'WITH a AS (SELECT 1) INSERT INTO t SELECT 1', /42P01|25006/],
    [
      'a write behind a read',
      `SELECT set_config('transaction_read_only', 'off', true)`,
      /transaction_read_only|25001/,
    ],
  ])('refuses %s', async (_what, statement, words) => {
    const error: unknown = await first(statement).catch((thrown: unknown) => thrown);

    expect(server.engine().describe(error)).toMatch(words);
  });
});

describe('countSessions', () => {
  const nobody = { ignoreUsers: [], ignoreApplications: [] };

  it('counts people’s connections, not its own kind and not those left out', async () => {
    const people = [
      await server.reader('postgres', 'person'),
      await server.reader('postgres', 'worker'),
      await server.server.connect('postgres', 'crm-web'),
      await server.server.connect('template1', 'crm-batch'),
    ];
    // The first two say "lights-out", as our own do: they do not count, nor does this one.
    try {
      const counts = await connected(async (client) => [
        await countSessions(client, nobody),
        await countSessions(client, { ...nobody, databases: ['template1'] }),
        await countSessions(client, { ...nobody, ignoreApplications: ['crm-batch'] }),
        await countSessions(client, { ...nobody, ignoreUsers: ['postgres'] }),
      ]);
      expect(counts).toEqual([2, 1, 1, 0]);
    } finally {
      for (const client of people) await client.end();
    }
  });

  it('counts a session that the reader may not look into', async () => {
    const other = await server.server.connect('postgres', 'crm-web');
    try {
      const count = await connected((client) => countSessions(client, nobody), {
        credentials: { username: 'person', password: PASSWORD },
      });
      expect(count).toBeGreaterThanOrEqual(1);
    } finally {
      await other.end();
    }
  });

  it('asks the system’s own query where it has one', async () => {
    const sessionQuery = 'SELECT 3::bigint';
    expect(await connected((client) => countSessions(client, { ...nobody, sessionQuery }))).toBe(3);
  });

  it.each([
    ['no row', 'SELECT 1 WHERE false', /got 0 rows/],
    ['two rows', 'SELECT generate_series(1, 2)', /got 2 rows/],
    ['two columns', 'SELECT 1, 2', /got 2 columns/],
    ['NULL', 'SELECT sum(1) WHERE false', /something else/],
    ['a fraction', 'SELECT 1.5', /something else/],
    ['less than none', 'SELECT -1', /something else/],
    ['an empty text', `SELECT ''`, /something else/],
    ['a mistake', 'SELECT count(*) FROM sessions', /42P01.*correct the query/],
    ['two statements', 'SELECT 1; SELECT 2', /42601/],
    ['a write', 'CREATE TABLE public.t (id int)', /25006/],
    ['a write behind a read', `SELECT set_config('transaction_read_only', 'off', true)`, /failed/],
    ['a row’s value in its error', `SELECT 'hunter2'::int`, /SQLSTATE 22P02/],
  ])('refuses a query that gives %s', async (_what, sessionQuery, words) => {
    const error: unknown = await connected((client) =>
      countSessions(client, { ...nobody, sessionQuery }),
    ).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ name: 'InvalidConfiguration', message: expect.stringMatching(words) });
    expect(String(error)).not.toContain('hunter2');
  });
});
