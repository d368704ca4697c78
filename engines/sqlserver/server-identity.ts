import type { ServerLook } from '../engine.ts';
import type { ServerIdentity } from '../manifest.ts';
import type { SqlServerConnection } from './connection.ts';
import { isSqlServerConnectionProblem, SqlServerError } from './errors.ts';

export interface ListedDatabase {
  name: string;
  /** True when this login may open it. */
  open: boolean;
}

/** Databases that this login sees, without the server's own and RDS's. Without VIEW ANY DATABASE a login sees only its own. */
export const DATABASES = `SELECT d.name AS name, COALESCE(HAS_DBACCESS(d.name), 0) AS [open]
  FROM sys.databases AS d
 WHERE d.database_id > 4 AND d.name NOT IN (N'rdsadmin', N'rdsadmin_ReportServer', N'rdsadmin_ReportServerTempDB', N'distribution')
   AND d.source_database_id IS NULL
 ORDER BY d.name`;

export async function listDatabases(connection: SqlServerConnection): Promise<ListedDatabase[]> {
  const rows = await connection.query(DATABASES);
  return rows.map(({ name, open }) => ({ name: name ?? '', open: open === '1' }));
}

/**
 * Reads the server's identity. tempdb is made anew at each start, and everybody may see its date (sys.dm_os_sys_info tells the same to
 * few). The date is in the server's own time zone.
 */
const IDENTITY = `SELECT CAST(SERVERPROPERTY('ServerName') AS nvarchar(256)) AS server, CAST(SERVERPROPERTY('MachineName') AS nvarchar(256)) AS machine,
       CAST(SERVERPROPERTY('Edition') AS nvarchar(256)) AS edition,
       CONVERT(varchar(23), DATEADD(MINUTE, -DATEPART(TZOFFSET, SYSDATETIMEOFFSET()), d.create_date), 126) AS started
  FROM sys.databases AS d WHERE d.name = N'tempdb'`;

/**
 * Position up to which the log of each database has been written. sys.fn_dblog would say the same, but is closed on RDS. This view
 * needs VIEW SERVER STATE, on SQL Server 2022 VIEW SERVER PERFORMANCE STATE
 * (https://learn.microsoft.com/sql/relational-databases/system-dynamic-management-views/sys-dm-db-log-stats-transact-sql).
 *
 * With delayed durability a commit is answered before its records are written
 * (https://learn.microsoft.com/sql/relational-databases/logs/control-transaction-durability). A log that stands still then proves
 * nothing.
 */
const WRITTEN = `SELECT d.name AS name, l.log_end_lsn AS lsn, d.delayed_durability AS delayed FROM sys.databases AS d CROSS APPLY sys.dm_db_log_stats(d.database_id) AS l
 WHERE d.database_id > 4 AND d.name <> N'rdsadmin' AND d.state = 0 AND HAS_DBACCESS(d.name) = 1 ORDER BY d.name`;

/** Tells whether this login may see the state of the server: sessions, logs. */
export const SEES_SERVER_STATE = (major: number): string =>
  `SELECT CASE WHEN HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE') = 1${
    major >= 16 ? " OR HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER PERFORMANCE STATE') = 1" : ''
  } THEN 1 ELSE 0 END AS allowed`;

/** Reads the server's identity and the names of its databases. */
export async function lookAtServer(
  connection: SqlServerConnection,
  { address, port }: Pick<ServerIdentity, 'address' | 'port'>,
): Promise<ServerLook> {
  const [identity] = await connection.query(IDENTITY);
  const position = await writePosition(connection);
  const { server, machine, edition, started } = identity ?? {};
  return {
    engine: 'sqlserver',
    engineVersion: connection.version,
    server: {
      address,
      port,
      instance: [server, machine, edition].map((part) => part ?? '').join(' / '),
      startedAt: `${started ?? 'unknown'}Z`,
      ...(position === undefined ? {} : { writePosition: position }),
    },
    databases: (await listDatabases(connection)).flatMap(({ name, open }) => (open ? [name] : [])),
  };
}

/**
 * Reads the position of the logs. Undefined where the login may not see it, and where the server does not tell it: the view exists
 * since SQL Server 2016 SP2, and needs other permissions from version to version. The position only helps to explain a difference, so
 * nothing fails without it.
 */
async function writePosition(connection: SqlServerConnection): Promise<string | undefined> {
  const [there] = await connection.query(
    "SELECT CASE WHEN OBJECT_ID(N'sys.dm_db_log_stats') IS NULL THEN 0 ELSE 1 END AS [view]",
  );
  const [may] = await connection.query(SEES_SERVER_STATE(connection.major));
  if (there?.['view'] !== '1' || may?.['allowed'] !== '1') return undefined;
  try {
    const rows = await connection.query(WRITTEN);
    if (rows.some(({ lsn, delayed }) => lsn === null || lsn === undefined || delayed !== '0'))
      return undefined;
    return rows.map(({ name, lsn }) => `${name} ${lsn}`).join(', ') || undefined;
  } catch (error) {
    if (!(error instanceof SqlServerError) || isSqlServerConnectionProblem(error)) throw error;
    return undefined;
  }
}
