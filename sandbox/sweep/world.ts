import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { StandingWorld } from '../rehearsal/standing-world.ts';
import { synthesise } from '../rehearsal/synthesis.ts';
import { readDeployment } from '../template.ts';

/** A fixed evening, so that a run is the same whenever the sweep is made. */
const START = Date.parse('2026-11-27T13:00:00Z');

/** Module of the systems that can be swept. */
const SYSTEMS = fileURLToPath(new URL('./systems.ts', import.meta.url));

/** A standing world of a system that can be swept. */
export interface SweepWorld extends Pick<StandingWorld, 'deployment' | 'run' | 'stop'> {
  /** A value of a row: must be found nowhere outside the database. */
  readonly canary: string;
}

/** @param system - a name of `sandbox/sweep/systems.ts`. */
export async function startSweepWorld(system: string): Promise<SweepWorld> {
  const deployment = await readDeployment(await synthesise(SYSTEMS), `LightsOut-${system}`);
  const canary = `canary-${randomBytes(9).toString('hex')}`;
  const world = await StandingWorld.start(deployment, {
    start: START,
    andThen: `UPDATE accounts SET name = '${canary}' WHERE id = 1`,
  });
  return {
    deployment,
    canary,
    run: (options, look) => world.run(options, look),
    stop: () => world.stop(),
  };
}
