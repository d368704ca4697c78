import type pg from 'pg';
import { defined } from '../../functions/contract/defined.ts';
import type { ServerLook } from '../engine.ts';
import { codeOf } from './errors.ts';

/** Reads the server's identity and the names of its databases. `rdsadmin` is RDS's own: nobody else may look into it. */
export async function lookAtServer(
  client: pg.Client,
  { address, port }: { address: string; port: number },
): Promise<ServerLook> {
  const { rows } = await client.query<{
    started: string;
    version: string;
    existing: string[];
  }>(
    `SELECT to_char(pg_postmaster_start_time() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS started,
            current_setting('server_version') AS version,
            array(SELECT datname::text FROM pg_database WHERE datallowconn AND NOT datistemplate AND datname <> 'rdsadmin' ORDER BY 1) AS existing`,
  );
  const { started = 'unknown', version = 'unknown', existing = [] } = rows[0] ?? {};
  const position = await writePosition(client);
  const identifier = await systemIdentifier(client);
  return {
    engine: 'postgres',
    engineVersion: version,
    server: {
      address,
      port,
      startedAt: started,
      ...defined({ writePosition: position, systemIdentifier: identifier }),
    },
    databases: existing,
  };
}

/**
 * SQLSTATEs with which Aurora refuses to tell the position, since its log is no file of the server's. They stand for "wal_level must be
 * set to 'logical'" (object_not_in_prerequisite_state) and, in older versions, "currently not supported for Aurora"
 * (feature_not_supported).
 */
const NO_POSITION = ['55000', '0A000'];

/**
 * Position of the log up to which records were put, not the position up to which they were written. With `synchronous_commit` off, a
 * commit is answered before its records are written, and a position that stands still must prove that there was none:
 * https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-BACKUP,
 * https://www.postgresql.org/docs/current/wal-async-commit.html
 */
async function writePosition(client: pg.Client): Promise<string | undefined> {
  try {
    const { rows } = await client.query<{ position: string | null }>(
      'SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END::text AS position',
    );
    return rows[0]?.position ?? undefined;
  } catch (error) {
    if (NO_POSITION.includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}

async function systemIdentifier(client: pg.Client): Promise<string | undefined> {
  const allowed = await client.query<{ allowed: boolean }>(
    `SELECT has_function_privilege('pg_control_system()', 'EXECUTE') AS allowed`,
  );
  if (allowed.rows[0]?.allowed !== true) return undefined;
  const result = await client.query<{ id: string }>(
    'SELECT system_identifier::text AS id FROM pg_control_system()',
  );
  return result.rows[0]?.id;
}
