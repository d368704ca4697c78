import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { programs } from '../../sandbox/database/binaries.ts';
import { makeCertificates } from '../../sandbox/database/certificates.ts';
import { own, PostgresServer } from '../../sandbox/database/server.ts';

export interface TestServer {
  server: PostgresServer;
  connect(database: string): Promise<pg.Client>;
  stop(): Promise<void>;
}

/** A PostgreSQL server of its own for one test file. */
export async function startTestServer(): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'lights-out-test-'));
  await own(folder);
  const server = new PostgresServer({
    programs: await programs(folder),
    dataDirectory: join(folder, 'instances', 'data'),
    certificate: await makeCertificates(Date.now()),
    password: 'test',
  });
  await server.initialise();
  await server.start();
  return {
    server,
    connect: (database) => server.connect(database),
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
