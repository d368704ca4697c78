import { ErrorName, LightsOutError, messageOf } from '../shared/contract/errors.ts';
import type { ShutdownState } from '../shared/contract/state.ts';
import { readCredentials } from '../shared/engines/credentials.ts';
import { connectPostgres } from '../shared/engines/postgres/connection.ts';
import { countSessions } from '../shared/engines/postgres/sessions.ts';
import { requireDatabase } from '../shared/planned.ts';

/** A count must not hold up the drain, in seconds. */
const STATEMENT_TIMEOUT_SECONDS = 30;

/**
 * Counts the people who are signed in.
 *
 * @throws LightsOutError `DatabaseUnreachable` when the database cannot be asked, `InvalidConfiguration` when `drain.sessionQuery` is wrong.
 */
export async function countUsers({ config, plan }: Pick<ShutdownState, 'config' | 'plan'>): Promise<number> {
  const { address, port } = requireDatabase(plan);
  const credentials = await readCredentials(config.database.credentialsSecretArn);
  const database = config.database.databases?.[0] ?? 'postgres';
  const client = await connectPostgres({
    address,
    port,
    database,
    credentials,
    statementTimeoutSeconds: STATEMENT_TIMEOUT_SECONDS,
  });
  try {
    const { ignoreUsers, ignoreApplications, sessionQuery } = config.drain;
    return await countSessions(client, {
      ignoreUsers,
      ignoreApplications,
      sessionQuery,
      databases: config.database.databases,
    });
  } catch (error) {
    if (error instanceof LightsOutError) throw error;
    // PostgreSQL's own words can quote a value: the code says enough.
    const code = error instanceof Error && 'code' in error ? String(error.code) : messageOf(error);
    throw new LightsOutError(
      ErrorName.DatabaseUnreachable,
      `database "${database}" at ${address}:${port} did not count its sessions (${code}); ` +
        'expected an answer: check drain.sessionQuery and the database’s log',
      { cause: error },
    );
  } finally {
    await client.end();
  }
}
