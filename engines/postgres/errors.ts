import { LightsOutError, messageOf } from '../../functions/contract/errors.ts';

/** PostgreSQL's SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) or the network's code, if there is one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Data exceptions, violated constraints and errors that a function raises itself. Their messages quote values of rows. */
const QUOTES_VALUES = /^(22|23|P0)/;

/** Says what went wrong, for a message that is kept: the code, and PostgreSQL's words unless they could hold a row's value. */
export function describePostgresError(error: unknown): string {
  const code = codeOf(error);
  if (code === undefined) return messageOf(error);
  if (QUOTES_VALUES.test(code)) return `SQLSTATE ${code}; its message is left out, since it may quote a row`;
  return `${code}: ${messageOf(error)}`;
}

/** The error as a `cause`, unless its message or detail could hold a row's value: causes reach the logs. */
export function causeOf(error: unknown): { cause?: unknown } {
  return QUOTES_VALUES.test(codeOf(error) ?? '') ? {} : { cause: error };
}

const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);

/** Shut down, starting up, another process crashed, or too many clients. Each is over in a moment. */
const SERVER_AWAY = new Set(['57P01', '57P02', '57P03', '53300']);

/** True when the connection was the problem rather than the question. Another try may then succeed. */
export function isConnectionProblem(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined)
    return /^(Connection terminated|Query read timeout|Client has encountered a connection error|timeout expired)/.test(
      messageOf(error),
    );
  return NETWORK.has(code) || SERVER_AWAY.has(code) || code.startsWith('08');
}

/** SQLSTATEs insufficient_privilege, query_canceled. */
const FORBIDDEN = '42501';
const CANCELLED = '57014';

/** Remedies for a refused connection, by code: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CONNECTION_REMEDIES: Record<string, string> = {
  '28P01': 'store the right password in the secret of database.credentialsSecretArn',
  '28000':
    'create the user, let it sign in (LOGIN; for database.iamUser: GRANT rds_iam TO it), and allow it in over TLS',
  '3D000': 'correct database.databases in systems.ts',
  '42501': 'let the user in: GRANT CONNECT ON DATABASE … TO the user',
  '53300': 'free connections, or raise max_connections: the server takes no more',
  ECONNREFUSED: 'let network.securityGroupId in, in the security group of the database, on its port',
  ETIMEDOUT: 'let network.securityGroupId in, in the security group of the database, on its port',
  SELF_SIGNED_CERT_IN_CHAIN: 'use a certificate of an RDS authority that Lambda knows',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'use a certificate of an RDS authority that Lambda knows',
  CERT_HAS_EXPIRED: 'rotate the certificate of the DB instance',
};

/**
 * Says what to do about an error, as the end of a sentence. A refused connection is a LightsOutError with the server's own error as its
 * cause.
 */
export function postgresRemedy(error: unknown): string {
  if (error instanceof LightsOutError)
    return CONNECTION_REMEDIES[codeOf(error.cause) ?? ''] ?? 'mend it and start the run again';
  const text = describePostgresError(error);
  if (codeOf(error) === FORBIDDEN && text.includes('row-level security'))
    return 'expected a user who sees every row: give it BYPASSRLS, or take the tables’ owner';
  if (codeOf(error) === FORBIDDEN)
    return 'expected a user who may read everything: run "GRANT pg_read_all_data TO <user>" in the database';
  if (codeOf(error) === CANCELLED)
    return 'a statement took longer than it may: choose a larger database.testInstance.instanceClass, or start the run again';
  return 'see the message; the run can be started again';
}
