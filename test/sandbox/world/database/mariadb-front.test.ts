import mysql from 'mysql2/promise';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { DatabaseServer } from '../../../../sandbox/world/database/database-server.ts';
import { mariadbEngine } from '../../../../sandbox/world/database/mariadb/mariadb.ts';
import type { MariadbServer } from '../../../../sandbox/world/database/mariadb/server.ts';
import { hasMariadb } from '../../../support/mariadb-server.ts';
import { fronted, itKeepsItsPort } from './fronted-server.ts';

describe.runIf(hasMariadb)('the front of a MariaDB server with IAM database authentication', () => {
  const stage = fronted(async ({ dataDirectory, certificate, frontOf }) => {
    const engine = await mariadbEngine('mariadb');
    const front = frontOf(engine.greeting);
    return engine.makeServer({ dataDirectory, certificate, password: 'administers', front });
  });

  beforeAll(async () => {
    await stage.server.fill({
      reader: { user: 'lights_out', password: undefined },
      database: 'crm',
      seedSql: undefined,
    });
  });

  const signIn = (changes: mysql.ConnectionOptions = {}): Promise<mysql.Connection> =>
    mysql.createConnection({
      host: '127.0.0.1',
      port: stage.server.endpointPort,
      user: 'lights_out',
      password: stage.token,
      database: 'crm',
      ssl: { ca: stage.certificate.ca },
      connectAttributes: { program_name: 'lights-out' },
      enableCleartextPlugin: true,
      ...changes,
    });

  it.each([
    ['with a database', {}, 'crm'],
    ['without one', { database: '' }, null],
  ])('connects a bearer of a good token through as that user, %s', async (_what, changes, database) => {
    const connection = await signIn(changes);

    const [[answer]] = await connection.query<mysql.RowDataPacket[]>(
      "SELECT CURRENT_USER() AS name, DATABASE() AS db, REPEAT('x', 3000000) AS large, COUNT(*) AS n FROM crm.accounts",
    );
    await connection.end();

    expect(answer).toMatchObject({ name: 'lights_out@%', db: database, n: 4000 });
    expect(answer?.['large']).toHaveLength(3_000_000);
  });

  it.each<[string, mysql.ConnectionOptions, RegExp]>([
    ['a password', { password: 'p' }, /Access denied for user 'lights_out'/],
    ['another user', { user: 'admin' }, /Access denied for user 'admin'/],
    ['who does not send a token as it is', { enableCleartextPlugin: false }, /mysql_clear_password/],
  ])('refuses %s', async (_what, changes, message) => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);

    await expect(signIn(changes)).rejects.toThrow(message);

    expect(said.mock.calls.join()).not.toContain('token for');
  });

  it('refuses a connection without TLS before it hears a token', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);

    await expect(
      mysql.createConnection({
        host: '127.0.0.1',
        port: stage.server.endpointPort,
        user: 'lights_out',
        password: 'p',
      }),
    ).rejects.toThrow(/insecure transport/);
  });

  it('is the only way in for the user: the server takes no password of it', async () => {
    const { port } = stage.server as DatabaseServer & MariadbServer;

    await expect(signIn({ port, password: '' })).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
  });

  itKeepsItsPort(stage, signIn);
});
