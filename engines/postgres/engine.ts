import type pg from 'pg';
import { LightsOutError } from '../../functions/contract/errors.ts';
import type { Engine } from '../engine.ts';
import { endpointOf, type ServerTarget } from '../target.ts';
import { checkDatabase } from './check.ts';
import { connectPostgres } from './connection.ts';
import { codeOf, describePostgresError, isConnectionProblem, postgresRemedy } from './errors.ts';
import { inspectServer } from './inspect.ts';
import { postgresLocator } from './locator.ts';
import { readOnlyRows } from './read-only.ts';
import { closeQuietly, openReading } from './reading.ts';
import { lookAtServer } from './server-identity.ts';
import { countSessions } from './sessions.ts';

export interface PostgresServerOptions {
  address: string;
  port: number;
  /** Databases to connect to for questions about the server. The first that exists is used. */
  home: string[];
  /** Makes a read-only connection to one database. */
  connect(database: string): Promise<pg.Client>;
}

/**
 * Least bytes of a table that one statement reads: small enough for several connections to end at about the same time. A slow first
 * touch of a restored volume reads 5 MB/s, so such a statement takes 13 s.
 */
const PART_BYTES = 64 * 1024 * 1024;

/** Ten thousand small tables are a hundred statements. */
const TABLES_A_STATEMENT = 100;

/** SQLSTATE of "no such database": https://www.postgresql.org/docs/current/errcodes-appendix.html */
const INVALID_CATALOG_NAME = '3D000';

/** A PostgreSQL server. @param target where it is, and who asks. */
export function connectedPostgresEngine(target: ServerTarget, home: string[]): Engine {
  const { address, port } = target;
  return postgresEngine({
    address,
    port,
    home,
    connect: (database) => connectPostgres({ ...target, database }),
  });
}

/** A PostgreSQL server, over connections that the caller makes. */
export function postgresEngine(options: PostgresServerOptions): Engine {
  const { connect } = options;
  const atHome = async <Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> => {
    const client = await connectHome(options);
    try {
      return await work(client);
    } finally {
      await closeQuietly(client);
    }
  };
  return {
    endpoint: endpointOf(options),
    tablesAStatement: TABLES_A_STATEMENT,
    partBytes: PART_BYTES,
    look: () => atHome((client) => lookAtServer(client, options)),
    open: (database) => openReading(() => connect(database)),
    locator: async (database) => postgresLocator(await connect(database)),
    countSessions: (filter) => atHome((client) => countSessions(client, filter)),
    firstValue: async (database, statement) => {
      const client = await connect(database);
      try {
        const [row] = await readOnlyRows(client, statement);
        return row?.[0];
      } finally {
        await closeQuietly(client);
      }
    },
    inspect: (question) => atHome((client) => inspectServer(client, connect, question)),
    check: (database, options) => checkDatabase(() => connect(database), options),
    describe: describePostgresError,
    isConnectionProblem,
    remedy: postgresRemedy,
  };
}

async function connectHome({
  home,
  connect,
}: Pick<PostgresServerOptions, 'home' | 'connect'>): Promise<pg.Client> {
  const [first = 'postgres', ...others] = home;
  try {
    return await connect(first);
  } catch (error) {
    const cause = error instanceof LightsOutError ? error.cause : error;
    if (others.length === 0 || codeOf(cause) !== INVALID_CATALOG_NAME) throw error;
    return connectHome({ home: others, connect });
  }
}
