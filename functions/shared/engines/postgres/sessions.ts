import type pg from 'pg';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { APPLICATION_NAME } from '../../contract/keys.ts';

export interface SessionFilter {
  /** Database users that are not people. */
  ignoreUsers: string[];
  /** `application_name`s that are not people. */
  ignoreApplications: string[];
  /** A query that returns the number of signed-in users, in place of counting connections. */
  sessionQuery?: string | undefined;
  /** Count only connections to these databases. Default: all. */
  databases?: string[] | undefined;
}

/**
 * Counts the sessions of people: client connections other than our own and those of services
 * (https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW), or what the system's own query says.
 *
 * @throws LightsOutError `InvalidConfiguration` when the system's query does not give one whole number.
 */
export async function countSessions(client: pg.Client, filter: SessionFilter): Promise<number> {
  if (filter.sessionQuery !== undefined) return countByQuery(client, filter.sessionQuery);
  const result = await client.query<{ sessions: number }>(
    `SELECT count(*)::int AS sessions
       FROM pg_stat_activity
      WHERE backend_type = 'client backend'
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

async function countByQuery(client: pg.Client, query: string): Promise<number> {
  const result = await client.query<unknown[]>({ text: query, rowMode: 'array' });
  const value = Number(result.rows[0]?.[0]);
  if (result.rows.length === 1 && Number.isInteger(value) && value >= 0) return value;
  throw new LightsOutError(
    ErrorName.InvalidConfiguration,
    `drain.sessionQuery: expected one row with one whole number, got ${result.rows.length} rows; correct the query in systems.ts`,
  );
}
