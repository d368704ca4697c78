import { ErrorName, LightsOutError } from '../functions/contract/errors.ts';

/**
 * Reads the number that a system's own query gave: one row of one whole number.
 *
 * @throws LightsOutError `InvalidConfiguration` when the query gave anything else.
 */
export function sessionCountOf(rows: unknown[][]): number {
  const value = rows[0]?.length === 1 ? rows[0][0] : undefined;
  // Number() alone would make 0 of NULL, of '' and of false.
  const count = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  if (rows.length === 1 && /^\d+$/.test(count)) return Number(count);
  throw new LightsOutError(
    ErrorName.InvalidConfiguration,
    `drain.sessionQuery: expected one row with one whole number, got ${describeRows(rows)}; correct the query in systems.ts`,
  );
}

/** @param words the server's, without a row's value. */
export function sessionQueryFailed(words: string, options: { cause?: unknown }): LightsOutError {
  return new LightsOutError(
    ErrorName.InvalidConfiguration,
    `drain.sessionQuery failed (${words}); expected one read-only SELECT of one whole number: correct the query in systems.ts`,
    options,
  );
}

function describeRows(rows: unknown[][]): string {
  if (rows.length !== 1) return `${rows.length} rows`;
  const columns = rows[0]?.length ?? 0;
  return columns === 1 ? 'something else' : `${columns} columns`;
}
