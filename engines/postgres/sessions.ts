import type pg from 'pg';
import { APPLICATION_NAME } from '../../functions/contract/keys.ts';
import type { SessionFilter } from '../engine.ts';
import { sessionCountOf, sessionQueryFailed } from '../session-count.ts';
import { causeOf, describePostgresError, isConnectionProblem } from './errors.ts';
import { readOnlyRows } from './read-only.ts';

/**
 * Counts the sessions of people, or asks the system's own query. Our own connections and those of services are left out
 * (https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW). If the reader may not see of what
 * kind a session is, the session counts: rather one too many than a user cut off.
 *
 * @throws LightsOutError `InvalidConfiguration` when the system's query fails or does not give one whole number.
 */
export async function countSessions(client: pg.Client, filter: SessionFilter): Promise<number> {
  if (filter.sessionQuery !== undefined) return sessionCountOf(await readOnly(client, filter.sessionQuery));
  const result = await client.query<{ sessions: number }>(
    `SELECT count(*)::int AS sessions
       FROM pg_stat_activity
      WHERE coalesce(backend_type, 'client backend') = 'client backend'
        AND pid <> pg_backend_pid()
        AND coalesce(application_name, '') <> $1
        AND coalesce(usename, '') <> ALL ($2)
        AND coalesce(application_name, '') <> ALL ($3)
        AND ($4::text[] IS NULL OR datname = ANY ($4))
        AND coalesce(usename, '') <> 'rdsadmin'`,
    [APPLICATION_NAME, filter.ignoreUsers, filter.ignoreApplications, filter.databases ?? null],
  );
  return result.rows[0]?.sessions ?? 0;
}

async function readOnly(client: pg.Client, query: string): Promise<unknown[][]> {
  try {
    return await readOnlyRows(client, query);
  } catch (error) {
    if (isConnectionProblem(error)) throw error;
    throw sessionQueryFailed(describePostgresError(error), causeOf(error));
  }
}
