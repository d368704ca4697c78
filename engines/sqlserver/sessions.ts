import { ErrorName, LightsOutError } from '../../functions/contract/errors.ts';
import { APPLICATION_NAME } from '../../functions/contract/keys.ts';
import type { SessionFilter } from '../engine.ts';
import { sessionCountOf, sessionQueryFailed } from '../session-count.ts';
import type { SqlServerConnection } from './connection.ts';
import { causeOf, describeSqlServerError, isSqlServerConnectionProblem } from './errors.ts';
import { rolledBack } from './rolled-back.ts';
import { SEES_SERVER_STATE } from './server-identity.ts';

/** The statement that lets a login see all sessions. */
export function grantOfServerState(major: number, login: string): string {
  return `USE master; GRANT VIEW SERVER ${major >= 16 ? 'PERFORMANCE ' : ''}STATE TO ${login};`;
}

/**
 * Selects the sessions. RDS's own logins, the server's services, and the sessions that SQL Server Agent keeps open for itself are not
 * people. The step of a job counts, since its work has not ended.
 */
export const SESSIONS = `SELECT s.login_name AS login, s.original_login_name AS original, s.program_name AS program, DB_NAME(s.database_id) AS [database]
  FROM sys.dm_exec_sessions AS s
 WHERE s.is_user_process = 1 AND s.session_id <> @@SPID
   AND s.original_login_name NOT IN (N'rdsadmin', N'rdsa') AND s.login_name NOT IN (N'rdsadmin', N'rdsa')
   AND s.original_login_name NOT LIKE N'NT SERVICE\\%' AND s.original_login_name NOT LIKE N'NT AUTHORITY\\%'
   AND s.original_login_name NOT LIKE N'##MS[_]%'
   AND (s.program_name IS NULL OR s.program_name NOT LIKE N'SQLAgent - %' OR s.program_name LIKE N'SQLAgent - TSQL JobStep%')`;

/**
 * Counts the sessions of people, or asks the system's own query. Our own connections and those of services are left out
 * (https://learn.microsoft.com/sql/relational-databases/system-dynamic-management-views/sys-dm-exec-sessions-transact-sql).
 *
 * @throws LightsOutError `InvalidConfiguration` when the system's query fails or does not give one whole number, and when the login may
 * not see the sessions of others: it would count none.
 */
export async function countSessions(connection: SqlServerConnection, filter: SessionFilter): Promise<number> {
  if (filter.sessionQuery !== undefined) return countByQuery(connection, filter.sessionQuery);
  const [may] = await connection.query(SEES_SERVER_STATE(connection.major));
  if (may?.['allowed'] !== '1')
    throw new LightsOutError(
      ErrorName.InvalidConfiguration,
      `the login of database.credentialsSecretArn cannot see the sessions of other users, so nobody could tell when all have left; run: ${grantOfServerState(connection.major, '<login>')}`,
    );
  const sessions = await connection.query(SESSIONS);
  // Names of logins and databases have the server's collation, which hardly ever tells cases apart.
  const users = new Set(filter.ignoreUsers.map(folded));
  const applications = new Set([APPLICATION_NAME, ...filter.ignoreApplications].map(folded));
  const databases = filter.databases === undefined ? undefined : new Set(filter.databases.map(folded));
  return sessions.filter(({ login, original, program, database }) => {
    if (users.has(folded(login)) || users.has(folded(original))) return false;
    if (applications.has(folded(program))) return false;
    return databases === undefined || databases.has(folded(database));
  }).length;
}

const folded = (name: string | null | undefined): string => (name ?? '').toLowerCase();

/**
 * Puts the system's own query as a table into the FROM of ours. Only one SELECT of one column can stand there. The statement runs in a
 * transaction that is rolled back all the same.
 */
export function sessionStatement(query: string): string {
  return `SELECT CONVERT(varchar(40), q.sessions) AS sessions FROM (\n${query.trim().replace(/;+$/, '')}\n) AS q (sessions)`;
}

async function countByQuery(connection: SqlServerConnection, query: string): Promise<number> {
  try {
    const rows = await rolledBack(connection, sessionStatement(query));
    return sessionCountOf(rows.map(({ sessions }) => [sessions ?? null]));
  } catch (error) {
    if (error instanceof LightsOutError || isSqlServerConnectionProblem(error)) throw error;
    throw sessionQueryFailed(describeSqlServerError(error), causeOf(error));
  }
}
