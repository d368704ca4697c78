import type { SystemConfig } from '../contract/config.ts';
import { STATEMENT_TIMEOUT_SECONDS, WORK_BUDGET_MILLISECONDS } from './budget.ts';
import { readCredentials } from './credentials.ts';
import type { Difference, Manifest, ServerIdentity } from './manifest.ts';
import { connectPostgres, type PostgresTarget } from './postgres/connection.ts';
import { locateDifferences } from './locate.ts';
import { postgresLocator } from './postgres/locator.ts';
import { type ManifestProgress, recordManifest } from './postgres/manifest.ts';

export interface RecordOptions {
  config: SystemConfig;
  address: string;
  port: number;
  /** True for the restored copy: what it lacks is for the comparison to say. Default false. */
  copy?: boolean;
  /** What an earlier call got done. */
  resume: Manifest | undefined;
  onServer?(server: ServerIdentity): void;
}

/**
 * Records what a system's server contains, as far as one call of a function gets. The restored copy is read with the source's
 * credentials: its passwords are the snapshot's.
 *
 * @throws LightsOutError `DatabaseUnreachable`, `VerificationImpossible`, `InvalidConfiguration`.
 */
export async function recordServer(options: RecordOptions): Promise<ManifestProgress> {
  const { config, address, port } = options;
  const credentials = await readCredentials(config.database.credentialsSecretArn);
  return recordManifest({
    address,
    port,
    connect: connectorFor({ address, port, credentials }),
    databases: config.database.databases,
    copy: options.copy ?? false,
    resume: options.resume,
    stopAt: Date.now() + WORK_BUDGET_MILLISECONDS,
    ...(options.onServer === undefined ? {} : { onServer: options.onServer }),
  });
}

type Server = Pick<PostgresTarget, 'address' | 'port' | 'credentials'>;

function connectorFor(server: Server): (database: string) => ReturnType<typeof connectPostgres> {
  return (database) =>
    connectPostgres({ ...server, database, statementTimeoutSeconds: STATEMENT_TIMEOUT_SECONDS });
}

/**
 * Looks up in both servers which rows and which lines of a definition differ. @returns the differences with what was found; what
 * could not be looked up says so.
 */
export async function locateOnServers(
  config: SystemConfig,
  differences: Difference[],
  source: Manifest,
  copy: Manifest,
): Promise<Difference[]> {
  const credentials = await readCredentials(config.database.credentialsSecretArn);
  const side = (manifest: Manifest) => {
    const { address, port } = manifest.server;
    const connect = connectorFor({ address, port, credentials });
    return { manifest, open: async (database: string) => postgresLocator(await connect(database)) };
  };
  return locateDifferences(differences, {
    source: side(source),
    copy: side(copy),
    stopAt: Date.now() + WORK_BUDGET_MILLISECONDS,
  });
}
