import type pg from 'pg';

/** Every value as the server writes it as text. */
const AS_TEXT = { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig;

/**
 * Runs one statement (the extended protocol takes no second one) in a transaction that cannot write and is rolled back. PostgreSQL
 * refuses "SET TRANSACTION READ WRITE" once a transaction has begun to read.
 */
export async function readOnlyRows(client: pg.Client, query: string): Promise<(string | null)[][]> {
  await client.query('BEGIN READ ONLY; SELECT 1');
  try {
    const config: pg.QueryArrayConfig & { queryMode: 'extended' } = {
      text: query,
      rowMode: 'array',
      queryMode: 'extended',
      types: AS_TEXT,
    };
    return (await client.query<(string | null)[]>(config)).rows;
  } finally {
    // The connection may be gone. Only the answer of the query matters.
    await client.query('ROLLBACK').catch(() => undefined);
  }
}
