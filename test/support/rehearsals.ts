import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SystemConfigInput } from '../../functions/shared/contract/config.ts';
import type { RunInput } from '../../functions/shared/contract/input.ts';
import { parseFaults } from '../../sandbox/fault-injection.ts';
import type { AfterStep } from '../../sandbox/rehearsal/after.ts';
import type { Rehearsal } from '../../sandbox/rehearsal/run.ts';
import { rehearse } from '../../sandbox/rehearsal.ts';

/** Simulated seconds in a real second: scenarios wait for nothing but real work. */
const SPEED = 2000;

export interface Scenario {
  input?: RunInput;
  faults?: object[];
  /** What happens once the run is over. */
  after?: AfterStep[];
  /** Simulated seconds in a real second. Default 2000; `Infinity` waits for nothing. */
  speed?: number;
  seedSql?: string;
  system?: string;
  /** Systems in place of those of `systems.ts`. */
  systems?: SystemConfigInput[];
}

/** Rehearses a whole run into a folder of its own. */
export async function rehearseScenario(scenario: Scenario = {}): Promise<Rehearsal & { out: string }> {
  const out = mkdtempSync(join(tmpdir(), 'lights-out-scenario-'));
  const rehearsal = await rehearse({
    out,
    system: scenario.system,
    systems: scenario.systems === undefined ? undefined : systemsFile(scenario.systems),
    input: scenario.input ?? {},
    faults: parseFaults(JSON.stringify(scenario.faults ?? [])),
    seedSql: scenario.seedSql,
    after: scenario.after,
    speed: scenario.speed ?? SPEED,
  });
  return { ...rehearsal, out };
}

/** A module that exports these systems, named by its content: the same systems are synthesised once, however many scenarios use them. */
function systemsFile(systems: SystemConfigInput[]): string {
  const text = `export const systems = ${JSON.stringify(systems, null, 2)};\n`;
  const folder = join(tmpdir(), 'lights-out-systems');
  const file = join(folder, `${createHash('sha256').update(text).digest('hex').slice(0, 16)}.mjs`);
  mkdirSync(folder, { recursive: true });
  // Whole or not at all: another test process may write the same file just now.
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
  return file;
}
