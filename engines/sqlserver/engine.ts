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
import { lookAtServer } from './server-identity.ts';
import { countSessions } from './sessions.ts';

export interface SqlServerOptions {
  address: string;
  port: number;
  /** Makes a connection to one database of the server. */
  connect(database: string): Promise<SqlServerConnection>;
  /** Databases from which the server is looked at: the first that opens. Default `master`. */
  home?: string[] | undefined;
}

/** How much of a table one statement reads at least, in bytes. */
const PART_BYTES = 256 * 1024 * 1024;

/** Each table is another plan to be made: of ten thousand small tables, five hundred statements. */
const TABLES_A_STATEMENT = 20;

/** A SQL Server. @param target where it is, and who asks. */
export function connectedSqlServerEngine(target: ServerTarget, home?: string[]): Engine {
  const { address, port } = target;
  return sqlServerEngine({ address, port, home, connect: (database) => connectSqlServer(target, database) });
}

/** Database that does not exist or is closed to the login. */
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

/** A SQL Server behind connections that somebody else makes. */
export function sqlServerEngine(options: SqlServerOptions): Engine {
  const { connect, home = ['master'] } = options;
  /** One look over a connection of its own; when that breaks, over another. */
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
    // A query of the system's own is meant for its database.
    countSessions: (filter) =>
      at([...(filter.databases?.slice(0, 1) ?? []), ...home], (connection) =>
        countSessions(connection, filter),
      ),
    inspect: (question) => at(home, (connection) => inspectServer(connection, connect, question)),
    check: (database, checkOptions) => checkDatabase(() => connect(database), database, checkOptions),
    describe: describeSqlServerError,
    isConnectionProblem: isSqlServerConnectionProblem,
    remedy: sqlServerRemedy,
  };
}
