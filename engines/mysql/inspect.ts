import type { Reason } from '../../functions/contract/plan-state.ts';
import type { Inspected, InspectQuestion } from '../engine.ts';
import { InspectionParts, noTable, sessionsAsked } from '../inspection.ts';
import { type MysqlConnection, quoteName } from './connection.ts';
import { isMysqlConnectionProblem, mysqlCodeOf, mysqlRemedy } from './errors.ts';
import { everythingIn, type Grants, readGrants } from './grants.ts';
import { listDatabases } from './server-identity.ts';
import { countSessions } from './sessions.ts';

/** Privileges for all parts of a database: rows, views, triggers, events, routines. Without one of them a part is hidden. */
const NEEDED = ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT', 'EXECUTE'];

/** Most names in one reason. They are enough to see of what kind the objects are. */
const NAMES_SHOWN = 5;

/**
 * Lists what the server holds, and everything that would keep a run from proving its backup: missing databases, and missing privileges,
 * each with its GRANT. MySQL hides objects that a user may not see. Only a privilege on the whole database proves that nothing is
 * hidden.
 */
export async function inspectServer(
  connection: MysqlConnection,
  question: InspectQuestion,
): Promise<Inspected> {
  const parts = new InspectionParts(question.resource, mysqlRemedy, (error) =>
    isMysqlConnectionProblem(error) ? undefined : mysqlCodeOf(error),
  );
  const inspected: Inspected = {
    version: connection.version,
    databases: [],
    sessions: 0,
    reasons: parts.reasons,
  };
  const around = await parts.attempt('its list of databases', async () => ({
    grants: await readGrants(connection),
    existing: await listDatabases(connection),
  }));
  if (around === undefined) return inspected;
  const { grants, existing } = around;
  parts.reasons.push(
    ...missingDatabases(existing, grants, question),
    ...(await sessionsHidden(connection, grants, question)),
  );
  for (const name of question.wanted?.filter((each) => existing.includes(each)) ?? existing) {
    const inside = await parts.attempt(`database "${name}"`, () => lookInto(connection, name));
    if (inside === undefined) continue;
    const { bytes, tables, hiddenRoutines } = inside;
    inspected.databases.push({ name, bytes, tables: tables.length });
    parts.reasons.push(
      ...missingPrivileges(name, tables, grants, question),
      ...routinesHidden(connection, name, hiddenRoutines, grants, question),
    );
  }
  parts.reasons.push(...noTable(inspected, question));
  const sessions = await parts.attempt('the count of its sessions', () =>
    countSessions(connection, sessionsAsked(question)),
  );
  return { ...inspected, sessions: sessions ?? 0 };
}

function missingDatabases(existing: string[], grants: Grants, question: InspectQuestion): Reason[] {
  return (question.wanted ?? [])
    .filter((name) => !existing.includes(name))
    .map((name) => ({
      resource: question.resource,
      problem: `it has no database "${name}" that user "${question.user}" may see; that user sees ${existing.map((each) => `"${each}"`).join(', ') || 'none'}`,
      remedy: `correct database.databases in systems.ts, or run: GRANT ${NEEDED.join(', ')} ON ${everythingIn(name)} TO ${grants.grantee};`,
    }));
}

async function sessionsHidden(
  connection: MysqlConnection,
  grants: Grants,
  { resource, user, drain }: InspectQuestion,
): Promise<Reason[]> {
  // The drain does not look at sessions if the system has a query of its own.
  if (drain.sessionQuery !== undefined) return [];
  const reasons: Reason[] = [];
  if (!grants.has('PROCESS')) {
    reasons.push({
      resource,
      problem: `user "${user}" cannot see the sessions of other users, so nobody could tell when all have left`,
      remedy: `run: GRANT PROCESS ON *.* TO ${grants.grantee};`,
    });
  }
  const [schema] = await connection.query("SHOW GLOBAL VARIABLES LIKE 'performance_schema'");
  const on = schema?.['Value'] === 'ON';
  const readable = grants.mayRead('performance_schema', 'session_connect_attrs');
  if (drain.ignoreApplications.length > 0 && !(on && readable)) {
    reasons.push({
      resource,
      problem: `user "${user}" cannot see what application a session is of, so drain.ignoreApplications would leave nobody out`,
      remedy: on
        ? `run: GRANT SELECT ON performance_schema.session_connect_attrs TO ${grants.grantee};`
        : 'set performance_schema = 1 in the parameter group and restart the instance, or use drain.ignoreUsers',
    });
  }
  return reasons;
}

interface Inside {
  bytes: number;
  tables: string[];
  /** Routines whose bodies the server hides from this user. */
  hiddenRoutines: string[];
}

async function lookInto(connection: MysqlConnection, database: string): Promise<Inside> {
  const tables = await connection.query(
    `SELECT TABLE_NAME AS name, COALESCE(DATA_LENGTH, 0) + COALESCE(INDEX_LENGTH, 0) AS bytes FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ? AND TABLE_TYPE NOT IN ('VIEW', 'SYSTEM VIEW', 'SEQUENCE') AND TABLE_TYPE NOT LIKE '%TEMPORARY%' ORDER BY TABLE_NAME`,
    [database],
  );
  const routines = await connection.query(
    'SELECT ROUTINE_NAME AS name FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? AND ROUTINE_DEFINITION IS NULL ORDER BY ROUTINE_NAME',
    [database],
  );
  return {
    bytes: tables.reduce((sum, { bytes }) => sum + Number(bytes), 0),
    tables: tables.map(({ name }) => name ?? ''),
    hiddenRoutines: routines.map(({ name }) => name ?? ''),
  };
}

function missingPrivileges(
  database: string,
  tables: string[],
  grants: Grants,
  { resource, user }: InspectQuestion,
): Reason[] {
  const missing = NEEDED.filter((privilege) => !grants.has(privilege, database));
  if (missing.length === 0) return [];
  const unreadable = tables.filter((table) => !grants.mayRead(database, table));
  const seen = unreadable.length === 0 ? '' : `; it may not read ${list(unreadable)}`;
  return [
    {
      resource,
      problem: `user "${user}" lacks ${missing.join(', ')} on database "${database}", so a part of it could be hidden and not be compared${seen}`,
      remedy: `run: GRANT ${missing.join(', ')} ON ${everythingIn(database)} TO ${grants.grantee};`,
    },
  ];
}

function routinesHidden(
  { engine, version }: MysqlConnection,
  database: string,
  hidden: string[],
  grants: Grants,
  { resource, user }: InspectQuestion,
): Reason[] {
  if (hidden.length === 0) return [];
  // https://dev.mysql.com/doc/refman/8.4/en/privileges-provided.html#priv_show-routine: since 8.0.20. RDS offers no older 8.0.
  const byTable = engine === 'mariadb' || version.startsWith('5.');
  return [
    {
      resource,
      problem: `user "${user}" may not see the bodies of ${list(hidden)} in database "${database}", so they could not be compared`,
      remedy: `run: GRANT ${byTable ? 'SELECT ON mysql.proc' : 'SHOW_ROUTINE ON *.*'} TO ${grants.grantee};`,
    },
  ];
}

function list(names: string[]): string {
  const more = names.length - NAMES_SHOWN;
  return `${names.slice(0, NAMES_SHOWN).map(quoteName).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
