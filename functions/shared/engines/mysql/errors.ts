import { messageOf } from '../../contract/errors.ts';

/** Errors about a row's data, whose message quotes it: https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html */
const QUOTES_VALUES =
  /^ER_(DUP|TRUNCATED|DATA|WRONG_VALUE|SIGNAL|WARN_DATA|INVALID|CANNOT_CONVERT|ILLEGAL_VALUE|NO_REFERENCED|ROW_IS_REFERENCED)/;

/** The server's or the network's code, where there is one. */
export function mysqlCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What went wrong, for a message that is kept: the code, and the server's words unless they could hold a row's value. */
export function describeMysqlError(error: unknown): string {
  const code = mysqlCodeOf(error);
  if (code === undefined) return messageOf(error);
  if (QUOTES_VALUES.test(code)) return `${code}; its message is left out, since it may quote a row`;
  return `${code}: ${messageOf(error)}`;
}

const CONNECTION = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
  'ER_SERVER_SHUTDOWN',
  'ER_CONNECTION_KILLED',
]);

/** True when the connection, rather than the question, was the problem: worth another try. */
export function isMysqlConnectionProblem(error: unknown): boolean {
  return CONNECTION.has(mysqlCodeOf(error) ?? '');
}

/** What to do about it. */
export function mysqlRemedy(error: unknown): string {
  const code = mysqlCodeOf(error) ?? '';
  if (/ACCESS_DENIED|COLUMNACCESS/.test(code))
    return 'expected a user who may read everything: run "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON `<database>`.* TO <user>", on MySQL 8 "GRANT SHOW_ROUTINE ON *.* TO <user>" and on MariaDB "GRANT SELECT ON mysql.proc TO <user>"';
  if (/QUERY_TIMEOUT|STATEMENT_TIMEOUT|QUERY_INTERRUPTED/.test(code))
    return 'a statement took longer than it may: choose a larger instance class for the test instance, or start again';
  return 'see the message; the comparison can be started again';
}
