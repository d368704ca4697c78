import type { Engine } from '../engine.ts';
import { endpointOf, type ServerTarget } from '../target.ts';
import { checkDatabase } from './check.ts';
import { connectMysql, type MysqlConnection, quoteName } from './connection.ts';
import { describeMysqlError, isMysqlConnectionProblem, mysqlRemedy } from './errors.ts';
import { inspectServer } from './inspect.ts';
import { mysqlLocator } from './locator.ts';
import { readOnlyRows } from './read-only.ts';
import { openReading } from './reading.ts';
import { lookAtServer } from './server-identity.ts';
import { countSessions } from './sessions.ts';

export interface MysqlServerOptions {
  address: string;
  port: number;
  /** Makes a read-only connection to the server. */
  connect(): Promise<MysqlConnection>;
}

/** Least bytes of a table that one statement reads. */
const PART_BYTES = 256 * 1024 * 1024;

/** A MySQL or MariaDB server. @param target where it is, and who asks. */
export function connectedMysqlEngine(target: ServerTarget): Engine {
  const { address, port } = target;
  return mysqlEngine({ address, port, connect: () => connectMysql(target) });
}

/** A MySQL or MariaDB server, over connections that the caller makes. */
export function mysqlEngine(options: MysqlServerOptions): Engine {
  const { connect } = options;
  const connected = async <Result>(
    work: (connection: MysqlConnection) => Promise<Result>,
  ): Promise<Result> => {
    const connection = await connect();
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  };
  return {
    endpoint: endpointOf(options),
    // The SQL of a row's form is long, so one table is a statement of its own.
    tablesAStatement: 1,
    partBytes: PART_BYTES,
    look: () => connected((connection) => lookAtServer(connection, options)),
    open: (database) => openReading(connect, database),
    locator: async (database) => mysqlLocator(await connect(), database),
    countSessions: (filter) => connected((connection) => countSessions(connection, filter)),
    firstValue: (database, statement) =>
      connected(async (connection) => {
        await connection.query(`USE ${quoteName(database)}`);
        const [row] = await readOnlyRows(connection, statement);
        return row?.[0];
      }),
    inspect: (question) => connected((connection) => inspectServer(connection, question)),
    check: (database, options) => checkDatabase(connect, database, options),
    describe: describeMysqlError,
    isConnectionProblem: isMysqlConnectionProblem,
    remedy: mysqlRemedy,
  };
}
