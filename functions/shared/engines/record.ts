import type { SystemConfig } from '../contract/config.ts';
import { STATEMENT_TIMEOUT_SECONDS, WORK_BUDGET_MILLISECONDS } from './budget.ts';
import { locateDifferences, type Side } from './locate.ts';
import type { Difference, Manifest, ServerIdentity } from './manifest.ts';
import { type ManifestProgress, recordManifest } from './recorder.ts';
import { engineOfSystem } from './system-engine.ts';

export interface RecordServerOptions {
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
 * Records what a system's server contains, as far as one call of a function gets.
 *
 * @throws LightsOutError `DatabaseUnreachable`, `VerificationImpossible`, `InvalidConfiguration`.
 */
export async function recordServer(options: RecordServerOptions): Promise<ManifestProgress> {
  const { config, copy, resume, onServer } = options;
  const { engine } = await engineOfSystem(config, options, STATEMENT_TIMEOUT_SECONDS);
  return recordManifest(engine, {
    databases: config.database.databases,
    copy: copy ?? false,
    resume,
    stopAt: Date.now() + WORK_BUDGET_MILLISECONDS,
    ...(onServer === undefined ? {} : { onServer }),
  });
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
  const side = async (manifest: Manifest): Promise<Side> => {
    const { engine } = await engineOfSystem(config, manifest.server, STATEMENT_TIMEOUT_SECONDS);
    return { manifest, open: (database) => engine.locator(database) };
  };
  return locateDifferences(differences, {
    source: await side(source),
    copy: await side(copy),
    stopAt: Date.now() + WORK_BUDGET_MILLISECONDS,
  });
}
