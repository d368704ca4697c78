import pg from 'pg';
import { messageOf } from '../functions/shared/contract/errors.ts';
import { APPLICATION_NAME } from '../functions/shared/contract/keys.ts';
import type { Locator } from '../functions/shared/engines/locator.ts';
import type { Manifest } from '../functions/shared/engines/manifest.ts';
import { connectMysql, type MysqlConnection } from '../functions/shared/engines/mysql/connection.ts';
import { describeMysqlError } from '../functions/shared/engines/mysql/errors.ts';
import { mysqlLocator } from '../functions/shared/engines/mysql/locator.ts';
import { recordMysqlManifest } from '../functions/shared/engines/mysql/manifest.ts';
import { sessionOptions } from '../functions/shared/engines/postgres/connection.ts';
import { postgresLocator } from '../functions/shared/engines/postgres/locator.ts';
import { recordManifest } from '../functions/shared/engines/postgres/manifest.ts';
import { BadInputError } from '../sandbox/bad-input.ts';
import type { DatabaseUrl } from './database-url.ts';

const CONNECT_TIMEOUT_MILLISECONDS = 15_000;

export interface RecordingOptions {
  copy: boolean;
  signal: AbortSignal;
  onProgress(read: { rows: number; share: number }): void;
}

/** Records what one database contains, by the engine that its URL names. */
export async function recordDatabase(
  option: string,
  url: DatabaseUrl,
  options: RecordingOptions,
): Promise<Manifest> {
  const target = { address: url.host, port: url.port, databases: [url.database], ...options };
  const { manifest } =
    url.engine === 'postgres'
      ? await recordManifest({ ...target, connect: () => openPostgres(option, url) })
      : await recordMysqlManifest({ ...target, connect: () => openMysql(option, url) });
  return manifest;
}

/** Opens a database to be asked where exactly it differs. */
export async function openLocator(option: string, url: DatabaseUrl): Promise<Locator> {
  return url.engine === 'postgres'
    ? postgresLocator(await openPostgres(option, url))
    : mysqlLocator(await openMysql(option, url), url.database);
}

async function openPostgres(
  option: string,
  { ssl, engine: _engine, ...url }: DatabaseUrl,
): Promise<pg.Client> {
  const client = new pg.Client({
    ...url,
    ssl,
    application_name: APPLICATION_NAME,
    options: sessionOptions(),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MILLISECONDS,
  });
  // A connection that breaks while nothing is asked: the next question reports it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    // Nothing is open that could be closed in an orderly way; what the connection said is what matters.
    await client.end().catch(() => undefined);
    throw refused(option, { ssl, ...url }, messageOf(error));
  }
}

async function openMysql(option: string, url: DatabaseUrl): Promise<MysqlConnection> {
  const { host, port, user, password, ssl } = url;
  const ca = ssl !== false && typeof ssl.ca === 'string' ? { ca: ssl.ca } : {};
  try {
    return await connectMysql({ host, port, user, password, tls: ssl === false ? false : ca });
  } catch (error) {
    throw refused(option, url, describeMysqlError(error));
  }
}

function refused(
  option: string,
  { database, host, port, ssl }: Pick<DatabaseUrl, 'database' | 'host' | 'port' | 'ssl'>,
  problem: string,
): BadInputError {
  const remedy =
    ssl === false
      ? ''
      : ', with TLS and a certificate that is valid for it (sslrootcert=FILE names another authority)';
  return new BadInputError(
    `${option}: database "${database}" at ${host}:${port} refused the connection (${problem}); expected a server that accepts it${remedy}`,
  );
}
