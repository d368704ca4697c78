import type { Engine } from '../../engines/engine.ts';
import { engineFor } from '../../engines/engines.ts';
import type { SystemConfig } from '../contract/config.ts';
import { readCredentials } from './credentials.ts';

export interface SystemEngine {
  engine: Engine;
  /** The user that signs in. */
  user: string;
}

/** Every instance on RDS has this database, so it answers even if a configured database does not exist. */
const MAINTENANCE_DATABASES = { postgres: ['postgres'], mysql: [], mariadb: [], sqlserver: ['master'] };

/**
 * The engine of a system's database server, or of the copy restored from it. The copy has the passwords of the snapshot, so the source's
 * user signs in there too. A token is signed for its own endpoint.
 *
 * @throws LightsOutError `InvalidConfiguration` when the secret holds no credentials, or the configuration names no way to sign in.
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
