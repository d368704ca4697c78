/**
 * Milliseconds that an answer is awaited beyond its statement's limit. The server ends a statement itself, unless the server or the
 * network is gone without a word.
 */
const GRACE_MILLISECONDS = 15_000;

/** How long an answer is awaited, in milliseconds. Undefined: as long as it takes. */
export function answerTimeout({
  statementTimeoutSeconds = 0,
}: Pick<ServerTarget, 'statementTimeoutSeconds'>): number | undefined {
  return statementTimeoutSeconds > 0 ? statementTimeoutSeconds * 1000 + GRACE_MILLISECONDS : undefined;
}

/**
 * A password, or a function that makes a new token for each connection. The server wants to see a token as it is, so the token travels
 * over TLS only.
 */
export type Password = string | (() => Promise<string>);

/** A database server, and how to sign in to it. */
export interface ServerTarget {
  address: string;
  port: number;
  /** Absent on a socket, and on a server that asks for none. */
  credentials: { username?: string | undefined; password?: Password | undefined };
  /**
   * The server's certificate is always verified, by Node's own check. Default: against the authorities that Node knows, which Lambda
   * extends by the RDS roots (`NODE_EXTRA_CA_CERTS`). `ca` holds PEM certificates that replace them. False turns TLS off: only for a
   * server whose URL says so.
   */
  tls?: false | { ca?: string };
  /** How long one statement may run, in seconds. Default: no limit of ours. */
  statementTimeoutSeconds?: number | undefined;
  /** The end of a refusal's message, which says what was expected. Default: words for the functions. */
  expected?: string | undefined;
}

/** Needs of a function's connection, for the message of a refusal. */
const EXPECTED =
  'expected it to accept the user of database.credentialsSecretArn or database.iamUser over TLS from network.securityGroupId: ' +
  'check the security groups, the credentials and the server certificate';

export const endpointOf = ({ address, port }: Pick<ServerTarget, 'address' | 'port'>): string =>
  `${address}:${port}`;

/** @param what `server`, or `database "crm"`. @param problem what went wrong, in words that quote no row. */
export function refusalOf(target: ServerTarget, what: string, problem: string): string {
  return `${what} at ${endpointOf(target)} refused the connection (${problem}); ${target.expected ?? EXPECTED}`;
}
