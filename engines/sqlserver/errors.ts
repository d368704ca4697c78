import { LightsOutError, messageOf } from '../../functions/contract/errors.ts';

/** An error of SQL Server, or of the way to it. */
export class SqlServerError extends Error {
  override readonly name = 'SqlServerError';
  /**
   * SQL Server's number (https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors) or the
   * network's code.
   */
  readonly code: string;
  readonly severity: number | undefined;
  readonly state: number | undefined;

  constructor(
    code: string,
    message: string,
    about: { severity?: number | undefined; state?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, about.cause === undefined ? {} : { cause: about.cause });
    this.code = code;
    this.severity = about.severity;
    this.state = about.state;
  }
}

/** Codes for which the driver has no better word. */
export const STATEMENT_TIMEOUT = 'ETIMEOUT';
export const CONNECTION_LOST = 'ECONNCLOSED';
export const NO_TLS = 'ENOTLS';

export function sqlServerCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Errors whose words name objects, users and settings, and never the values of a row. The message of any other error is left out: 2627
 * quotes a key, 245 and 8114 a value that was to be converted, 2628 a text that was cut, 50000 whatever a trigger says. Each version
 * brings new ones.
 */
const QUOTES_NOTHING = new Set(
  [
    // Statements and names.
    '102 156 170 195 207 208 209 213 319 402 406 468 529 911 2812 4145 4902 8155 8156 8158 8159',
    // Logins, users and permissions.
    '229 230 262 297 300 371 378 916 942 945 4060 4064 6004 15151 15562 17892 18452 18456 18470 18486 18487 18488',
    // Locks, snapshots, memory and space, statements that are too large.
    '601 701 802 1105 1204 1205 1222 3906 3952 3957 3960 3961 5030 7719 8621 8623 8631 8632 8645 8651 8657 9002 33299 41332 41333',
    // The server is going away.
    '596 983 6005 17142 17197 18401 18451',
    // Pages that cannot be read: file, page, database.
    '605 823 824 825 829 5180 5228 5229 5242 5243',
  ].flatMap((numbers) => numbers.split(' ')),
);
/** Says what went wrong, for a message that is kept: the number, and SQL Server's words where they cannot hold a row's value. */
export function describeSqlServerError(error: unknown): string {
  if (!(error instanceof SqlServerError)) return messageOf(error);
  if (!/^\d+$/.test(error.code)) return `${error.code}: ${error.message}`;
  if (QUOTES_NOTHING.has(error.code)) return `error ${error.code}: ${error.message}`;
  const about = [`severity ${error.severity ?? '?'}`, `state ${error.state ?? '?'}`].join(', ');
  return `error ${error.code}, ${about}; its message is left out, since it may quote a row`;
}

/** The error as a `cause`, unless its message could hold a row's value: causes reach the logs. */
export function causeOf(error: unknown): { cause?: unknown } {
  const silent =
    error instanceof SqlServerError && /^\d+$/.test(error.code) && !QUOTES_NOTHING.has(error.code);
  return silent ? {} : { cause: error };
}

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  CONNECTION_LOST,
]);

/** Killed, shutting down, paused, starting up, failing over. Each is over in a moment. */
const SERVER_AWAY = new Set(['596', '983', '6005', '17142', '17197', '18401', '18451']);

/** An error of this severity ends the connection: https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-error-severities */
const FATAL = 20;

/** Damaged pages: fatal as well, but every try tells of them again. */
const DAMAGE = new Set(['823', '824', '829']);

/** True when the connection was the problem rather than the question. Another try may then succeed. */
export function isSqlServerConnectionProblem(error: unknown): boolean {
  if (!(error instanceof SqlServerError)) return false;
  if (NETWORK.has(error.code) || SERVER_AWAY.has(error.code)) return true;
  return (error.severity ?? 0) >= FATAL && !DAMAGE.has(error.code);
}

const LET_IN =
  'let network.securityGroupId in, in the security group of the database, on its port (SQL Server: 1433)';

const CERTIFICATE = 'use a certificate of an RDS authority that Lambda knows';

/** Remedies for a refused connection, by code. */
const CONNECTION_REMEDIES: Record<string, string> = {
  '18456': 'store the right password in the secret of database.credentialsSecretArn, or create the login',
  '18452': 'name a SQL Server login in the secret: Windows accounts are not signed in',
  '18470': 'enable the login: ALTER LOGIN … ENABLE',
  '18486': 'unlock the login: ALTER LOGIN … WITH PASSWORD = … UNLOCK',
  '18487': 'give the login a new password, and store it in the secret: the old one has expired',
  '18488':
    'give the login a new password, and store it in the secret: it has to be changed at the first sign-in',
  '4060':
    'correct database.databases in systems.ts, or let the login in: CREATE USER … FOR LOGIN … in the database',
  '4064': 'give the login a default database that it may open: ALTER LOGIN … WITH DEFAULT_DATABASE = master',
  '916': 'let the login in: CREATE USER … FOR LOGIN … in the database',
  '17892': 'a logon trigger refuses the login: let it in there',
  [NO_TLS]: 'turn TLS on at the server (on RDS it is): no password is sent without it',
  ECONNREFUSED: LET_IN,
  ETIMEDOUT: LET_IN,
  SELF_SIGNED_CERT_IN_CHAIN: CERTIFICATE,
  DEPTH_ZERO_SELF_SIGNED_CERT: CERTIFICATE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CERTIFICATE,
  ERR_TLS_CERT_ALTNAME_INVALID:
    'connect by the name that the server’s certificate is made out to: the endpoint of the DB instance',
  CERT_HAS_EXPIRED: 'rotate the certificate of the DB instance',
};

const READ_ALL =
  'run in the database "ALTER ROLE db_datareader ADD MEMBER <user>" and "GRANT VIEW DEFINITION TO <user>", and look for a DENY';

const REMEDIES: Record<string, string> = {
  '229': `expected a user who may read everything: ${READ_ALL}`,
  '230': `expected a user who may read everything: ${READ_ALL}`,
  '262': `expected a user who may read everything: ${READ_ALL}`,
  '297': 'run "GRANT VIEW SERVER STATE TO <login>" in master',
  '300': 'run "GRANT VIEW SERVER STATE TO <login>" in master',
  '371': 'run "GRANT VIEW SERVER STATE TO <login>" in master',
  '1222': 'somebody holds a lock: look at sys.dm_exec_requests for who blocks whom, end it, and start again',
  '1205': 'somebody else writes to the database: end that, and start again',
  '3960': 'somebody else writes to the database: end that, and start again',
  '3961': 'somebody else changes the database’s definitions: end that, and start again',
  '8623': 'the table has more columns than SQL Server can hash in one statement',
  '8631': 'the table has more columns than SQL Server can hash in one statement',
  '8632': 'the table has more columns than SQL Server can hash in one statement',
  '823': 'a page cannot be read: run DBCC CHECKDB and restore from an older snapshot',
  '824': 'a page is damaged: run DBCC CHECKDB and restore from an older snapshot',
  [STATEMENT_TIMEOUT]:
    'a statement took longer than it may: choose a larger database.testInstance.instanceClass, or start the run again',
};

/**
 * Says what to do about an error, as the end of a sentence. A refused connection is a LightsOutError with the server's own error as its
 * cause.
 */
export function sqlServerRemedy(error: unknown): string {
  if (error instanceof LightsOutError)
    return CONNECTION_REMEDIES[sqlServerCodeOf(error.cause) ?? ''] ?? 'mend it and start the run again';
  return REMEDIES[sqlServerCodeOf(error) ?? ''] ?? 'see the message; the run can be started again';
}
