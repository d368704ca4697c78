import { appendFile, chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Engine } from '../../engines/engine.ts';
import { sessionOptions } from '../../engines/postgres/connection.ts';
import { postgresEngine } from '../../engines/postgres/engine.ts';
import { programs } from '../../sandbox/world/database/binaries.ts';
import { makeCertificates, type ServerCertificate } from '../../sandbox/world/database/certificates.ts';
import { PostgresServer } from '../../sandbox/world/database/server.ts';

export const PASSWORD = 'only-for-tests';

/** A PostgreSQL server for one test file, with what tests of the engine do to it. */
export class ThrowAwayServer {
  readonly server: PostgresServer;
  readonly folder: string;
  readonly certificate: ServerCertificate;

  constructor(server: PostgresServer, folder: string, certificate: ServerCertificate) {
    this.server = server;
    this.folder = folder;
    this.certificate = certificate;
  }

  get port(): number {
    return this.server.port;
  }

  /** As the functions connect, but for the certificate's authority. */
  async reader(database = 'postgres', user = 'postgres'): Promise<pg.Client> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: this.port,
      user,
      password: PASSWORD,
      database,
      application_name: 'lights-out',
      options: sessionOptions(),
      ssl: { ca: this.certificate.ca },
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** The engine over such connections. */
  engine(connect = (database: string): Promise<pg.Client> => this.reader(database)): Engine {
    return postgresEngine({ address: '127.0.0.1', port: this.port, home: ['postgres'], connect });
  }

  /** Runs statements as superuser. */
  async sql(statements: string, database = 'postgres'): Promise<void> {
    const client = await this.server.connect(database);
    await client.query(statements);
    await client.end();
  }

  /** Makes a database and runs statements in it. */
  async database(name: string, statements: string): Promise<void> {
    await this.sql(`CREATE DATABASE "${name}"`);
    await this.sql(statements, name);
  }

  url(database: string, parameters = ''): string {
    return `postgres://postgres:${PASSWORD}@127.0.0.1:${this.port}/${encodeURIComponent(database)}${parameters}`;
  }

  /** The authority's certificate in a file, for `sslrootcert`. */
  async authorityFile(): Promise<string> {
    const path = join(this.folder, 'authority.pem');
    await writeFile(path, this.certificate.ca);
    return path;
  }

  /** The power fails, and the server is started again: it begins with a recovery from its log, as a restored snapshot does. */
  async crash(): Promise<void> {
    // What is committed is written to the log now, rather than some milliseconds later (synchronous_commit is off).
    await this.sql('SELECT pg_switch_wal()');
    const file = await readFile(join(this.server.options.dataDirectory, 'postmaster.pid'), 'utf8');
    const pid = Number(file.split('\n')[0]);
    process.kill(pid, 'SIGQUIT');
    while (isRunning(pid)) await sleep(20);
    // Node hears of the end of its child a moment later; a start before that would do nothing.
    await sleep(100);
    await this.server.start();
  }

  /** `kill -9`: the server's first process ends at once, and the others when they see it. */
  async kill(): Promise<void> {
    const file = await readFile(join(this.server.options.dataDirectory, 'postmaster.pid'), 'utf8');
    const pid = Number(file.split('\n')[0]);
    process.kill(pid, 'SIGKILL');
    while (isRunning(pid)) await sleep(20);
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Signal 0 only asks whether there is such a process. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Folder of the programs of a PostgreSQL other than the packaged one, if the tests are to run on it. */
export const { LIGHTS_OUT_POSTGRES: postgresPrograms } = process.env as Record<string, string | undefined>;

/** Starts an empty server. @param options.tls false for one that speaks no TLS at all. */
export async function startThrowAwayServer(options: { tls?: boolean } = {}): Promise<ThrowAwayServer> {
  const folder = await mkdtemp(join(tmpdir(), 'lights-out-postgres-'));
  // The server runs as another user when the tests run as root.
  await chmod(folder, 0o755);
  const certificate = await makeCertificates(Date.now());
  const Kind = options.tls === false ? PlainServer : PostgresServer;
  const server = new Kind({
    // Another version's programs, to test the engine on what RDS offers beside the newest.
    programs: postgresPrograms ?? (await programs(join(folder, 'programs'))),
    dataDirectory: join(folder, 'data', 'main'),
    certificate,
    password: PASSWORD,
  });
  await server.initialise();
  await server.start();
  return new ThrowAwayServer(server, folder, certificate);
}

/** Without TLS, as a server on this machine often is. */
class PlainServer extends PostgresServer {
  override async start(): Promise<void> {
    const { dataDirectory } = this.options;
    await writeFile(join(dataDirectory, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n');
    await appendFile(join(dataDirectory, 'postgresql.auto.conf'), 'ssl = off\n');
    await super.start();
  }

  override async connect(database: string): Promise<pg.Client> {
    const { password } = this.options;
    const client = new pg.Client({
      host: '127.0.0.1',
      port: this.port,
      user: 'postgres',
      password,
      database,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
}
