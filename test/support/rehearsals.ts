import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunInput } from '../../functions/shared/contract/input.ts';
import { parseFaults } from '../../sandbox/fault-injection.ts';
import { type Rehearsal, rehearse } from '../../sandbox/rehearsal.ts';

/** Simulated seconds in a real second: scenarios wait for nothing but real work. */
const SPEED = 2000;

export interface Scenario {
  input?: RunInput;
  faults?: object[];
  seedSql?: string;
  system?: string;
}

/** Rehearses a whole run into a folder of its own. */
export async function rehearseScenario(scenario: Scenario = {}): Promise<Rehearsal & { out: string }> {
  const out = mkdtempSync(join(tmpdir(), 'lights-out-scenario-'));
  const rehearsal = await rehearse({
    out,
    system: scenario.system,
    input: scenario.input ?? {},
    faults: parseFaults(JSON.stringify(scenario.faults ?? [])),
    seedSql: scenario.seedSql,
    speed: SPEED,
  });
  return { ...rehearsal, out };
}
