import { isAwsError } from '../shared/aws/errors.ts';
import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import type { Reason } from '../shared/contract/state.ts';

/** PostgreSQL's SQLSTATE or the network's code, of an error or of what caused it. */
export function sqlState(error: unknown): string | undefined {
  const origin = error instanceof LightsOutError ? error.cause : error;
  return origin instanceof Error && 'code' in origin ? String(origin.code) : undefined;
}

/** A role's name as SQL wants it, whatever characters it holds. */
export const grantee = (user: string): string => `"${user.replaceAll('"', '""')}"`;

/** What to do about what a connection was refused with: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const REMEDIES: Record<string, string> = {
  '28P01': 'store the right password in the secret of database.credentialsSecretArn',
  '28000': 'create the user, let it sign in (LOGIN), and allow it in over TLS',
  '3D000': 'correct database.databases in systems.ts',
  '42501': 'let the user in: GRANT CONNECT ON DATABASE … TO the user',
  '53300': 'free connections, or raise max_connections: the server takes no more',
  ECONNREFUSED: 'let network.securityGroupId in, in the security group of the database, on its port',
  ETIMEDOUT: 'let network.securityGroupId in, in the security group of the database, on its port',
  SELF_SIGNED_CERT_IN_CHAIN: 'use a certificate of an RDS authority that Lambda knows',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'use a certificate of an RDS authority that Lambda knows',
  CERT_HAS_EXPIRED: 'rotate the certificate of the DB instance',
};

const SECRET_REMEDIES: Record<string, string> = {
  ResourceNotFoundException: 'correct database.credentialsSecretArn in systems.ts, or create the secret',
  InvalidRequestException: 'restore the secret: it is marked for deletion or has no current value',
  DecryptionFailure: 'name the KMS key of the secret as database.credentialsKeyArn, and enable the key',
  AccessDeniedException:
    'let the inspect function read the secret: look at its resource policy and its KMS key',
};

/** Errors that say something of the database or its configuration, not of AWS. */
const OF_THE_DATABASE: string[] = [ErrorName.DatabaseUnreachable, ErrorName.InvalidConfiguration];

/**
 * What went wrong, as a reason. Only what the database, its secret or its network say; anything else (AWS throttling, a mistake of our own)
 * is thrown again.
 *
 * @param what the part of the look, e.g. `database "crm"`.
 */
export function reasonFor(error: unknown, resource: string, what: string, secretArn: string): Reason {
  if (isAwsError(error, ...Object.keys(SECRET_REMEDIES)) && error instanceof Error) {
    return {
      resource: `secret ${secretArn}`,
      problem: `Secrets Manager did not give it out (${error.name})`,
      remedy: SECRET_REMEDIES[error.name] ?? 'look at the secret',
    };
  }
  const code = sqlState(error);
  if (error instanceof LightsOutError && OF_THE_DATABASE.includes(error.name)) {
    return {
      resource,
      problem: error.message,
      remedy: (code === undefined ? undefined : REMEDIES[code]) ?? 'mend it and start the run again',
    };
  }
  // Any other error of PostgreSQL: its words can quote a value, its five-character code cannot.
  if (error instanceof LightsOutError || code === undefined || !/^[0-9A-Z]{5}$/.test(code)) throw error;
  return {
    resource,
    problem: `${what} could not be looked at (SQLSTATE ${code})`,
    remedy: 'look the code up in the database’s log; a count fails when drain.sessionQuery is wrong',
  };
}
