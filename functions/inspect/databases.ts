import type pg from 'pg';
import type { Reason } from '../shared/contract/state.ts';
import { grantee } from './reasons.ts';

export interface DatabaseLook {
  /** Tables and materialised views. */
  tables: number;
  reasons: Reason[];
}

/** Names in one reason: enough to see what kind they are. */
const NAMES_SHOWN = 5;

/**
 * Looks at every table and sequence of one database: how many are there, and may the user read each of them? `row_security_active`
 * says whether a policy would hide rows from this user (https://www.postgresql.org/docs/current/ddl-rowsecurity.html): a row that cannot be
 * seen cannot be proved to be in the backup.
 */
export async function lookInto(
  connect: (database: string) => Promise<pg.Client>,
  { name, resource, user }: { name: string; resource: string; user: string },
): Promise<DatabaseLook> {
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
        remedy: `run: GRANT pg_read_all_data TO ${grantee(user)}; (before PostgreSQL 14: GRANT USAGE on the schemas and SELECT on all tables and sequences)`,
      });
    }
    if (row !== undefined && row.filtered_count > 0) {
      reasons.push({
        resource,
        problem: `a row security policy hides rows from user "${user}" in ${list(row.filtered, row.filtered_count)} in database "${name}", so they could not be compared`,
        remedy: `run: ALTER ROLE ${grantee(user)} BYPASSRLS;`,
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
