import { ErrorName, LightsOutError } from '../../functions/contract/errors.ts';
import { APPLICATION_NAME } from '../../functions/contract/keys.ts';
import { connectPatiently } from '../patience.ts';
import { refusalOf, type ServerTarget } from '../target.ts';
import { type Driver, openDriver } from './driver.ts';
import { causeOf, describeSqlServerError, isSqlServerConnectionProblem } from './errors.ts';
import { connectForTls } from './socket.ts';

/** A connection that reads, and what it reads from. */
export interface SqlServerConnection extends Driver {
  /** As `15.0.4430.1`. */
  readonly version: string;
  /** Major version: 13 is SQL Server 2016, 17 is 2025. */
  readonly major: number;
}

const CONNECT_TIMEOUT_MILLISECONDS = 15_000;

/** SQL Server 2016. Older versions hash at most 8,000 bytes with HASHBYTES, and lack half of the catalog views that are read. */
const OLDEST = 13;

/**
 * Settings that make the session harmless, and its text forms the same on any server. A session that waits for one of our locks wins
 * over us. XACT_ABORT: an error leaves no transaction open.
 */
const SESSION = [
  'SET ANSI_NULLS ON',
  'SET ANSI_PADDING ON',
  'SET ANSI_WARNINGS ON',
  'SET ARITHABORT ON',
  'SET CONCAT_NULL_YIELDS_NULL ON',
  'SET QUOTED_IDENTIFIER ON',
  'SET NUMERIC_ROUNDABORT OFF',
  'SET IMPLICIT_TRANSACTIONS OFF',
  'SET LANGUAGE us_english',
  'SET DATEFORMAT ymd',
  'SET DATEFIRST 7',
  'SET TEXTSIZE 2147483647',
  'SET ROWCOUNT 0',
  'SET NOCOUNT ON',
  'SET XACT_ABORT ON',
  'SET LOCK_TIMEOUT 30000',
  'SET DEADLOCK_PRIORITY LOW',
  'SET TRANSACTION ISOLATION LEVEL READ COMMITTED',
].join(';\n');

/**
 * Connects. SQL Server has no read-only session. Ours only sends SELECT, DBCC CHECK… and SET, in transactions that are rolled back, and
 * needs a user who may do no more (see docs/verification.md). `ApplicationIntent=ReadOnly` is left out on purpose: with it, an
 * availability group may send us to another server than the one to compare.
 *
 * @throws LightsOutError `DatabaseUnreachable`, naming server, database and what to look at; `VerificationImpossible` before SQL Server
 * 2016.
 */
export async function connectSqlServer(target: ServerTarget, database: string): Promise<SqlServerConnection> {
  let connection: SqlServerConnection;
  try {
    connection = await connectPatiently(() => open(target, database), isSqlServerConnectionProblem);
  } catch (error) {
    throw new LightsOutError(
      ErrorName.DatabaseUnreachable,
      refusalOf(target, `database "${database}"`, describeSqlServerError(error)),
      causeOf(error),
    );
  }
  if (connection.major >= OLDEST) return connection;
  await connection.close();
  throw new LightsOutError(
    ErrorName.VerificationImpossible,
    `server ${target.address}:${target.port} is SQL Server ${connection.version}; expected 13.0 (SQL Server 2016) or newer, since before it HASHBYTES takes 8,000 bytes at most: upgrade the DB instance, or set verification to "none"`,
  );
}

async function open(target: ServerTarget, database: string): Promise<SqlServerConnection> {
  const { address, port, credentials, tls, statementTimeoutSeconds = 0 } = target;
  const ca = tls === undefined || tls === false || tls.ca === undefined ? {} : { ca: tls.ca };
  const driver = await openDriver({
    server: address,
    authentication: {
      type: 'default',
      options: { userName: credentials.username, password: credentials.password },
    },
    options: {
      port,
      database,
      appName: APPLICATION_NAME,
      encrypt: tls !== false,
      trustServerCertificate: false,
      cryptoCredentialsDetails: { minVersion: 'TLSv1.2', ...ca },
      ...(tls === false
        ? {}
        : { connector: () => connectForTls(address, port, CONNECT_TIMEOUT_MILLISECONDS) }),
      connectTimeout: CONNECT_TIMEOUT_MILLISECONDS,
      requestTimeout: statementTimeoutSeconds * 1000,
      // We try again ourselves. The driver would wait for a database that does not exist as for one that is about to.
      maxRetriesOnTransientErrors: 0,
      useUTC: true,
    },
  });
  try {
    await driver.query(SESSION);
    const [row] = await driver.query(
      "SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version",
    );
    const version = row?.['version'] ?? '';
    // A version that is not a number counts as older than any.
    return { ...driver, version, major: Number.parseInt(version, 10) || 0 };
  } catch (error) {
    await driver.close();
    throw error;
  }
}
