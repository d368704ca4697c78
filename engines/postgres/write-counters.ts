import type pg from 'pg';
import { APPLICATION_NAME } from '../../functions/contract/keys.ts';
import type { WriteCounters } from '../manifest.ts';

/**
 * Rows written to each permanent table since the server began to count, large objects among them
 * (https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ALL-TABLES-VIEW). Autovacuum and RDS's own
 * heartbeat move the position of the log and the next transaction's number even on a server that nobody uses.
 */
const ROWS = `SELECT '"' || replace(s.schemaname, '"', '""') || '"."' || replace(s.relname, '"', '""') || '"' AS name,
       (s.n_tup_ins + s.n_tup_upd + s.n_tup_del)::text AS written
  FROM pg_stat_all_tables s JOIN pg_class c ON c.oid = s.relid
 WHERE c.relpersistence = 'p' AND (s.schemaname NOT IN ('pg_catalog', 'information_schema') AND s.schemaname !~ '^pg_toast' OR s.relid = 'pg_largeobject'::regclass)`;

/** TRUNCATE counts no row, but gives a table another file. REFRESH and rewriting commands do the same. */
const FILES = `SELECT md5(coalesce(string_agg(c.oid::text || ':' || c.relfilenode::text, ' ' ORDER BY c.oid), '')) AS files
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'm') AND c.relpersistence = 'p' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'`;

/** How long an idle session may keep its counts to itself, in seconds: PGSTAT_IDLE_INTERVAL is 10 s since version 15. */
const KEPT_SECONDS = 15;

/**
 * True when no session may hold counts back. A session hands on its counts when it ends, and since version 15 within 10 s when it is
 * idle. Before version 15 an idle one may keep them
 * (https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/utils/activity/pgstat.c). A session counts as busy if this user
 * may not see its state.
 */
const COMPLETE = `SELECT current_setting('track_counts')::bool AND NOT EXISTS (
  SELECT FROM pg_stat_activity a
   WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.application_name IS DISTINCT FROM $1
     AND coalesce(a.backend_type, '?') NOT IN ('autovacuum worker', 'walsender')
     AND (current_setting('server_version_num')::int < 150000 OR a.state IS DISTINCT FROM 'idle'
          OR a.state_change IS NULL OR a.state_change > clock_timestamp() - interval '${KEPT_SECONDS} s')) AS complete`;

/** Reads the server's counters of writes to this database. */
export async function readWriteCounters(client: pg.Client): Promise<WriteCounters> {
  // Sessions that hold something back are read first: a session that comes later counts as absent.
  await client.query('SELECT pg_stat_clear_snapshot()');
  const complete = await client.query<{ complete: boolean }>(COMPLETE, [APPLICATION_NAME]);
  const rows = await client.query<{ name: string; written: string }>(ROWS);
  const files = await client.query<{ files: string }>(FILES);
  return {
    rows: Object.fromEntries(rows.rows.map(({ name, written }) => [name, written])),
    other: files.rows[0]?.files ?? '',
    complete: complete.rows[0]?.complete === true,
  };
}
