import type pg from 'pg';
import type { Reason } from '../../functions/contract/plan-state.ts';
import type { Inspected, InspectQuestion } from '../engine.ts';
import { InspectionParts, noTable, sessionsAsked } from '../inspection.ts';
import { quoteIdentifier } from './connection.ts';
import { codeOf, isConnectionProblem, postgresRemedy } from './errors.ts';
import { countSessions } from './sessions.ts';

/** Most names in one reason. They are enough to see of what kind the objects are. */
const NAMES_SHOWN = 5;

/**
 * Lists what the server holds, and everything that would keep a run from proving its backup: missing databases, tables that the user
 * may not read in full, sessions that the user would not see.
 */
export async function inspectServer(
  client: pg.Client,
  connect: (database: string) => Promise<pg.Client>,
  question: InspectQuestion,
): Promise<Inspected> {
  const parts = new InspectionParts(question.resource, postgresRemedy, (error) => {
    // PostgreSQL's words can quote a value, its five-character code cannot.
    const code = codeOf(error);
    if (isConnectionProblem(error)) return undefined;
    return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? `SQLSTATE ${code}` : undefined;
  });
  const inspected: Inspected = { version: 'unknown', databases: [], sessions: 0, reasons: parts.reasons };
  const server = await parts.attempt('its list of databases', () => lookAround(client, question));
  if (server === undefined) return inspected;
  inspected.version = server.version;
  parts.reasons.push(...server.reasons);
  for (const { name, bytes } of server.databases) {
    const inside = await parts.attempt(`database "${name}"`, () => lookInto(connect, name, question));
    if (inside === undefined) continue;
    inspected.databases.push({ name, bytes, tables: inside.tables });
    parts.reasons.push(...inside.reasons);
  }
  parts.reasons.push(...noTable(inspected, question));
  const sessions = await parts.attempt('the count of its sessions', () =>
    countSessions(client, sessionsAsked(question)),
  );
  return { ...inspected, sessions: sessions ?? 0 };
}

interface Around {
  version: string;
  /** Databases that the run has to prove. */
  databases: { name: string; bytes: number }[];
  reasons: Reason[];
}

/** Lists the databases, and tells whether the user may see the sessions of others. */
async function lookAround(
  client: pg.Client,
  { resource, user, wanted, drain }: InspectQuestion,
): Promise<Around> {
  const version = await client.query<{ version: string }>(
    `SELECT current_setting('server_version') AS version`,
  );
  // PostgreSQL gives the size only with one of these privileges. Without them the question would be an error.
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
  // The drain does not look at sessions if the system has a query of its own.
  if (drain.sessionQuery === undefined && !(await seesAllSessions(client))) {
    reasons.push({
      resource,
      problem: `user "${user}" cannot see the sessions of other users, so nobody could tell when all have left`,
      remedy: `run: GRANT pg_read_all_stats TO ${quoteIdentifier(user)};`,
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

/**
 * Counts the tables of one database, and finds the tables and sequences that the user may not read. `row_security_active` says whether
 * a policy would hide rows from this user (https://www.postgresql.org/docs/current/ddl-rowsecurity.html). A hidden row cannot be proved
 * to be in the backup.
 */
async function lookInto(
  connect: (database: string) => Promise<pg.Client>,
  name: string,
  { resource, user }: Pick<InspectQuestion, 'resource' | 'user'>,
): Promise<{ tables: number; reasons: Reason[] }> {
  const client = await connect(name);
  try {
    const result = await client.query<{
      tables: number;
      unreadable: string[];
      unreadable_count: number;
      filtered: string[];
      filtered_count: number;
    }>(
      `WITH relations AS (
         SELECT c.oid, c.relkind, format('%I.%I', n.nspname, c.relname) AS name,
                has_schema_privilege(n.oid, 'USAGE')
                  AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'SELECT')
                           ELSE has_table_privilege(c.oid, 'SELECT') END AS readable
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'm', 'S')
            AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
            AND n.nspname !~ '^pg_(toast_)?temp_'),
       judged AS (
         SELECT *, relkind = 'r' AND readable AND row_security_active(oid) AS filtered FROM relations)
       SELECT (count(*) FILTER (WHERE relkind <> 'S'))::int AS tables,
              (count(*) FILTER (WHERE NOT readable))::int AS unreadable_count,
              coalesce((array_agg(name ORDER BY name) FILTER (WHERE NOT readable))[1:$1], '{}') AS unreadable,
              (count(*) FILTER (WHERE filtered))::int AS filtered_count,
              coalesce((array_agg(name ORDER BY name) FILTER (WHERE filtered))[1:$1], '{}') AS filtered
         FROM judged`,
      [NAMES_SHOWN],
    );
    const row = result.rows[0];
    const reasons: Reason[] = [];
    if (row !== undefined && row.unreadable_count > 0) {
      reasons.push({
        resource,
        problem: `user "${user}" may not read ${list(row.unreadable, row.unreadable_count)} in database "${name}", so they could not be compared`,
        remedy: `run: GRANT pg_read_all_data TO ${quoteIdentifier(user)}; (before PostgreSQL 14: GRANT USAGE on the schemas and SELECT on all tables and sequences)`,
      });
    }
    if (row !== undefined && row.filtered_count > 0) {
      reasons.push({
        resource,
        problem: `a row security policy hides rows from user "${user}" in ${list(row.filtered, row.filtered_count)} in database "${name}", so they could not be compared`,
        remedy: `run: ALTER ROLE ${quoteIdentifier(user)} BYPASSRLS;`,
      });
    }
    return { tables: row?.tables ?? 0, reasons };
  } finally {
    await client.end();
  }
}

function list(names: string[], count: number): string {
  const more = count - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
