import type { MysqlConnection } from './connection.ts';

/** Runs one statement (the connection takes no second one) in a transaction that cannot write and is rolled back. */
export async function readOnlyRows(connection: MysqlConnection, query: string): Promise<(string | null)[][]> {
  await connection.query('START TRANSACTION READ ONLY');
  try {
    return await connection.values(query);
  } finally {
    // The connection may be gone. Only the answer of the query matters.
    await connection.query('ROLLBACK').catch(() => undefined);
  }
}
