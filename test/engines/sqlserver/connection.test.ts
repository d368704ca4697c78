import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectSqlServer, type SqlServerConnection } from '../../../engines/sqlserver/connection.ts';
import { isSqlServerConnectionProblem } from '../../../engines/sqlserver/errors.ts';
import { makeCertificates, type ServerCertificate } from '../../../sandbox/world/database/certificates.ts';
import { TdsServer, type TdsServerOptions } from './tds-server.ts';
import type { Answer } from './tds-tokens.ts';

/** The password of the tests: it must never be seen outside TLS. */
const PASSWORD = 'p4ssw0rd-for-nobody';

const VERSION: Answer = { columns: ['version'], rows: [['16.0.4125.3']] };

/** What a server says to the statements of a connection that begins. */
const usual = (sql: string): Answer => (sql.includes("'ProductVersion'") ? VERSION : {});

let certificates: ServerCertificate;
const servers: TdsServer[] = [];
const connections: SqlServerConnection[] = [];

beforeAll(async () => {
  certificates = await makeCertificates(Date.now());
});

afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function serve(options: Partial<TdsServerOptions> = {}): Promise<TdsServer> {
  const server = await TdsServer.start({ answer: usual, certificate: certificates, ...options });
  servers.push(server);
  return server;
}

interface ConnectOptions {
  ca?: string | undefined;
  statementTimeoutSeconds?: number;
  address?: string;
}

async function connect(
  server: TdsServer,
  { ca = certificates.ca, statementTimeoutSeconds, address = 'localhost' }: ConnectOptions = {},
): Promise<SqlServerConnection> {
  const connection = await connectSqlServer(
    {
      address,
      port: server.port,
      credentials: { username: 'lights_out', password: PASSWORD },
      tls: ca === '' ? {} : { ca },
      statementTimeoutSeconds,
    },
    'crm',
  );
  connections.push(connection);
  return connection;
}

/** @returns what was thrown. */
async function failure(work: Promise<unknown>): Promise<Error & { cause?: { code?: string } }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error as Error & { cause?: { code?: string } };
  }
  throw new Error('expected an error');
}

const seen = (server: TdsServer): string => Buffer.concat(server.inTheClear).toString('latin1');

describe('connecting', () => {
  it('signs in over TLS and fixes the session before anything is asked', async () => {
    const server = await serve();

    const connection = await connect(server);

    expect(connection).toMatchObject({ version: '16.0.4125.3', major: 16 });
    expect(server.logins).toBe(1);
    expect(server.inTheClear).toEqual([]);
    const [settings] = server.statements;
    for (const setting of [
      'ARITHABORT ON',
      'ANSI_NULLS ON',
      'DATEFORMAT ymd',
      'LANGUAGE us_english',
      'TEXTSIZE 2147483647',
      'ROWCOUNT 0',
      'LOCK_TIMEOUT 30000',
      'XACT_ABORT ON',
    ])
      expect(settings).toContain(`SET ${setting}`);
  });

  it('refuses a certificate of an authority that nobody knows, before a password is sent', async () => {
    const server = await serve();

    const error = await failure(connect(server, { ca: '' }));

    expect(error).toMatchObject({ name: 'DatabaseUnreachable' });
    expect(error.message).toMatch(/UNABLE_TO_|SELF_SIGNED/);
    expect(server.logins).toBe(0);
  });

  it('refuses a certificate that is made out to another name', async () => {
    const server = await serve();

    const error = await failure(connect(server, { address: '127.0.0.2' }));

    expect(error.message).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(server.logins).toBe(0);
  });

  it('sends nothing to a server that says it has no TLS', async () => {
    const server = await serve({ certificate: undefined as never });

    const error = await failure(connect(server));

    expect(error).toMatchObject({ name: 'DatabaseUnreachable' });
    expect(error.message).toContain('ENOTLS');
    expect(server.logins).toBe(0);
    expect(seen(server)).toBe('');
  });

  it('says what a login was refused with, and does not try again', async () => {
    const server = await serve({
      login: {
        errors: [{ number: 18456, severity: 14, message: "Login failed for user 'lights_out'." }],
      },
    });

    const error = await failure(connect(server));

    expect(error).toMatchObject({ name: 'DatabaseUnreachable', cause: { code: '18456' } });
    expect(error.message).toContain(`database "crm" at localhost:${server.port}`);
    expect(error.message).toContain("error 18456: Login failed for user 'lights_out'.");
    expect(error.message).not.toContain(PASSWORD);
    expect(server.logins).toBe(1);
  });

  it('tries again while the server is starting up', async () => {
    const login = {
      errors: [{ number: 18401, severity: 14, message: 'Server is in script upgrade mode.' }],
    };
    const server = await serve({ login });

    const error = await failure(connect(server));

    expect(error.message).toContain('18401');
    expect(server.logins).toBe(3);
  });

  it.each(['12.0.6179.1', ''])(
    'does not read SQL Server %j, which hashes 8,000 bytes at most',
    async (version) => {
      const old: Answer = { columns: ['version'], rows: [[version]] };
      const server = await serve({ answer: () => old });

      await expect(connect(server)).rejects.toMatchObject({
        name: 'VerificationImpossible',
        message: expect.stringContaining('2016') as unknown,
      });
    },
  );

  it('does not go on with settings that were refused', async () => {
    const refused: Answer = {
      errors: [{ number: 195, severity: 15, message: 'not a recognized SET option' }],
    };
    const server = await serve({ answer: (sql) => (sql.startsWith('SET ') ? refused : usual(sql)) });

    await expect(connect(server)).rejects.toMatchObject({ name: 'DatabaseUnreachable' });
  });
});

describe('asking', () => {
  const answering = (answer: Answer) => ({
    answer: (sql: string) => (sql.startsWith('SELECT it') ? answer : usual(sql)),
  });

  it('gives rows as text, whatever they hold', async () => {
    const long = '客户😀'.repeat(40_000);
    const server = await serve(
      answering({
        columns: ['name', 'number', 'nothing', 'empty', 'long'],
        rows: [
          ["O'Brien", 9_007_199_254_740_991, null, '', long],
          ['\ud800', -1, null, ' ', 'x'],
        ],
      }),
    );
    const connection = await connect(server);

    const rows = await connection.query('SELECT it');

    expect(rows).toEqual([
      { name: "O'Brien", number: '9007199254740991', nothing: null, empty: '', long },
      { name: '\ud800', number: '-1', nothing: null, empty: ' ', long: 'x' },
    ]);
  });

  it('says number, severity and state of an error, and goes on with the next question', async () => {
    const server = await serve(
      answering({
        errors: [
          { number: 2627, severity: 14, state: 7, message: 'The duplicate key value is (Mrs Smith).' },
          { number: 3621, severity: 0, message: 'The statement has been terminated.' },
        ],
      }),
    );
    const connection = await connect(server);

    const error = await failure(connection.query('SELECT it'));

    expect(error).toMatchObject({ code: '2627', severity: 14, state: 7 });
    expect(isSqlServerConnectionProblem(error)).toBe(false);
    await expect(connection.query('SELECT other')).resolves.toEqual([]);
  });

  it('notices a connection that is cut in the middle, and every question after it', async () => {
    const server = await serve(answering({ cut: true }));
    const connection = await connect(server);

    const first = await failure(connection.query('SELECT it'));
    const second = await failure(connection.query('SELECT it'));

    expect([first, second].map(isSqlServerConnectionProblem)).toEqual([true, true]);
  });

  it('takes an error that ends the connection for a lost connection', async () => {
    const server = await serve(
      answering({ errors: [{ number: 21, severity: 21, message: 'Warning: Fatal error 21' }] }),
    );
    const connection = await connect(server);

    const error = await failure(connection.query('SELECT it'));

    expect(isSqlServerConnectionProblem(error)).toBe(true);
  });

  it('cancels a statement that takes too long: no fault of the connection', async () => {
    const server = await serve(answering({ hang: true }));
    const connection = await connect(server, { statementTimeoutSeconds: 1 });

    const error = await failure(connection.query('SELECT it'));

    expect(error).toMatchObject({ code: 'ETIMEOUT' });
    expect(isSqlServerConnectionProblem(error)).toBe(false);
    expect(server.cancelled).toBe(1);
  });

  it('asks one question after another, in their order', async () => {
    const server = await serve(answering({ columns: ['n'], rows: [[1]] }));
    const connection = await connect(server);

    const answers = await Promise.all([
      connection.query('SELECT it 1'),
      connection.query('SELECT it 2'),
      connection.query('SELECT it 3'),
    ]);

    expect(answers).toHaveLength(3);
    expect(server.statements.slice(-3)).toEqual(['SELECT it 1', 'SELECT it 2', 'SELECT it 3']);
  });

  it('gives the errors of a check as its answer, but not the end of the connection', async () => {
    const found = { number: 8939, severity: 16, state: 98, message: 'Table error: Object ID 1 …' };
    const server = await serve(answering({ errors: [found, { ...found, number: 8928 }] }));
    const connection = await connect(server);

    await expect(connection.errorsOf('SELECT it')).resolves.toEqual([found, { ...found, number: 8928 }]);
    await expect(connection.errorsOf('SELECT other')).resolves.toEqual([]);

    const fatal = await serve(answering({ errors: [{ ...found, number: 824, severity: 24 }] }));
    const other = await connect(fatal);
    await expect(other.errorsOf('SELECT it')).rejects.toMatchObject({ code: '824', severity: 24 });
  });
});
