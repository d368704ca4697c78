import { messageOf } from '../../contract/errors.ts';

/** PostgreSQL's SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) or the network's code, where there is one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Data exceptions, violated constraints and what a function raises itself: their messages quote values of rows. */
const QUOTES_VALUES = /^(22|23|P0)/;

/** What went wrong, for a message that is kept: the code, and PostgreSQL's words unless they could hold a row's value. */
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

/** Shut down, starting up, or another process crashed: over in a moment. */
const SERVER_AWAY = new Set(['57P01', '57P02', '57P03']);

/** True when the connection, rather than the question, was the problem: worth another try. */
export function isConnectionProblem(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined)
    return /^(Connection terminated|Client has encountered a connection error|timeout expired)/.test(
      messageOf(error),
    );
  return NETWORK.has(code) || SERVER_AWAY.has(code) || code.startsWith('08');
}
