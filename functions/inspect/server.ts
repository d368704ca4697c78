import type pg from 'pg';
import type { SystemConfig } from '../shared/contract/config.ts';
import type { Reason } from '../shared/contract/state.ts';
import { countSessions } from '../shared/engines/postgres/sessions.ts';
import { grantee } from './reasons.ts';

export interface ServerLook {
  version: string;
  /** Those that the run has to prove. */
  databases: { name: string; bytes: number }[];
  reasons: Reason[];
}

export interface ServerQuestion {
  resource: string;
  /** The user that asks. */
  user: string;
  /** Names in the configuration; undefined for every database that accepts connections. */
  wanted: string[] | undefined;
  drain: SystemConfig['drain'];
}

/** What the instance holds, and whether the user may see the others' sessions. */
export async function lookAtServer(
  client: pg.Client,
  { resource, user, wanted, drain }: ServerQuestion,
): Promise<ServerLook> {
  const version = await client.query<{ version: string }>(
    `SELECT current_setting('server_version') AS version`,
  );
  // The size needs one of these privileges; without them asking for it would be an error.
  const existing = await client.query<{ name: string; bytes: string | null }>(
    `SELECT datname AS name,
            CASE WHEN has_database_privilege(oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE')
                 THEN pg_database_size(oid)::text END AS bytes
       FROM pg_database
      WHERE datallowconn AND NOT datistemplate AND datname <> 'rdsadmin'
      ORDER BY 1`,
  );
  const reasons: Reason[] = (wanted ?? [])
    .filter((name) => !existing.rows.some((row) => row.name === name))
    .map((name) => ({
      resource,
      problem: `it has no database "${name}"; it has ${existing.rows.map((row) => `"${row.name}"`).join(', ')}`,
      remedy: 'correct database.databases in systems.ts',
    }));
  // With a query of its own the drain does not look at sessions.
  if (drain.sessionQuery === undefined && !(await seesAllSessions(client))) {
    reasons.push({
      resource,
      problem: `user "${user}" cannot see the sessions of other users, so nobody could tell when all have left`,
      remedy: `run: GRANT pg_read_all_stats TO ${grantee(user)};`,
    });
  }
  return {
    version: version.rows[0]?.version ?? 'unknown',
    databases: existing.rows
      .filter((row) => wanted === undefined || wanted.includes(row.name))
      .map((row) => ({ name: row.name, bytes: Number(row.bytes ?? 0) })),
    reasons,
  };
}

/** A superuser counts as a member of every role. */
async function seesAllSessions(client: pg.Client): Promise<boolean> {
  const result = await client.query<{ member: boolean }>(
    `SELECT pg_has_role('pg_read_all_stats', 'USAGE') AS member`,
  );
  return result.rows[0]?.member === true;
}

/** The people who are signed in, counted as the drain will count them. */
export function countPeople(client: pg.Client, { drain, database }: SystemConfig): Promise<number> {
  const { ignoreUsers, ignoreApplications, sessionQuery } = drain;
  return countSessions(client, {
    ignoreUsers,
    ignoreApplications,
    sessionQuery,
    databases: database.databases,
  });
}
