import { STATEMENT_TIMEOUT_SECONDS, WORK_BUDGET_MILLISECONDS } from '../../engines/budget.ts';
import { locateDifferences, type Side } from '../../engines/locate.ts';
import type { Difference, Manifest } from '../../engines/manifest.ts';
import type { SystemConfig } from '../contract/config.ts';
import { engineOfSystem } from './system-engine.ts';

/**
 * Finds on both servers which rows and which lines of a definition differ.
 *
 * @returns the differences with the findings. A difference that could not be looked up says so.
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
