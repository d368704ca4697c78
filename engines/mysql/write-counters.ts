import { createHash } from 'node:crypto';
import type { WriteCounters } from '../manifest.ts';
import { type MysqlConnection, quoteName } from './connection.ts';

/**
 * Rows written to the whole server. MySQL counts those of its own schemas apart since 8.0.19 (Innodb_system_rows_inserted …,
 * https://dev.mysql.com/doc/refman/8.4/en/server-status-variables.html). MariaDB does not, and counts temporary tables apart
 * (https://mariadb.com/kb/en/server-status-variables/). RDS's own heartbeat moves MariaDB's counts too.
 */
const OF_THE_SERVER = {
  mysql: ['Innodb_rows_inserted', 'Innodb_rows_updated', 'Innodb_rows_deleted'],
  mariadb: ['Handler_write', 'Handler_update', 'Handler_delete'],
} as const;

/** Statements that change rows without writing one: TRUNCATE, and ALTER TABLE with its partitions and tablespaces. */
const WITHOUT_ROWS = ['Com_truncate', 'Com_alter_table'];

/**
 * Reads the server's counters of writes to a database. `UPDATE_TIME` says when a table was last written, in whole seconds. It is
 * forgotten with the server's memory of the table (https://dev.mysql.com/doc/refman/8.4/en/information-schema-tables-table.html). It
 * names the tables that were written, and the counts of the whole server prove that none was.
 */
export async function readWriteCounters(
  connection: MysqlConnection,
  database: string,
): Promise<WriteCounters> {
  const names = [...OF_THE_SERVER[connection.engine], ...WITHOUT_ROWS];
  const status = await connection.query(
    `SHOW GLOBAL STATUS WHERE Variable_name IN (${names.map((name) => `'${name}'`).join(', ')})`,
  );
  const tables = await connection.query(
    `SELECT TABLE_NAME AS name, ENGINE AS engine, CREATE_TIME AS created, UPDATE_TIME AS updated
       FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE NOT IN ('VIEW', 'SYSTEM VIEW') AND TABLE_TYPE NOT LIKE '%TEMPORARY%' ORDER BY TABLE_NAME`,
    [database],
  );
  const transactional = (engine: string | null | undefined): boolean => engine?.toLowerCase() === 'innodb';
  const rest = tables.map(({ name, engine, created, updated }) =>
    [name, created, transactional(engine) ? '' : updated].join(' '),
  );
  const counted = status.map((row) => `${row['Variable_name']} ${row['Value']}`).sort();
  return {
    rows: Object.fromEntries(
      tables.flatMap(({ name, updated }) =>
        name === null || name === undefined || updated === null || updated === undefined
          ? []
          : [[quoteName(name), updated]],
      ),
    ),
    other: createHash('sha256')
      .update([...counted, ...rest].join('\n'))
      .digest('hex'),
    complete: counted.length === names.length,
  };
}
