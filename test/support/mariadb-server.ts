import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import mysql from 'mysql2/promise';
import type { Engine } from '../../engines/engine.ts';
import { connectMysql, type MysqlConnection } from '../../engines/mysql/connection.ts';
import { mysqlEngine } from '../../engines/mysql/engine.ts';
import { makeCertificates } from '../../sandbox/world/database/certificates.ts';
import { freePort } from '../../sandbox/world/database/server-process.ts';

const run = promisify(execFile);

/** Where Debian's package mariadb-server puts the server. */
const PROGRAM = '/usr/sbin/mariadbd';

/** Whether there is a MariaDB to test with; where not, whoever asks says that its tests are left out. */
export const hasMariadb = existsSync(PROGRAM);
if (!hasMariadb) console.warn("LEFT OUT: MariaDB's tests (Debian's package mariadb-server is not installed)");

export const PASSWORD = 'only-for-tests';

/** A MariaDB server for one test file, with TLS. */
export class MariadbServer {
  readonly port: number;
  readonly ca: string;
  readonly folder: string;
  readonly #process: ChildProcess;

  constructor(port: number, ca: string, folder: string, process: ChildProcess) {
    this.port = port;
    this.ca = ca;
    this.folder = folder;
    this.#process = process;
  }

  /** Runs statements as root. */
  async sql(statements: string, database?: string): Promise<void> {
    const connection = await mysql.createConnection({
      host: '127.0.0.1',
      port: this.port,
      user: 'root',
      password: PASSWORD,
      multipleStatements: true,
      charset: 'utf8mb4_bin',
      ...(database === undefined ? {} : { database }),
    });
    try {
      await connection.query(statements);
    } finally {
      await connection.end();
    }
  }

  /** As the functions connect, but for the certificate's authority. */
  reader(user = 'root', password = PASSWORD): Promise<MysqlConnection> {
    return connectMysql({
      address: '127.0.0.1',
      port: this.port,
      credentials: { username: user, password },
      tls: { ca: this.ca },
    });
  }

  /** The engine over such connections. */
  engine(connect = (): Promise<MysqlConnection> => this.reader()): Engine {
    return mysqlEngine({ address: '127.0.0.1', port: this.port, connect });
  }

  url(database: string, parameters = '?sslmode=disable'): string {
    return `mysql://root:${PASSWORD}@127.0.0.1:${this.port}/${encodeURIComponent(database)}${parameters}`;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode === null && signalCode === null) {
      const exited = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await exited;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function startMariadb(): Promise<MariadbServer> {
  const folder = await mkdtemp(join(tmpdir(), 'lights-out-mariadb-'));
  await chmod(folder, 0o755);
  const data = join(folder, 'data');
  // Servers that are made at the same time would remove each other's temporary tables in a common folder.
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  await chmod(temporary, 0o1777);
  const user = process.getuid?.() === 0 ? ['--user=nobody'] : [];
  await run('mariadb-install-db', [
    '--no-defaults',
    ...user,
    `--datadir=${data}`,
    `--tmpdir=${temporary}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ]);
  const certificate = await makeCertificates(Date.now());
  const files = {
    'server.crt': certificate.certificate,
    'server.key': certificate.key,
    'ca.crt': certificate.ca,
  };
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, name), text, { mode: 0o644 });
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const child = start(folder, port, user);
    if (await untilReady(join(data, 'socket'), child))
      return new MariadbServer(port, certificate.ca, folder, child);
    // Another process may have taken the port in between; then the server ends at once.
    if (attempt === 5) throw new Error(`MariaDB in ${folder} ended at once, five times`);
  }
}

function start(folder: string, port: number, user: string[]): ChildProcess {
  const data = join(folder, 'data');
  const child = spawn(
    PROGRAM,
    [
      '--no-defaults',
      ...user,
      `--datadir=${data}`,
      `--tmpdir=${join(folder, 'tmp')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${join(data, 'socket')}`,
      `--ssl-cert=${join(folder, 'server.crt')}`,
      `--ssl-key=${join(folder, 'server.key')}`,
      `--ssl-ca=${join(folder, 'ca.crt')}`,
      '--innodb-flush-log-at-trx-commit=0',
      '--character-set-server=utf8mb4',
    ],
    { stdio: 'ignore' },
  );
  process.on('exit', () => child.kill('SIGKILL'));
  return child;
}

/** Waits on the socket, which is this server's alone. @returns false when the server ended. */
async function untilReady(socketPath: string, child: ChildProcess): Promise<boolean> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (child.exitCode !== null) return false;
    try {
      const connection = await mysql.createConnection({ socketPath, user: 'root' });
      await connection.query(`ALTER USER root@localhost IDENTIFIED BY '${PASSWORD}'`);
      await connection.end();
      return true;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      if (code !== 'ECONNREFUSED' && code !== 'ENOENT') throw error;
      await sleep(50);
    }
  }
  throw new Error('MariaDB took no connection within 30 s');
}
