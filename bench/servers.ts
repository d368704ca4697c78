import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeWorkFolder } from '../sandbox/rehearsal/leftovers/work-folder.ts';
import { giveToServerUser, programs } from '../sandbox/world/database/binaries.ts';
import { makeCertificates } from '../sandbox/world/database/certificates.ts';
import { PostgresServer, type ServerOptions } from '../sandbox/world/database/server.ts';

const run = promisify(execFile);

export const PASSWORD = 'only-for-benches';

/** Debian's PostgreSQL: taken when it is there, because a `pg_dump` of the same version comes with it. */
const DEBIAN = '/usr/lib/postgresql';

export interface Pair {
  source: PostgresServer;
  copy: PostgresServer;
  version: string;
  /** Undefined where only the packaged server is there, which comes without it. */
  pgDump: string | undefined;
  /** File of the servers' certificate authority. */
  authority: string;
  url(server: PostgresServer): string;
  stop(): Promise<void>;
}

async function findPrograms(folder: string): Promise<{ server: string; pgDump?: string }> {
  const versions = existsSync(DEBIAN) ? (await readdir(DEBIAN)).sort((a, b) => Number(b) - Number(a)) : [];
  for (const version of versions) {
    const bin = join(DEBIAN, version, 'bin');
    // A range of row addresses is read by itself since 14.
    if (Number(version) >= 14 && existsSync(join(bin, 'postgres')) && existsSync(join(bin, 'pg_dump')))
      return { server: bin, pgDump: join(bin, 'pg_dump') };
  }
  return { server: await programs(folder) };
}

/** A server filled by `statements`, and a byte for byte copy of it as another server: what a restored snapshot is. */
export async function startPair(statements: string[]): Promise<Pair> {
  const folder = await makeWorkFolder();
  await chmod(folder, 0o755);
  const certificate = await makeCertificates(Date.now());
  const found = await findPrograms(join(folder, 'programs'));
  const options = (name: string): ServerOptions => ({
    programs: found.server,
    dataDirectory: join(folder, name, 'data'),
    certificate,
    password: PASSWORD,
  });
  const [source, copy] = [new PostgresServer(options('source')), new PostgresServer(options('copy'))];
  await source.initialise();
  await source.start();
  await sql(source, 'postgres', [
    'CREATE DATABASE crm',
    `ALTER SYSTEM SET shared_buffers = '1GB'`,
    'ALTER SYSTEM SET max_parallel_workers_per_gather = 2',
  ]);
  await source.stop();
  await source.start();
  await sql(source, 'crm', [...statements, 'CHECKPOINT']);
  await source.stop();
  await run('cp', ['-a', join(folder, 'source'), join(folder, 'copy')]);
  await giveToServerUser(join(folder, 'copy'));
  await source.start();
  await copy.start();
  const authority = join(folder, 'authority.pem');
  await writeFile(authority, certificate.ca);
  const { stdout } = await run(join(found.server, 'postgres'), ['--version']);
  return {
    source,
    copy,
    version: stdout.trim(),
    pgDump: found.pgDump,
    authority,
    url: (server) =>
      `postgres://postgres:${PASSWORD}@127.0.0.1:${server.port}/crm?sslmode=verify-full&sslrootcert=${encodeURIComponent(authority)}`,
    stop: async () => {
      await Promise.all([source.stop(), copy.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function sql(server: PostgresServer, database: string, statements: string[]): Promise<void> {
  const client = await server.connect(database);
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
