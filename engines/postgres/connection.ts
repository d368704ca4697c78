import pg from 'pg';
import { defined } from '../../functions/contract/defined.ts';
import { ErrorName, LightsOutError } from '../../functions/contract/errors.ts';
import { APPLICATION_NAME } from '../../functions/contract/keys.ts';
import { connectPatiently } from '../patience.ts';
import { answerTimeout, refusalOf, type ServerTarget } from '../target.ts';
import { describePostgresError, isConnectionProblem } from './errors.ts';

export interface PostgresTarget extends ServerTarget {
  /** Default `postgres`. */
  database?: string;
}

/** How long connecting may take, in milliseconds. */
const CONNECT_TIMEOUT_MILLISECONDS = 15_000;

/**
 * Settings that make the session harmless, and its text forms the same on any server.
 *
 * `row_security = off` makes a row security policy an error rather than a silent filter: a row that the reader may not see must not
 * look absent. `jit = off`: compiling a query over a hundred small tables takes longer than running it.
 */
const SESSION_SETTINGS: Record<string, string> = {
  default_transaction_read_only: 'on',
  search_path: 'pg_catalog',
  timezone: 'UTC',
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  lc_monetary: 'C',
  extra_float_digits: '1',
  bytea_output: 'hex',
  xmloption: 'content',
  xmlbinary: 'base64',
  quote_all_identifiers: 'off',
  standard_conforming_strings: 'on',
  row_security: 'off',
  jit: 'off',
  lock_timeout: '30s',
  idle_in_transaction_session_timeout: '0',
};

/** The startup option that sets all of {@link SESSION_SETTINGS}. They hold from the first statement on, without round trips. */
export function sessionOptions(settings: Record<string, string> = SESSION_SETTINGS): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll('\\', '\\\\').replaceAll(' ', '\\ ')}`)
    .join(' ');
}

/**
 * Connects read-only, with TLS as {@link ServerTarget.tls} says.
 *
 * @throws LightsOutError `DatabaseUnreachable`, naming address, port, database and what to look at.
 */
export async function connectPostgres(target: PostgresTarget): Promise<pg.Client> {
  const database = target.database ?? 'postgres';
  try {
    return await connectPatiently(() => open(clientFor(target, database)), isConnectionProblem);
  } catch (error) {
    throw new LightsOutError(
      ErrorName.DatabaseUnreachable,
      refusalOf(target, `database "${database}"`, describePostgresError(error)),
      { cause: error },
    );
  }
}

function clientFor(target: PostgresTarget, database: string): pg.Client {
  const { username, password } = target.credentials;
  const timeout = answerTimeout(target);
  return new pg.Client({
    host: target.address,
    port: target.port,
    database,
    ...defined({ user: username, password }),
    application_name: APPLICATION_NAME,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MILLISECONDS,
    ...defined({ query_timeout: timeout }),
    statement_timeout: (target.statementTimeoutSeconds ?? 0) * 1000,
    options: sessionOptions(),
    keepAlive: true,
    ssl: target.tls === false ? false : { rejectUnauthorized: true, ...target.tls },
  });
}

async function open(client: pg.Client): Promise<pg.Client> {
  // An idle connection that dies emits 'error', which ends the process if nobody listens. The next query reports the error.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    // Nothing is open that could be closed in an orderly way, and only the error of the connection matters.
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** Quotes an identifier as SQL wants it, whatever characters it holds. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
