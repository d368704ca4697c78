import type { ServerLook } from '../engine.ts';
import type { ServerIdentity } from '../manifest.ts';
import type { MysqlConnection } from './connection.ts';

/** The server's own databases. On RDS `innodb` and `tmp` are among them. */
const SYSTEM_DATABASES = ['information_schema', 'mysql', 'performance_schema', 'sys', 'innodb', 'tmp'];

/** Lists the databases that this user may see, without the server's own. */
export async function listDatabases(connection: MysqlConnection): Promise<string[]> {
  const rows = await connection.query(
    'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA ORDER BY 1',
  );
  return rows.flatMap(({ name }) =>
    name === null || name === undefined || SYSTEM_DATABASES.includes(name.toLowerCase()) ? [] : [name],
  );
}

/** Reads the server's identity and the names of its databases. */
export async function lookAtServer(
  connection: MysqlConnection,
  endpoint: Pick<ServerIdentity, 'address' | 'port'>,
): Promise<ServerLook> {
  return {
    engine: connection.engine,
    engineVersion: connection.version,
    server: await identityOf(connection, endpoint),
    databases: await listDatabases(connection),
  };
}

/** Seconds by which a server's start time may seem to move, since MySQL tells its uptime in whole seconds. */
const START_STEP_SECONDS = 5;

async function identityOf(
  connection: MysqlConnection,
  { address, port }: Pick<ServerIdentity, 'address' | 'port'>,
): Promise<ServerIdentity> {
  const variables = await connection.query(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid', 'server_uid', 'hostname', 'port', 'datadir', 'gtid_executed', 'gtid_current_pos')`,
  );
  const values = new Map(variables.map((row) => [row['Variable_name'] ?? '', row['Value'] ?? '']));
  const [status] = await connection.query("SHOW GLOBAL STATUS LIKE 'Uptime'");
  const [clock] = await connection.query('SELECT UNIX_TIMESTAMP() AS now');
  const started = Number(clock?.['now']) - Number(status?.['Value']);
  const rounded = Math.round(started / START_STEP_SECONDS) * START_STEP_SECONDS;
  const position = values.get('gtid_executed') ?? values.get('gtid_current_pos') ?? '';
  const instance = ['server_uuid', 'server_uid', 'hostname', 'port', 'datadir'].flatMap(
    (name) => values.get(name) ?? [],
  );
  return {
    address,
    port,
    instance: instance.join(' '),
    startedAt: new Date(rounded * 1000).toISOString(),
    ...(position === '' ? {} : { writePosition: position }),
  };
}
