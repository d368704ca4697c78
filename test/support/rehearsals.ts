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
import { onTestFinished } from 'vitest';
import type { SystemConfigInput } from '../../functions/contract/config.ts';
import type { RunInput } from '../../functions/contract/input.ts';
import type { AfterStep } from '../../sandbox/rehearsal/aftermath.ts';
import { rehearse } from '../../sandbox/rehearsal/rehearse.ts';
import type { Rehearsal } from '../../sandbox/rehearsal/run.ts';
import { FEW_ROWS, ROWS } from '../../sandbox/world/database/crm.ts';
import { parseFaults } from '../../sandbox/world/fault-injection.ts';

export interface Scenario {
  input?: RunInput;
  faults?: object[];
  /** What happens once the run is over. */
  after?: AfterStep[];
  /** Simulated seconds in a real second. Default `Infinity`: a scenario waits for nothing but real work. */
  speed?: number;
  seedSql?: string;
  /** Rows of the generated CRM. Default 100: few questions need more. */
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
  const rehearsal = await rehearse({
    out,
    system: scenario.system,
    systems: scenario.systems === undefined ? undefined : systemsFile(scenario.systems),
    input: scenario.input ?? {},
    faults: parseFaults(JSON.stringify(scenario.faults ?? [])),
    seedSql: scenario.seedSql,
    rows: scenario.rows === 100_000 ? ROWS : FEW_ROWS,
    after: scenario.after,
    speed: scenario.speed ?? Number.POSITIVE_INFINITY,
  });
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
