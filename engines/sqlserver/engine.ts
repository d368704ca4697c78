import { LightsOutError } from '../../functions/contract/errors.ts';
import type { Engine } from '../engine.ts';
import { connectPatiently } from '../patience.ts';
import { endpointOf, type ServerTarget } from '../target.ts';
import { checkDatabase } from './check.ts';
import { connectSqlServer, type SqlServerConnection } from './connection.ts';
import {
  describeSqlServerError,
  isSqlServerConnectionProblem,
  sqlServerCodeOf,
  sqlServerRemedy,
} from './errors.ts';
import { inspectServer } from './inspect.ts';
import { sqlServerLocator } from './locator.ts';
import { openReading } from './reading.ts';
import { firstValueStatement, rolledBack } from './rolled-back.ts';
import { lookAtServer } from './server-identity.ts';
import { countSessions } from './sessions.ts';

export interface SqlServerOptions {
  address: string;
  port: number;
  /** Makes a connection to one database. */
  connect(database: string): Promise<SqlServerConnection>;
  /** Databases to connect to for questions about the server. The first that opens is used. Default `master`. */
  home?: string[] | undefined;
}

/** Least bytes of a table that one statement reads. */
const PART_BYTES = 256 * 1024 * 1024;

/** Each table is one more plan to be made. Ten thousand small tables are five hundred statements. */
const TABLES_A_STATEMENT = 20;

/** A SQL Server. @param target where it is, and who asks. */
export function connectedSqlServerEngine(target: ServerTarget, home?: string[]): Engine {
  const { address, port } = target;
  return sqlServerEngine({ address, port, home, connect: (database) => connectSqlServer(target, database) });
}

/** Codes of a database that does not exist or is closed to the login. */
const NO_SUCH_DATABASE = ['4060', '916'];

async function connectToAny(
  connect: (database: string) => Promise<SqlServerConnection>,
  [first = 'master', ...others]: string[],
): Promise<SqlServerConnection> {
  try {
    return await connect(first);
  } catch (error) {
    const code = sqlServerCodeOf(error instanceof LightsOutError ? error.cause : error) ?? '';
    if (others.length === 0 || !NO_SUCH_DATABASE.includes(code)) throw error;
    return connectToAny(connect, others);
  }
}

/** A SQL Server, over connections that the caller makes. */
export function sqlServerEngine(options: SqlServerOptions): Engine {
  const { connect, home = ['master'] } = options;
  /** Takes one look over a connection of its own. When the connection breaks, the look is repeated over another. */
  const at = <Result>(
    databases: string[],
    work: (connection: SqlServerConnection) => Promise<Result>,
  ): Promise<Result> =>
    connectPatiently(async () => {
      const connection = await connectToAny(connect, databases);
      try {
        return await work(connection);
      } finally {
        await connection.close();
      }
    }, isSqlServerConnectionProblem);
  return {
    endpoint: endpointOf(options),
    tablesAStatement: TABLES_A_STATEMENT,
    partBytes: PART_BYTES,
    look: () => at(home, (connection) => lookAtServer(connection, options)),
    open: (database) => openReading(() => connect(database)),
    locator: async (database) => sqlServerLocator(await connect(database)),
    // The system's own query is meant for the system's database.
    countSessions: (filter) =>
      at([...(filter.databases?.slice(0, 1) ?? []), ...home], (connection) =>
        countSessions(connection, filter),
      ),
    firstValue: (database, statement) =>
      at([database], async (connection) => {
        const [row] = await rolledBack(connection, firstValueStatement(statement));
        return row?.['value'];
      }),
    inspect: (question) => at(home, (connection) => inspectServer(connection, connect, question)),
    check: (database, checkOptions) => checkDatabase(() => connect(database), database, checkOptions),
    describe: describeSqlServerError,
    isConnectionProblem: isSqlServerConnectionProblem,
    remedy: sqlServerRemedy,
  };
}
