import { LightsOutError, messageOf } from '../../functions/contract/errors.ts';

/** Errors about a row's data. Their messages quote the row: https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html */
const QUOTES_VALUES =
  /^ER_(DUP|TRUNCATED|DATA|WRONG_VALUE|SIGNAL|WARN_DATA|INVALID|CANNOT_CONVERT|ILLEGAL_VALUE|NO_REFERENCED|ROW_IS_REFERENCED)/;

/** The server's or the network's code, if there is one. */
export function mysqlCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** True when the error's message may quote a row. */
export function quotesValues(error: unknown): boolean {
  return QUOTES_VALUES.test(mysqlCodeOf(error) ?? '');
}

export function isMysqlAccessDenied(error: unknown): boolean {
  return /ACCESS_?DENIED/.test(mysqlCodeOf(error) ?? '');
}

/** Says what went wrong, for a message that is kept: the code, and the server's words unless they could hold a row's value. */
export function describeMysqlError(error: unknown): string {
  const code = mysqlCodeOf(error);
  if (code === undefined) return messageOf(error);
  if (quotesValues(error)) return `${code}; its message is left out, since it may quote a row`;
  return `${code}: ${messageOf(error)}`;
}

const CONNECTION = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_SERVER_SHUTDOWN',
  'ER_CONNECTION_KILLED',
]);

/** True when the connection was the problem rather than the question. Another try may then succeed. */
export function isMysqlConnectionProblem(error: unknown): boolean {
  const code = mysqlCodeOf(error);
  // The driver gives no code to a question on a connection that had broken before.
  if (code === undefined) return /connection is in closed state/.test(messageOf(error));
  return CONNECTION.has(code);
}

/** Remedies for a refused connection, by code. */
const CONNECTION_REMEDIES: Record<string, string> = {
  ER_ACCESS_DENIED_ERROR:
    'store the right password in the secret of database.credentialsSecretArn, or create the user (for database.iamUser: IDENTIFIED WITH AWSAuthenticationPlugin AS "RDS")',
  ER_HOST_NOT_PRIVILEGED: 'let the user in from the functions’ subnets: CREATE USER … @"%"',
  ER_CON_COUNT_ERROR: 'free connections, or raise max_connections: the server takes no more',
  ER_TOO_MANY_USER_CONNECTIONS: 'free connections of this user, or raise its MAX_USER_CONNECTIONS',
  ECONNREFUSED: 'let network.securityGroupId in, in the security group of the database, on its port',
  ETIMEDOUT: 'let network.securityGroupId in, in the security group of the database, on its port',
  HANDSHAKE_SSL_ERROR: 'use a certificate of an RDS authority that Lambda knows',
};

/**
 * Says what to do about an error, as the end of a sentence. A refused connection is a LightsOutError with the server's own error as its
 * cause.
 */
export function mysqlRemedy(error: unknown): string {
  if (error instanceof LightsOutError)
    return CONNECTION_REMEDIES[mysqlCodeOf(error.cause) ?? ''] ?? 'mend it and start the run again';
  const code = mysqlCodeOf(error) ?? '';
  if (isMysqlAccessDenied(error))
    return 'expected a user who may read everything: run "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON `<database>`.* TO <user>", on MySQL 8 "GRANT SHOW_ROUTINE ON *.* TO <user>" and on MariaDB "GRANT SELECT ON mysql.proc TO <user>"';
  if (/QUERY_TIMEOUT|STATEMENT_TIMEOUT|QUERY_INTERRUPTED/.test(code))
    return 'a statement took longer than it may: choose a larger instance class for the test instance, or start again';
  return 'see the message; the comparison can be started again';
}
