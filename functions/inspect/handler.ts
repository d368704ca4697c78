import type pg from 'pg';
import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import type { Inspection, Reason } from '../shared/contract/state.ts';
import { readCredentials } from '../shared/engines/credentials.ts';
import { connectPostgres } from '../shared/engines/postgres/connection.ts';
import { countSessions } from '../shared/engines/postgres/sessions.ts';
import { defineStep, type StepEvent } from '../shared/step.ts';

export type InspectEvent = StepEvent<'inspect', 'config' | 'plan'>;

const STATEMENT_TIMEOUT_SECONDS = 60;

/**
 * Asks the database itself: can it be reached, may everything be read, what does it hold, who is signed in. Part of the plan:
 * what is wrong is a reason among the others, not an error. Runs inside the VPC.
 *
 * Trigger: the workflow's state "Plan: inspect database". Reads only.
 */
export const handler = defineStep('inspect', async (event: InspectEvent): Promise<Inspection> => {
  const { config, plan } = event.state;
  const none: Inspection = { reachable: false, databases: [], sessions: 0, reasons: [] };
  const target = plan.database;
  if (target === undefined) return none;
  const resource = `database ${config.database.identifier}`;
  try {
    const credentials = await readCredentials(config.database.credentialsSecretArn);
    const connect = (database: string): Promise<pg.Client> =>
      connectPostgres({
        address: target.address,
        port: target.port,
        database,
        credentials,
        statementTimeoutSeconds: STATEMENT_TIMEOUT_SECONDS,
      });
    return await inspect(event, connect, credentials.username, resource);
  } catch (error) {
    const known: string[] = [ErrorName.DatabaseUnreachable, ErrorName.InvalidConfiguration];
    if (!(error instanceof LightsOutError) || !known.includes(error.name)) throw error;
    return { ...none, reasons: [{ resource, problem: error.message, remedy: 'then start the run again' }] };
  }
});

async function inspect(
  event: InspectEvent,
  connect: (database: string) => Promise<pg.Client>,
  user: string,
  resource: string,
): Promise<Inspection> {
  const { config } = event.state;
  const wanted = config.database.databases;
  const client = await connect(wanted?.[0] ?? 'postgres');
  try {
    const version = await client.query<{ version: string }>(
      `SELECT current_setting('server_version') AS version`,
    );
    const existing = await client.query<{ name: string; bytes: string }>(
      `SELECT datname AS name, pg_database_size(oid)::text AS bytes FROM pg_database
        WHERE datallowconn AND NOT datistemplate AND datname <> 'rdsadmin' ORDER BY 1`,
    );
    const reasons: Reason[] = (wanted ?? [])
      .filter((name) => !existing.rows.some((row) => row.name === name))
      .map((name) => ({
        resource,
        problem: `it has no database "${name}"`,
        remedy: 'correct database.databases in systems.ts',
      }));
    reasons.push(...(await missingRoles(client, user, resource)));
    const databases: Inspection['databases'] = [];
    for (const row of existing.rows.filter((entry) => wanted === undefined || wanted.includes(entry.name))) {
      databases.push({
        name: row.name,
        bytes: Number(row.bytes),
        tables: await countTables(connect, row.name),
      });
    }
    if (reasons.length === 0 && databases.every((database) => database.tables === 0)) {
      reasons.push({
        resource,
        problem: 'no database on it holds a table, so a backup could not be proved',
        remedy: 'check database.identifier and database.databases',
      });
    }
    const sessions = await countSessions(client, { ...config.drain, databases: wanted });
    return {
      reachable: true,
      serverVersion: version.rows[0]?.version ?? 'unknown',
      databases,
      sessions,
      reasons,
    };
  } finally {
    await client.end();
  }
}

/** What the user must be member of: to read every row, and to see other users' sessions. */
const ROLES = [
  { role: 'pg_read_all_data', purpose: 'to read every table for the comparison' },
  { role: 'pg_read_all_stats', purpose: 'to see the sessions of the users' },
];

async function missingRoles(client: pg.Client, user: string, resource: string): Promise<Reason[]> {
  const result = await client.query<{ role: string; member: boolean }>(
    `SELECT role, pg_has_role(current_user, role, 'USAGE') AS member FROM unnest($1::text[]) AS role`,
    [ROLES.map(({ role }) => role)],
  );
  return ROLES.filter(({ role }) => result.rows.find((row) => row.role === role)?.member !== true).map(
    ({ role, purpose }) => ({
      resource,
      problem: `user "${user}" is not a member of ${role}, which it needs ${purpose}`,
      remedy: `run: GRANT ${role} TO "${user.replaceAll('"', '""')}";`,
    }),
  );
}

async function countTables(
  connect: (database: string) => Promise<pg.Client>,
  database: string,
): Promise<number> {
  const client = await connect(database);
  try {
    const result = await client.query<{ tables: number }>(
      `SELECT count(*)::int AS tables FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname !~ '^pg_(toast_)?temp_'`,
    );
    return result.rows[0]?.tables ?? 0;
  } finally {
    await client.end();
  }
}
