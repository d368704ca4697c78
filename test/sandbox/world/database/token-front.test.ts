import { connect } from 'node:net';
import pg from 'pg';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { programs } from '../../../../sandbox/world/database/binaries.ts';
import { greetPostgres } from '../../../../sandbox/world/database/postgres-greeting.ts';
import { PostgresServer } from '../../../../sandbox/world/database/server.ts';
import { fronted, itKeepsItsPort } from './fronted-server.ts';

const stage = fronted(
  async ({ folder, dataDirectory, certificate, frontOf }) =>
    new PostgresServer({
      programs: await programs(folder),
      dataDirectory,
      certificate,
      password: 'superuser',
      front: frontOf(greetPostgres),
    }),
);

beforeAll(async () => {
  const admin = await stage.server.connect('postgres');
  await admin.query(
    "CREATE ROLE rds_iam; CREATE USER lights_out PASSWORD 'p'; GRANT rds_iam TO lights_out; CREATE USER person PASSWORD 'p'",
  );
  await admin.end();
});

const signIn = async (changes: Partial<pg.ClientConfig> = {}): Promise<pg.Client> => {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: stage.server.endpointPort,
    user: 'lights_out',
    database: 'postgres',
    password: stage.token,
    options: '-c statement_timeout=1234',
    ssl: { ca: stage.certificate.ca },
    ...changes,
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

describe('the front of a PostgreSQL server with IAM database authentication', () => {
  it('connects a bearer of a good token through, as that user and with its settings', async () => {
    const client = await signIn();

    const answer = await client.query(
      "SELECT current_user AS name, current_setting('statement_timeout') AS timeout, repeat('x', 3000000) AS large",
    );
    await client.end();

    expect(answer.rows[0]).toMatchObject({ name: 'lights_out', timeout: '1234ms' });
    expect(answer.rows[0].large).toHaveLength(3_000_000);
  });

  it.each<[string, Partial<pg.ClientConfig>, RegExp]>([
    ['a password', { password: 'p' }, /PAM authentication failed for user "lights_out"/],
    ['no password at all', { password: '' }, /./],
    ['another user', { user: 'postgres' }, /PAM authentication failed for user "postgres"/],
    ['no TLS', { ssl: false }, /no encryption/],
  ])('refuses %s', async (_what, changes, message) => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);

    await expect(signIn(changes)).rejects.toThrow(message);

    expect(said.mock.calls.join()).not.toContain('token for');
  });

  it('is the only way in for the user: the server takes no password of it', async () => {
    await expect(signIn({ port: stage.server.port, password: 'p' })).rejects.toThrow(/certificate/);
  });

  it('survives who says nothing, says nonsense, or goes away', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    for (const words of [
      '',
      'GET / HTTP/1.1\r\n\r\n',
      Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]),
      Buffer.alloc(20_000, 255),
    ]) {
      const socket = connect(stage.server.endpointPort, '127.0.0.1');
      socket.on('error', () => undefined);
      await new Promise<void>((resolve) => socket.end(words, () => resolve()));
      socket.destroy();
    }

    await (await signIn()).end();
  });

  itKeepsItsPort(stage, signIn);
});
