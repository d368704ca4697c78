import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import type { SystemConfigInput } from '../../functions/contract/config.ts';
import type { RunInput } from '../../functions/contract/input.ts';
import type { Deployment } from '../../sandbox/deployment.ts';
import type { AfterStep } from '../../sandbox/rehearsal/aftermath.ts';
import { deploymentFor, rehearse } from '../../sandbox/rehearsal/rehearse.ts';
import type { Rehearsal } from '../../sandbox/rehearsal/run.ts';
import { StandingWorld } from '../../sandbox/rehearsal/standing-world.ts';
import { FEW_ROWS, ROWS } from '../../sandbox/world/database/crm.ts';
import { parseFaults } from '../../sandbox/world/fault-injection.ts';

export interface Scenario {
  input?: RunInput;
  faults?: object[];
  /** What happens once the run is over. */
  after?: AfterStep[];
  /**
   * Databases are made anew, stop, start and are copied; scripts run on the servers. Default: one source and one copy stand over all
   * scenarios of a file, and servers answer what the scripts would.
   */
  real?: boolean;
  /** Loaded in place of the generated CRM; implies `real`. */
  seedSql?: string;
  /** Rows of the generated CRM. Default 100: few questions need more. More imply `real`. */
  rows?: 100 | 100_000;
  system?: string;
  /** Systems in place of those of `systems.ts`. */
  systems?: SystemConfigInput[];
}

/** What was asked of the sandbox, as `calls.jsonl` has it. */
export interface RehearsedCall {
  function: string;
  operation: string;
  outcome: string;
  at: string;
  resources: string[];
  parameters: Record<string, unknown>;
}

/** A rehearsal that is over, and what it left in its folder. */
export interface Rehearsed extends Rehearsal {
  out: string;
  /** Every call, in order. */
  calls(): RehearsedCall[];
  /** Folder of the run's evidence. */
  evidenceFolder(): string;
  /** An object of the run's evidence. */
  evidence(name: string): string;
}

/** What a run that rolled back, or did not begin, leaves of a system. */
export const EVERYTHING_ON = { database: 'available', testInstances: [], locks: [], maintenance: false };

/** Rehearses a whole run into a folder of its own, which is gone when the test is over. */
export async function rehearseScenario(scenario: Scenario = {}): Promise<Rehearsed> {
  const out = mkdtempSync(join(tmpdir(), 'lights-out-scenario-'));
  onTestFinished(() => rmSync(out, { recursive: true, force: true }));
  const rehearsal = await rehearseIn(out, scenario);
  const onlyIn = (folder: string): string => join(folder, readdirSync(folder)[0] ?? '');
  // Of the one system that was rehearsed, the one run.
  const evidenceFolder = () => onlyIn(onlyIn(join(out, 'evidence', 'runs')));
  return {
    ...rehearsal,
    out,
    calls: () =>
      readFileSync(join(out, 'calls.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as RehearsedCall),
    evidenceFolder,
    evidence: (name) => readFileSync(join(evidenceFolder(), name), 'utf8'),
  };
}

async function rehearseIn(out: string, scenario: Scenario): Promise<Rehearsal> {
  const options = {
    out,
    system: scenario.system,
    systems: scenario.systems === undefined ? undefined : systemsFile(scenario.systems),
    input: scenario.input ?? {},
    faults: parseFaults(JSON.stringify(scenario.faults ?? [])),
    after: scenario.after,
  };
  const { seedSql } = scenario;
  if (seedSql !== undefined) return await rehearse({ ...options, seedSql, speed: Number.POSITIVE_INFINITY });
  const rows = scenario.rows === 100_000 ? ROWS : FEW_ROWS;
  const real = scenario.real === true || rows === ROWS ? { rows } : undefined;
  const world = await worldOf(await deploymentFor(options));
  return await world.run({ ...options, real }, (ended) => ended);
}

/** The world of the scenario before: mostly the next one is about the same system. */
let kept: { of: string; world: StandingWorld } | undefined;

async function worldOf(deployment: Deployment): Promise<StandingWorld> {
  const of = JSON.stringify(deployment);
  if (kept?.of === of) return kept.world;
  await kept?.world.stop();
  kept = undefined;
  const world = await StandingWorld.start(deployment, { start: Date.now() });
  kept = { of, world };
  return world;
}

afterAll(async () => {
  await kept?.world.stop();
});

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
