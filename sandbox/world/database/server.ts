import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { giveToServerUser, serverUser } from './binaries.ts';
import type { ServerCertificate } from './certificates.ts';
import { freePort, ServerProcess } from './server-process.ts';
import type { TokenFront } from './token-front.ts';

const run = promisify(execFile);

export interface ServerOptions {
  /** Folder of PostgreSQL's programs. */
  programs: string;
  dataDirectory: string;
  certificate: ServerCertificate;
  /** Of the superuser `postgres`. */
  password: string;
  /** For IAM database authentication: where members of `rds_iam` have to come in. */
  front?: TokenFront | undefined;
}

/** A rehearsal's data is made anew each time: durability against a power cut would only cost time. */
const SETTINGS: Record<string, string> = {
  listen_addresses: "'127.0.0.1'",
  unix_socket_directories: "''",
  shared_buffers: '32MB',
  max_connections: '60',
  fsync: 'off',
  full_page_writes: 'on',
  synchronous_commit: 'off',
  wal_level: 'replica',
  max_wal_senders: '2',
  max_parallel_workers_per_gather: '1',
  autovacuum: 'off',
  // A start forks what it needs and no more: a launcher for subscriptions is not.
  max_logical_replication_workers: '0',
  ssl: 'on',
  ssl_cert_file: "'server.crt'",
  ssl_key_file: "'server.key'",
  log_min_messages: 'warning',
  timezone: "'UTC'",
};

/** What only later versions know, by the first of them: the three readers of the disk are not needed either. */
const LATER_SETTINGS: [version: number, name: string, value: string][] = [[18, 'io_method', 'sync']];

/** The first version whose passwords may take fewer rounds, and whose `initdb` takes settings. */
const SCRAM_ITERATIONS_SINCE = 16;

/** Passwords live as long as the rehearsal, and are too long to be guessed: PostgreSQL's 4,096 rounds cost each sign-in milliseconds. */
const SCRAM_ITERATIONS = 16;

/** One real PostgreSQL server on 127.0.0.1: TLS only, passwords only. */
export class PostgresServer {
  readonly options: ServerOptions;
  /** The server's own. Kept over a stop and a start, as an RDS endpoint is. */
  port = 0;
  #process: ServerProcess | undefined;

  constructor(options: ServerOptions) {
    this.options = options;
  }

  /** Where clients come in. */
  get endpointPort(): number {
    return this.options.front?.port ?? this.port;
  }

  /** Makes an empty data directory. */
  async initialise(): Promise<void> {
    const { dataDirectory, programs, password, certificate } = this.options;
    await mkdir(dirname(dataDirectory), { recursive: true, mode: 0o700 });
    await giveToServerUser(dirname(dataDirectory));
    await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
    const passwordFile = `${dataDirectory}.password`;
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    await giveToServerUser(dataDirectory);
    await giveToServerUser(passwordFile);
    const version = await majorVersion(programs);
    await run(
      join(programs, 'initdb'),
      [
        '-D',
        dataDirectory,
        '-U',
        'postgres',
        `--pwfile=${passwordFile}`,
        '-A',
        'scram-sha-256',
        '-E',
        'UTF8',
        '--locale=C',
        '--no-sync',
        '--no-instructions',
        ...(version >= SCRAM_ITERATIONS_SINCE ? ['-c', `scram_iterations=${SCRAM_ITERATIONS}`] : []),
      ],
      { ...serverUser, env: {}, cwd: '/' },
    );
    const settings = Object.entries(SETTINGS).map(([name, value]) => `${name} = ${value}`);
    for (const [since, name, value] of LATER_SETTINGS)
      if (version >= since) settings.push(`${name} = ${value}`);
    const methods = ['hostssl all all 127.0.0.1/32 scram-sha-256'];
    if (certificate.client !== undefined) {
      // Members of rds_iam come in as on RDS: through what judges their tokens, and by no password.
      methods.unshift('hostssl all +rds_iam 127.0.0.1/32 cert');
      settings.push("ssl_ca_file = 'ca.crt'");
      await this.write('ca.crt', certificate.ca);
    }
    await this.write('postgresql.auto.conf', `${settings.join('\n')}\n`);
    await this.write('pg_hba.conf', `${methods.join('\n')}\n`);
    await this.write('server.crt', certificate.certificate);
    await this.write('server.key', certificate.key);
  }

  private async write(name: string, text: string): Promise<void> {
    const path = join(this.options.dataDirectory, name);
    await writeFile(path, text, { mode: 0o600 });
    await giveToServerUser(path);
  }

  /** Starts the server and waits until it takes connections. @throws Error with the server's own words when it does not. */
  async start(): Promise<void> {
    if (this.#process?.running === true) return;
    if (this.port === 0) this.port = await freePort();
    const { programs, dataDirectory } = this.options;
    this.#process = new ServerProcess(`PostgreSQL in ${dataDirectory}`, join(programs, 'postgres'), [
      '-D',
      dataDirectory,
      '-p',
      String(this.port),
    ]);
    await this.#process.untilReady(() => this.answers());
    await this.options.front?.open(this.port);
  }

  private async answers(): Promise<boolean> {
    try {
      await (await this.connect('postgres')).end();
      return true;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      // Not listening yet, or starting up (57P03).
      if (code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === '57P03') return false;
      throw error;
    }
  }

  /** A connection as superuser, TLS verified against the sandbox's authority. */
  async connect(database: string, applicationName = 'sandbox'): Promise<pg.Client> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: this.port,
      user: 'postgres',
      password: this.options.password,
      database,
      application_name: applicationName,
      ssl: { ca: this.options.certificate.ca },
    });
    // A server that is stopped cuts its connections; whoever uses one sees it at the next query.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** Stops the server: connections are cut, data is written. */
  async stop(): Promise<void> {
    await this.options.front?.close();
    await this.#process?.end('SIGINT');
  }
}

/** @throws Error when the programs say something else than their version. */
async function majorVersion(programs: string): Promise<number> {
  const { stdout } = await run(join(programs, 'postgres'), ['--version'], {
    ...serverUser,
    env: {},
    cwd: '/',
  });
  const version = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
  if (version === undefined)
    throw new Error(
      `${programs}/postgres --version: expected "(PostgreSQL)" and a number, it says "${stdout.trim()}"`,
    );
  return Number(version);
}
