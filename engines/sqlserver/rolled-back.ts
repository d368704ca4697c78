import type { SqlServerConnection } from './connection.ts';

/** Runs one statement in a transaction that is rolled back: SQL Server has no read-only one. */
export async function rolledBack(
  connection: SqlServerConnection,
  statement: string,
): Promise<Record<string, string | null>[]> {
  await connection.query('BEGIN TRANSACTION');
  try {
    return await connection.query(statement);
  } finally {
    // The connection may be gone, or an error may have rolled back already. Only the answer of the query matters.
    await connection.query('IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION').catch(() => undefined);
  }
}

/**
 * Puts a statement as a table into the FROM of ours, like the query of `drain.sessionQuery`: only one SELECT of one column can stand there.
 */
export function firstValueStatement(query: string): string {
  return `SELECT TOP (1) CONVERT(nvarchar(4000), q.value) AS value FROM (\n${query.trim().replace(/;+$/, '')}\n) AS q (value)`;
}
