import type { Reason } from '../../functions/contract/plan-state.ts';
import type { Inspected, InspectQuestion } from '../engine.ts';
import { InspectionParts, noTable, sessionsAsked } from '../inspection.ts';
import { obstaclesOf, sightOf } from './access.ts';
import type { SqlServerConnection } from './connection.ts';
import {
  describeSqlServerError,
  isSqlServerConnectionProblem,
  SqlServerError,
  sqlServerRemedy,
} from './errors.ts';
import { quoteName } from './names.ts';
import { type ListedDatabase, listDatabases, SEES_SERVER_STATE } from './server-identity.ts';
import { countSessions, grantOfServerState } from './sessions.ts';

/**
 * Lists what the server holds, and everything that would keep a run from proving its backup: databases that are missing or closed to
 * the login, missing permissions, masks and policies that hide data. Each reason names the statement that mends it.
 */
export async function inspectServer(
  connection: SqlServerConnection,
  connect: (database: string) => Promise<SqlServerConnection>,
  question: InspectQuestion,
): Promise<Inspected> {
  const parts = new InspectionParts(question.resource, sqlServerRemedy, (error) =>
    error instanceof SqlServerError && !isSqlServerConnectionProblem(error)
      ? describeSqlServerError(error)
      : undefined,
  );
  const inspected: Inspected = {
    version: connection.version,
    databases: [],
    sessions: 0,
    reasons: parts.reasons,
  };
  const existing = await parts.attempt('its list of databases', () => listDatabases(connection));
  if (existing === undefined) return inspected;
  parts.reasons.push(...notToBeOpened(existing, question), ...(await sessionsHidden(connection, question)));
  for (const { name, open } of wantedOf(existing, question)) {
    if (!open) continue;
    const inside = await parts.attempt(`database "${name}"`, () => lookInto(connect, name));
    if (inside === undefined) continue;
    const { bytes, tables, obstacles } = inside;
    inspected.databases.push({ name, bytes, tables });
    parts.reasons.push(...obstacles.map((obstacle) => ({ resource: question.resource, ...obstacle })));
  }
  parts.reasons.push(...noTable(inspected, question));
  // A reason says this already, with the statement that mends it.
  if (question.drain.sessionQuery === undefined && !(await seesServerState(connection))) return inspected;
  const sessions = await parts.attempt('the count of its sessions', () =>
    countSessions(connection, sessionsAsked(question)),
  );
  return { ...inspected, sessions: sessions ?? 0 };
}

function wantedOf(existing: ListedDatabase[], { wanted }: InspectQuestion): ListedDatabase[] {
  return existing.filter(({ name }) => wanted === undefined || wanted.includes(name));
}

function notToBeOpened(existing: ListedDatabase[], question: InspectQuestion): Reason[] {
  const { resource, user, wanted } = question;
  const names = existing.map(({ name }) => name);
  const login = quoteName(user);
  const missing = (wanted ?? [])
    .filter((name) => !names.includes(name))
    .map((name) => ({
      resource,
      problem: `it has no database "${name}" that login "${user}" may see; that login sees ${names.map((each) => `"${each}"`).join(', ') || 'none'}`,
      remedy: 'correct database.databases in systems.ts (upper and lower case count)',
    }));
  const closed = wantedOf(existing, question)
    .filter(({ open }) => !open)
    .map(({ name }) => ({
      resource,
      problem: `login "${user}" may not open database "${name}", or it is not online`,
      remedy: `run: USE ${quoteName(name)}; CREATE USER ${login} FOR LOGIN ${login}; ALTER ROLE db_datareader ADD MEMBER ${login}; GRANT VIEW DEFINITION TO ${login};`,
    }));
  return [...missing, ...closed];
}

async function seesServerState(connection: SqlServerConnection): Promise<boolean> {
  const [row] = await connection.query(SEES_SERVER_STATE(connection.major));
  return row?.['allowed'] === '1';
}

async function sessionsHidden(
  connection: SqlServerConnection,
  { resource, user, drain }: InspectQuestion,
): Promise<Reason[]> {
  // The drain does not look at sessions if the system has a query of its own.
  if (drain.sessionQuery !== undefined || (await seesServerState(connection))) return [];
  return [
    {
      resource,
      problem: `login "${user}" cannot see the sessions of other users, so nobody could tell when all have left`,
      remedy: `run: ${grantOfServerState(connection.major, quoteName(user))}`,
    },
  ];
}

const CONTENTS = `SELECT (SELECT COUNT(*) FROM sys.tables) AS tables,
       (SELECT CONVERT(varchar(20), COALESCE(SUM(CAST(a.total_pages AS bigint)), 0) * 8192) FROM sys.allocation_units AS a) AS bytes`;

async function lookInto(
  connect: (database: string) => Promise<SqlServerConnection>,
  name: string,
): Promise<{ bytes: number; tables: number; obstacles: { problem: string; remedy: string }[] }> {
  const connection = await connect(name);
  try {
    const [contents] = await connection.query(CONTENTS);
    return {
      bytes: Number(contents?.['bytes'] ?? 0),
      tables: Number(contents?.['tables'] ?? 0),
      obstacles: obstaclesOf(await sightOf(connection), name),
    };
  } finally {
    await connection.close();
  }
}
