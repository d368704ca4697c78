import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import mysql from 'mysql2/promise';
import { giveToServerUser, serverUser } from '../binaries.ts';
import type { DatabaseServerOptions } from '../database-server.ts';
import { freePort, ServerProcess } from '../server-process.ts';
import type { MariadbPrograms } from './programs.ts';

const run = promisify(execFile);

/** As RDS calls the master user when nobody chooses a name. */
export const ADMINISTRATOR = 'admin';

/** Of the data directory's files: given when it is made and at each start. */
const FILES = ['--innodb-log-file-size=16M', '--innodb-undo-tablespaces=0', '--skip-name-resolve'];

/**
 * A rehearsal's data is made anew each time: durability against a power cut would only cost time. Each commit is written to the operating
 * system, though, and by the server's own threads: so that the files hold at any moment what a crash would leave (see backup.ts).
 */
const SETTINGS = [
  '--bind-address=127.0.0.1',
  '--require-secure-transport=ON',
  '--innodb-flush-log-at-trx-commit=2',
  '--innodb-use-native-aio=0',
  '--innodb-buffer-pool-size=64M',
  '--innodb-buffer-pool-dump-at-shutdown=0',
  '--innodb-buffer-pool-load-at-startup=0',
  '--character-set-server=utf8mb4',
  '--max-allowed-packet=64M',
  '--log-warnings=1',
];

export interface MariadbOptions extends DatabaseServerOptions {
  programs: MariadbPrograms;
}

/** One real MariaDB server on 127.0.0.1: TLS only, passwords only. */
export class MariadbServer {
  readonly options: MariadbOptions;
  /** The server's own. Kept over a stop and a start, as an RDS endpoint is. */
  port = 0;
  #process: ServerProcess | undefined;

  constructor(options: MariadbOptions) {
    this.options = options;
  }

  /** Where clients come in. */
  get endpointPort(): number {
    return this.options.front?.port ?? this.port;
  }

  /** The running server's process. */
  get pid(): number {
    if (this.#process === undefined) throw new Error('the server is not running');
    return this.#process.pid;
  }

  /** For what is no data: socket, temporary tables, certificate. */
  private get runDirectory(): string {
    return `${this.options.dataDirectory}.run`;
  }

  get socket(): string {
    return join(this.runDirectory, 'socket');
  }

  /** Makes an empty data directory. */
  async initialise(): Promise<void> {
    const { dataDirectory, programs, password } = this.options;
    await this.makeRunDirectory();
    await this.makeOwn(dataDirectory);
    const users = join(this.runDirectory, 'users.sql');
    await writeFile(
      users,
      [
        // Who signs in without a password, or from this machine only.
        "DELETE FROM mysql.global_priv WHERE User IN ('', 'root');",
        'FLUSH PRIVILEGES;',
        `CREATE USER ${ADMINISTRATOR}@'%' IDENTIFIED BY '${password}';`,
        `GRANT ALL ON *.* TO ${ADMINISTRATOR}@'%' WITH GRANT OPTION;`,
        '',
      ].join('\n'),
      { mode: 0o600 },
    );
    await giveToServerUser(users);
    await run(
      programs.install,
      [
        '--no-defaults',
        `--datadir=${dataDirectory}`,
        `--tmpdir=${join(this.runDirectory, 'tmp')}`,
        `--extra-file=${users}`,
        '--skip-test-db',
        ...FILES,
      ],
      { ...serverUser, env: { PATH: process.env['PATH'] }, cwd: '/' },
    );
    await rm(users);
  }

  private async makeOwn(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await giveToServerUser(folder);
  }

  private async makeRunDirectory(): Promise<void> {
    const { certificate, dataDirectory } = this.options;
    await this.makeOwn(dirname(dataDirectory));
    await this.makeOwn(this.runDirectory);
    // Servers that are made at the same time would remove each other's temporary tables in a common folder.
    await this.makeOwn(join(this.runDirectory, 'tmp'));
    for (const [name, text] of [
      ['ca.crt', certificate.ca],
      ['server.crt', certificate.certificate],
      ['server.key', certificate.key],
    ] as const) {
      const path = join(this.runDirectory, name);
      await writeFile(path, text, { mode: 0o600 });
      await giveToServerUser(path);
    }
  }

  /** Starts the server and waits until it takes connections. @throws Error with the server's own words when it does not. */
  async start(): Promise<void> {
    if (this.#process?.running === true) return;
    if (this.port === 0) this.port = await freePort();
    await this.makeRunDirectory();
    const { dataDirectory, programs } = this.options;
    const file = (name: string): string => join(this.runDirectory, name);
    this.#process = new ServerProcess(`MariaDB in ${dataDirectory}`, programs.server, [
      '--no-defaults',
      `--datadir=${dataDirectory}`,
      `--tmpdir=${file('tmp')}`,
      `--socket=${this.socket}`,
      `--pid-file=${file('pid')}`,
      `--port=${this.port}`,
      `--ssl-ca=${file('ca.crt')}`,
      `--ssl-cert=${file('server.crt')}`,
      `--ssl-key=${file('server.key')}`,
      ...FILES,
      ...SETTINGS,
    ]);
    await this.#process.untilReady(() => this.answers());
    await this.options.front?.open(this.port);
  }

  private async answers(): Promise<boolean> {
    try {
      await (await this.connect()).end();
      return true;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (['ECONNREFUSED', 'ECONNRESET', 'PROTOCOL_CONNECTION_LOST'].includes(code)) return false;
      throw error;
    }
  }

  /** A connection as administrator, TLS verified against the sandbox's authority. */
  async connect(database?: string, applicationName = 'sandbox'): Promise<mysql.Connection> {
    const connection = await mysql.createConnection({
      host: '127.0.0.1',
      port: this.port,
      user: ADMINISTRATOR,
      password: this.options.password,
      ...(database === undefined ? {} : { database }),
      ssl: { ca: this.options.certificate.ca, verifyIdentity: true },
      connectAttributes: { program_name: applicationName },
      charset: 'utf8mb4_bin',
      multipleStatements: true,
    });
    // A server that is stopped cuts its connections; whoever uses one sees it at the next query.
    connection.on('error', () => undefined);
    return connection;
  }

  /** Stops the server: connections are cut, data is written. */
  async stop(): Promise<void> {
    await this.options.front?.close();
    await this.#process?.end('SIGTERM');
  }
}
