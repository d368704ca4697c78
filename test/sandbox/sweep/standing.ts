import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type SweepWorld, startSweepWorld } from '../../../sandbox/sweep/world.ts';

/** Longest that starting a world may take on a busy machine, in milliseconds. */
const STARTS_WITHIN = 240_000;

/**
 * What stands over all tests of a file: a world of the sweep, there once the first test begins, and a folder for what its runs leave. Both
 * are gone when the last test is over.
 *
 * @param system - of `sandbox/sweep/systems.ts`. Default: `crm`.
 */
export function standing(system = 'crm'): { readonly world: SweepWorld; readonly out: string } {
  const out = mkdtempSync(join(tmpdir(), 'lights-out-sweep-test-'));
  let world: SweepWorld | undefined;
  beforeAll(async () => {
    world = await startSweepWorld(system);
  }, STARTS_WITHIN);
  afterAll(async () => {
    await world?.stop();
    rmSync(out, { recursive: true, force: true });
  });
  return {
    out,
    get world() {
      if (world === undefined) throw new Error('the world is there only in tests');
      return world;
    },
  };
}
