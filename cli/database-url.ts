import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { messageOf } from '../functions/contract/errors.ts';
import { didYouMean } from '../functions/contract/nearest.ts';
import { BadInputError } from '../sandbox/bad-input.ts';

/** A database that a URL names. */
export interface DatabaseUrl {
  engine: 'postgres' | 'mysql' | 'sqlserver';
  /** Host name, address, or folder of a socket. */
  host: string;
  port: number;
  database: string;
  user?: string;
  password?: string;
  ssl: false | ConnectionOptions;
}

const EXPECTED =
  'expected postgres://user:password@host:port/database (or mysql://, mariadb://, sqlserver://), with sslmode and sslrootcert if need be';

const DEFAULT_PORTS = { postgres: 5432, mysql: 3306, sqlserver: 1433 };

const ENGINES: Record<string, DatabaseUrl['engine']> = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
  'sqlserver:': 'sqlserver',
  'mssql:': 'sqlserver',
};

/** Hosts of this machine. A password sent to them without TLS does not leave it. */
const THIS_MACHINE = new Set(['localhost', '127.0.0.1', '::1']);

/**
 * Reads the URL of a PostgreSQL, MySQL, MariaDB or SQL Server database. TLS is on, and the server's certificate is verified, by the
 * authority in `sslrootcert` if given. Only `sslmode=disable` turns TLS off; on this machine it is off by default. The modes `require` and
 * `prefer`, which encrypt to an unknown server elsewhere, verify here too.
 *
 * @throws BadInputError naming the option, never the URL, which may hold a password.
 */
export function parseDatabaseUrl(option: string, value: string | undefined): DatabaseUrl {
  const bad = (problem: string): BadInputError => new BadInputError(`${option}: ${problem}; ${EXPECTED}`);
  if (value === undefined) throw bad('missing');
  if (!URL.canParse(value)) throw bad('not a URL');
  const url = new URL(value);
  const engine = ENGINES[url.protocol];
  if (engine === undefined)
    throw bad(
      `a ${url.protocol}// URL${didYouMean(
        url.protocol,
        Object.keys(ENGINES).map((protocol) => `${protocol}//`),
      )}`,
    );
  if (url.port === '0') throw bad('port 0, which no server listens on');
  const unknown = [...url.searchParams.keys()].filter(
    (key) => !['sslmode', 'sslrootcert', 'host'].includes(key),
  );
  if (unknown.length > 0) throw bad(`unknown parameter ${unknown.join(', ')}`);
  const decode = (text: string): string => {
    try {
      return decodeURIComponent(text);
    } catch (error) {
      if (!(error instanceof URIError)) throw error;
      throw bad('a % that no two hexadecimal digits follow (write %25 for a percent sign)');
    }
  };
  const database = decode(url.pathname.slice(1));
  if (database === '') throw bad('no database');
  const host = url.searchParams.get('host') ?? decode(url.hostname).replace(/^\[(.*)\]$/, '$1');
  if (host === '') throw bad('no host');
  return {
    engine,
    host,
    port: url.port === '' ? DEFAULT_PORTS[engine] : Number(url.port),
    database,
    ...(url.username === '' ? {} : { user: decode(url.username) }),
    ...(url.password === '' ? {} : { password: decode(url.password) }),
    ssl: tlsOf(option, host, url.searchParams),
  };
}

function tlsOf(option: string, host: string, parameters: URLSearchParams): DatabaseUrl['ssl'] {
  const local = THIS_MACHINE.has(host) || host.startsWith('/');
  const authority = parameters.get('sslrootcert');
  const mode = parameters.get('sslmode') ?? (local && authority === null ? 'disable' : 'verify-full');
  switch (mode) {
    case 'disable':
      return false;
    case 'prefer':
    case 'require':
    case 'verify-ca':
    case 'verify-full':
      return {
        rejectUnauthorized: true,
        ...(authority === null ? {} : { ca: readAuthority(option, authority) }),
      };
    default:
      throw new BadInputError(
        `${option}: sslmode=${mode}; expected verify-full (the default), or disable for a server without TLS`,
      );
  }
}

function readAuthority(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new BadInputError(
      `${option}: sslrootcert cannot be read (${messageOf(error)}); expected a file of PEM certificates`,
    );
  }
}
