import pg from 'pg';
import { ErrorName, LightsOutError, messageOf } from '../../contract/errors.ts';
import { APPLICATION_NAME } from '../../contract/keys.ts';
import type { Credentials } from '../credentials.ts';

export interface PostgresTarget {
  address: string;
  port: number;
  /** Default `postgres`. */
  database?: string;
  credentials: Credentials;
  /** How long one statement may run, in seconds. */
  statementTimeoutSeconds: number;
}

/** How long a connection may take to be made, in milliseconds. */
const CONNECT_TIMEOUT_MILLISECONDS = 15_000;

/**
 * Session settings that make text forms the same on any server, and the session harmless. `row_security = off` makes a
 * row security policy an error rather than a silent filter: a row the reader may not see must not look absent.
 */
const SESSION_SETTINGS: Record<string, string> = {
  default_transaction_read_only: 'on',
  search_path: 'pg_catalog',
  timezone: 'UTC',
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  xmloption: 'content',
  row_security: 'off',
  lock_timeout: '30s',
  idle_in_transaction_session_timeout: '0',
  client_encoding: 'UTF8',
};

/** The startup option that sets all of {@link SESSION_SETTINGS}: from the first statement on, no round trips. */
export function sessionOptions(settings: Record<string, string> = SESSION_SETTINGS): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll('\\', '\\\\').replaceAll(' ', '\\ ')}`)
    .join(' ');
}

/**
 * Connects read-only. The server's certificate is verified with Node's own check against the default certificate
 * authorities, which Lambda extends by the RDS roots (`NODE_EXTRA_CA_CERTS`); there is no way to turn that off.
 *
 * @throws LightsOutError `DatabaseUnreachable`, naming address, port, database and what to look at.
 */
export async function connectPostgres(target: PostgresTarget): Promise<pg.Client> {
  const database = target.database ?? 'postgres';
  const client = new pg.Client({
    host: target.address,
    port: target.port,
    database,
    user: target.credentials.username,
    password: target.credentials.password,
    application_name: APPLICATION_NAME,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MILLISECONDS,
    statement_timeout: target.statementTimeoutSeconds * 1000,
    options: sessionOptions(),
    keepAlive: true,
    ssl: { rejectUnauthorized: true },
  });
  // An idle connection that dies emits 'error'; unheard, it would end the process. The next query reports it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw new LightsOutError(
      ErrorName.DatabaseUnreachable,
      `database "${database}" at ${target.address}:${target.port} refused the connection (${describe(error)}); ` +
        'expected it to accept the user of database.credentialsSecretArn over TLS from network.securityGroupId: ' +
        'check the security groups, the secret and the server certificate',
      { cause: error },
    );
  }
}

/** PostgreSQL's SQLSTATE or the network's code, with the message: neither holds the password. */
function describe(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code === '' ? messageOf(error) : `${code}: ${messageOf(error)}`;
}

/** Quotes an identifier as SQL wants it, whatever characters it holds. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
