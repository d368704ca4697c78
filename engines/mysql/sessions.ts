import { APPLICATION_NAME } from '../../functions/contract/keys.ts';
import type { SessionFilter } from '../engine.ts';
import { sessionCountOf, sessionQueryFailed } from '../session-count.ts';
import type { MysqlConnection } from './connection.ts';
import { describeMysqlError, isMysqlAccessDenied, isMysqlConnectionProblem, quotesValues } from './errors.ts';
import { readOnlyRows } from './read-only.ts';

/** The server's own threads and RDS's own users: https://dev.mysql.com/doc/refman/8.4/en/thread-information.html */
const NOT_PEOPLE = new Set(['system user', 'event_scheduler', 'rdsadmin', 'rdsrepladmin']);

/** Commands of threads that stand for a replica or for the server itself: https://dev.mysql.com/doc/refman/8.4/en/thread-commands.html */
const NOT_PEOPLE_COMMANDS = new Set(['Daemon', 'Binlog Dump', 'Binlog Dump GTID']);

/**
 * Counts the sessions of people, or asks the system's own query. Our own connections and those of services are left out
 * (https://dev.mysql.com/doc/refman/8.4/en/information-schema-processlist-table.html). A session without a database counts for each:
 * rather one too many than a user cut off. A session's application is known where the server keeps connection attributes
 * (`performance_schema`) and the user may read them.
 *
 * @throws LightsOutError `InvalidConfiguration` when the system's query fails or does not give one whole number.
 */
export async function countSessions(connection: MysqlConnection, filter: SessionFilter): Promise<number> {
  if (filter.sessionQuery !== undefined)
    return sessionCountOf(await readOnly(connection, filter.sessionQuery));
  const sessions = await connection.query(
    'SELECT ID AS id, USER AS user, DB AS db, COMMAND AS command FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()',
  );
  const programs = await programNames(connection);
  const databases = filter.databases?.map((name) => name.toLowerCase());
  const services = new Set([APPLICATION_NAME, ...filter.ignoreApplications]);
  return sessions.filter(({ id, user, db, command }) => {
    const known = user ?? '';
    if (NOT_PEOPLE.has(known) || NOT_PEOPLE_COMMANDS.has(command ?? '')) return false;
    if (filter.ignoreUsers.includes(known) || services.has(programs.get(id ?? '') ?? '')) return false;
    return databases === undefined || typeof db !== 'string' || databases.includes(db.toLowerCase());
  }).length;
}

/** Names of the sessions' applications by the session's number, as far as this user may see them. */
async function programNames(connection: MysqlConnection): Promise<Map<string, string>> {
  try {
    const rows = await connection.query(
      "SELECT PROCESSLIST_ID AS id, ATTR_VALUE AS name FROM performance_schema.session_connect_attrs WHERE ATTR_NAME = 'program_name'",
    );
    return new Map(rows.map(({ id, name }) => [id ?? '', name ?? '']));
  } catch (error) {
    if (isMysqlAccessDenied(error)) return new Map();
    throw error;
  }
}

async function readOnly(connection: MysqlConnection, query: string): Promise<(string | null)[][]> {
  try {
    return await readOnlyRows(connection, query);
  } catch (error) {
    if (isMysqlConnectionProblem(error)) throw error;
    throw sessionQueryFailed(describeMysqlError(error), quotesValues(error) ? {} : { cause: error });
  }
}
