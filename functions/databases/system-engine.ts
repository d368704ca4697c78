import type { Engine } from '../../engines/engine.ts';
import { engineFor } from '../../engines/engines.ts';
import type { SystemConfig } from '../contract/config.ts';
import { readCredentials } from './credentials.ts';

export interface SystemEngine {
  engine: Engine;
  /** The database user that asks. */
  user: string;
}

/** Every instance on RDS has it, so it answers when a database of the configuration does not exist. */
const MAINTENANCE_DATABASES = { postgres: ['postgres'], mysql: [], mariadb: [], sqlserver: ['master'] };

/**
 * The engine of a system's database server, or of the copy that was restored from it: its passwords are the snapshot's, so it is read
 * as the source's user; a token is signed for its own endpoint.
 *
 * @throws LightsOutError `InvalidConfiguration` when the secret holds no credentials, or there is no way to sign in.
 */
export async function engineOfSystem(
  { database }: Pick<SystemConfig, 'database'>,
  server: { address: string; port: number },
  statementTimeoutSeconds: number,
): Promise<SystemEngine> {
  const credentials = await readCredentials(database, server);
  const engine = await engineFor({
    engine: database.engine,
    address: server.address,
    port: server.port,
    credentials,
    home: [...(database.databases?.slice(0, 1) ?? []), ...MAINTENANCE_DATABASES[database.engine]],
    statementTimeoutSeconds,
  });
  return { engine, user: credentials.username };
}
