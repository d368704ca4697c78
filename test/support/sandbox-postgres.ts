import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { makeWorkFolder } from '../../sandbox/rehearsal/leftovers/work-folder.ts';
import { programs } from '../../sandbox/world/database/binaries.ts';
import { makeCertificates } from '../../sandbox/world/database/certificates.ts';
import { PostgresServer } from '../../sandbox/world/database/server.ts';

export interface TestServer {
  server: PostgresServer;
  connect(database: string): Promise<pg.Client>;
  stop(): Promise<void>;
}

/** A PostgreSQL server of its own for one test file. */
export async function startTestServer(): Promise<TestServer> {
  const folder = await makeWorkFolder();
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
