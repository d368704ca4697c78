import mysql from 'mysql2/promise';
import { defined } from '../../functions/contract/defined.ts';
import { ErrorName, LightsOutError } from '../../functions/contract/errors.ts';
import { APPLICATION_NAME } from '../../functions/contract/keys.ts';
import { connectPatiently } from '../patience.ts';
import { answerTimeout, refusalOf, type ServerTarget } from '../target.ts';
import { describeMysqlError, isMysqlConnectionProblem, mysqlCodeOf } from './errors.ts';

/** A connection that reads, and what it reads from. */
export interface MysqlConnection {
  engine: 'mysql' | 'mariadb';
  version: string;
  /** Runs one statement. @returns its rows, every value as text or NULL. */
  query(sql: string, values?: readonly (string | number)[]): Promise<Record<string, string | null>[]>;
  /** Runs one statement. @returns its rows as lists of values, so that columns of one name stay two. */
  values(sql: string): Promise<(string | null)[][]>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MILLISECONDS = 15_000;

/**
 * Settings that make the session harmless, and its text forms the same on any server. `sql_mode` is empty: quotes have no other
 * meaning, CHAR is not padded, and zero dates stay as they are.
 */
const SESSION = [
  "SET SESSION sql_mode = ''",
  "SET SESSION time_zone = '+00:00'",
  'SET SESSION sql_quote_show_create = 1',
  'SET SESSION sql_big_selects = 1',
  'SET SESSION TRANSACTION READ ONLY',
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
];

/**
 * Connects read-only, with TLS as {@link ServerTarget.tls} says.
 *
 * @throws LightsOutError `DatabaseUnreachable`, naming address, port and what to look at.
 */
export async function connectMysql(target: ServerTarget): Promise<MysqlConnection> {
  try {
    return await connectPatiently(() => open(target), isMysqlConnectionProblem);
  } catch (error) {
    throw new LightsOutError(
      ErrorName.DatabaseUnreachable,
      refusalOf(target, 'server', describeMysqlError(error)),
      { cause: error },
    );
  }
}

async function open(target: ServerTarget): Promise<MysqlConnection> {
  const { username, password } = target.credentials;
  const connection = await mysql.createConnection({
    host: target.address,
    port: target.port,
    ...defined({ user: username }),
    ...(password === undefined
      ? {}
      : { password: typeof password === 'string' ? password : await password() }),
    // Lets the server ask for the password as it is. Only a token is sent so, never a password.
    enableCleartextPlugin: typeof password === 'function',
    ...(target.tls === false
      ? {}
      : { ssl: { rejectUnauthorized: true, verifyIdentity: true, ...target.tls } }),
    connectTimeout: CONNECT_TIMEOUT_MILLISECONDS,
    connectAttributes: { program_name: APPLICATION_NAME },
    charset: 'utf8mb4_bin',
    // Every value as the server sent it. A number or a date of JavaScript could hold less.
    typeCast: (field) => field.string(),
    enableKeepAlive: true,
    multipleStatements: false,
  });
  // A connection may break while nothing is asked. The next question reports it.
  connection.on('error', () => undefined);
  const timeout = answerTimeout(target);
  const ask = async (question: mysql.QueryOptions): Promise<unknown> => {
    try {
      const [rows] = await connection.query({ ...question, ...defined({ timeout }) });
      return rows;
    } catch (error) {
      // The driver still waits for the answer, and would queue everything else behind it, the goodbye too.
      if (mysqlCodeOf(error) === 'PROTOCOL_SEQUENCE_TIMEOUT') connection.destroy();
      throw error;
    }
  };
  const query: MysqlConnection['query'] = async (sql, values = []) => {
    const rows = await ask({ sql, values: [...values] });
    return Array.isArray(rows) ? (rows as Record<string, string | null>[]) : [];
  };
  const values: MysqlConnection['values'] = async (sql) => {
    const rows = await ask({ sql, rowsAsArray: true });
    return Array.isArray(rows) ? (rows as unknown as (string | null)[][]) : [];
  };
  try {
    for (const statement of SESSION) await query(statement);
    const [row] = await query('SELECT VERSION() AS version');
    const version = row?.['version'] ?? 'unknown';
    const engine = /mariadb/i.test(version) ? 'mariadb' : 'mysql';
    await limitStatements(query, engine, target.statementTimeoutSeconds);
    return { engine, version, query, values, close: () => closeQuietly(connection) };
  } catch (error) {
    await closeQuietly(connection);
    throw error;
  }
}

async function limitStatements(
  query: MysqlConnection['query'],
  engine: MysqlConnection['engine'],
  seconds = 0,
): Promise<void> {
  if (engine === 'mariadb') {
    await query(`SET SESSION max_statement_time = ${seconds}`);
    return;
  }
  await query(`SET SESSION max_execution_time = ${seconds * 1000}`);
  // Since MySQL 8 the numbers of information_schema are a day old unless a session asks for new ones.
  await query('SET SESSION information_schema_stats_expiry = 0').catch((error: unknown) => {
    if (!isUnknownVariable(error)) throw error;
  });
}

function isUnknownVariable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ER_UNKNOWN_SYSTEM_VARIABLE';
}

/** The answers are in. A connection that breaks while it is closed changes nothing. */
async function closeQuietly(connection: mysql.Connection): Promise<void> {
  await connection.end().catch(() => undefined);
}

/** Quotes an identifier, whatever characters it holds. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
