import type { SystemConfig } from '../contract/config.ts';
import { STATEMENT_TIMEOUT_SECONDS, WORK_BUDGET_MILLISECONDS } from './budget.ts';
import { readCredentials } from './credentials.ts';
import type { Manifest, ServerIdentity } from './manifest.ts';
import { connectPostgres } from './postgres/connection.ts';
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
    connect: (database) =>
      connectPostgres({
        address,
        port,
        database,
        credentials,
        statementTimeoutSeconds: STATEMENT_TIMEOUT_SECONDS,
      }),
    databases: config.database.databases,
    copy: options.copy ?? false,
    resume: options.resume,
    stopAt: Date.now() + WORK_BUDGET_MILLISECONDS,
    ...(options.onServer === undefined ? {} : { onServer: options.onServer }),
  });
}
