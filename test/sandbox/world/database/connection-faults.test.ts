import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { giveToServerUser, programs } from '../../../../sandbox/world/database/binaries.ts';
import { makeCertificates, type ServerCertificate } from '../../../../sandbox/world/database/certificates.ts';
import { ConnectionWatch } from '../../../../sandbox/world/database/connection-faults.ts';
import { greetPostgres } from '../../../../sandbox/world/database/postgres-greeting.ts';
import { PostgresServer } from '../../../../sandbox/world/database/server.ts';
import { TokenFront } from '../../../../sandbox/world/database/token-front.ts';
import { FaultInjector, parseFaults } from '../../../../sandbox/world/fault-injection.ts';

let folder: string;
let server: PostgresServer;
let certificate: ServerCertificate;
let watch: ConnectionWatch;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lights-out-connections-'));
  await giveToServerUser(folder);
  certificate = await makeCertificates(Date.now(), undefined);
  server = new PostgresServer({
    programs: await programs(folder),
    dataDirectory: join(folder, 'data', 'main'),
    certificate,
    password: 'superuser',
    front: new TokenFront({ certificate, greeting: greetPostgres, disturb: () => watch.next('source') }),
  });
  await server.initialise();
  await server.start();
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const use = (fault: object): FaultInjector => {
  const injector = new FaultInjector(parseFaults(JSON.stringify([{ database: 'connection', ...fault }])));
  watch = new ConnectionWatch([], injector, false);
  return injector;
};

/** What becomes of three queries on one connection, each waited for half a second. */
const askThrice = async (): Promise<string[]> => {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: server.endpointPort,
    user: 'postgres',
    database: 'postgres',
    password: 'superuser',
    query_timeout: 500,
    connectionTimeoutMillis: 500,
    ssl: { ca: certificate.ca },
  });
  client.on('error', () => undefined);
  const answers: string[] = [];
  try {
    await client.connect();
    for (let asked = 0; asked < 3; asked += 1) {
      const { rows } = await client.query<{ answer: string }>("SELECT 'answer' AS answer");
      answers.push(rows[0]?.answer ?? '');
    }
  } catch (error) {
    answers.push(error instanceof Error ? error.message : String(error));
  } finally {
    await client.end().catch(() => undefined);
  }
  return answers;
};

const ALL = ['answer', 'answer', 'answer'];

describe('a disturbed connection', () => {
  it('goes through untouched, and is counted, when no fault hits it', async () => {
    use({ kind: 'refused', nth: 2 });

    expect(await askThrice()).toEqual(ALL);
    expect(watch.seen).toEqual([{ function: '', on: 'source', queries: 3 }]);
  });

  it.each<[string, object, unknown[]]>([
    ['is reset', { kind: 'refused' }, [expect.stringMatching(/ECONNRESET|terminated/)]],
    [
      'is cut in the answer to its second query',
      { kind: 'cut', query: 2 },
      ['answer', expect.stringMatching(/terminated/)],
    ],
    ['hears nothing from its second query on', { kind: 'hangs', query: 2 }, ['answer', 'Query read timeout']],
    ['is not even greeted', { kind: 'hangs', query: 0 }, [expect.stringMatching(/timeout|terminated/)]],
    ['finds too many others', { kind: 'too-many-connections' }, ['sorry, too many clients already']],
    ['finds a server that starts', { kind: 'starting-up' }, ['the database system is starting up']],
    [
      'is not let in',
      { kind: 'password-refused' },
      [expect.stringMatching(/^password authentication failed/)],
    ],
  ])('%s, and the next one is left alone', async (_what, fault, answers) => {
    const injector = use(fault);

    expect(await askThrice()).toEqual(answers);
    expect(await askThrice()).toEqual(ALL);
    expect(injector.unused()).toEqual([]);
  });

  it('is another server’s or another function’s when the fault says so', async () => {
    const injector = use({ kind: 'refused', on: 'copy' });

    expect(await askThrice()).toEqual(ALL);
    expect(injector.unused()).toHaveLength(1);
  });
});

describe('what --faults says of connections', () => {
  it.each([
    [{ database: 'connexion', kind: 'cut' }, '[0].database: expected "connection"; found "connexion"'],
    [{ database: 'connection', kind: 'broken' }, '[0].kind: expected one of "refused"'],
    [{ database: 'connection', kind: 'cut', function: 'plan' }, '[0].function: expected one of "inspect"'],
    [{ database: 'connection', kind: 'refused', query: 1 }, '[0].query is of cut and hangs'],
    [{ database: 'connection', kind: 'cut', query: 0 }, '[0].query of "cut" expected 1 or more'],
    [{ database: 'connection', kind: 'cut', server: 'x' }, '[0].server: unknown key'],
  ])('refuses %j', (fault, words) => {
    expect(() => parseFaults(JSON.stringify([fault]))).toThrow(words);
  });
});
