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
import { basename, join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import type { SystemConfigInput } from '../../functions/contract/config.ts';
import { defined } from '../../functions/contract/defined.ts';
import type { RunInput } from '../../functions/contract/input.ts';
import type { StartupInput } from '../../functions/contract/startup-input.ts';
import type { Deployment } from '../../sandbox/deployment.ts';
import { deploymentFor } from '../../sandbox/rehearsal/rehearse.ts';
import { type Rehearsal, type RehearsedAction, type RunOptions, runIn } from '../../sandbox/rehearsal/run.ts';
import { type RunRecord, runFolder } from '../../sandbox/rehearsal/run-record.ts';
import { type Sandbox, startSandbox } from '../../sandbox/rehearsal/sandbox.ts';
import { type StandingRun, StandingWorld } from '../../sandbox/rehearsal/standing-world.ts';
import { FEW_ROWS, ROWS, type RowCounts } from '../../sandbox/world/database/crm.ts';
import { parseFaults } from '../../sandbox/world/fault-injection.ts';
import type { NoticeLine } from '../../sandbox/world/notice-log.ts';
import { BringBack } from './bring-back.ts';

export interface Scenario {
  /** Default: a shutdown. */
  action?: RehearsedAction;
  input?: RunInput | StartupInput;
  faults?: object[];
  /** What happens once the run is over. */
  after?: RunOptions['after'];
  /**
   * Databases are made anew, stop, start and are copied; scripts run on the servers. Default: one source and one copy stand over all
   * scenarios of a file, and servers answer what the scripts would.
   */
  real?: boolean;
  /** Loaded in place of the generated CRM, in a world of its own; implies `real`. */
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

/** The start-up that followed a scenario which had left its system off. The scenario's own record and folder know nothing of it. */
interface BroughtBack {
  broughtBack?: RunRecord;
}

/** A rehearsal that is over, and what it left in its folder. */
export interface Rehearsed extends Rehearsal, BroughtBack {
  out: string;
  /** Every call, in order. */
  calls(): RehearsedCall[];
  /** Folder of the run's evidence. */
  evidenceFolder(): string;
  /** An object of the run's evidence. */
  evidence(name: string): string;
  /** An object of the evidence of a run that a step of `after` started. */
  evidenceOf(step: number, name: string): Promise<string>;
  /** Every delivery, in order. */
  notices(): NoticeLine[];
  /** The mails of a kind in plain text, both languages, in the order in which they were sent. */
  mails(kind: string): string[];
}

/** What a run that rolled back, or did not begin, leaves of a system. */
export const EVERYTHING_ON = { database: 'available', testInstances: [], locks: [], maintenance: false };

/** Rehearses a whole run into a folder of its own, which is gone when the test is over. */
export async function rehearseScenario(scenario: Scenario = {}): Promise<Rehearsed> {
  const out = mkdtempSync(join(tmpdir(), 'lights-out-scenario-'));
  onTestFinished(() => rmSync(out, { recursive: true, force: true }));
  const rehearsal = await rehearseIn(out, scenario);
  const onlyIn = (folder: string): string => join(folder, readdirSync(folder)[0] ?? '');
  // Of the one system that was rehearsed, the run: without a certificate nobody knows its id, and it is the only one.
  const ofSystem = () => onlyIn(join(out, 'evidence', 'runs'));
  const { runId, executionArn } = rehearsal.record;
  const evidenceFolder = () => (runId === '' ? onlyIn(ofSystem()) : join(ofSystem(), runId));
  return {
    ...rehearsal,
    out,
    calls: () => linesOf<RehearsedCall>(join(out, 'calls.jsonl')),
    evidenceFolder,
    evidence: (name) => readFileSync(join(evidenceFolder(), name), 'utf8'),
    evidenceOf: async (step, name) => {
      const arn = rehearsal.aftermath[step]?.run?.arn ?? executionArn;
      return readFileSync(join((await runFolder(out, basename(ofSystem()), arn)) ?? '', name), 'utf8');
    },
    notices: () => linesOf<NoticeLine>(join(out, 'notices.jsonl')),
    mails: (kind) =>
      readdirSync(join(out, 'mail'))
        .filter((name) => new RegExp(`^\\d+-${kind}-`).test(name))
        .sort()
        .map((name) => plainText(readFileSync(join(out, 'mail', name), 'latin1'))),
  };
}

const linesOf = <Line>(file: string): Line[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** A mail with its encodings undone: quoted-printable breaks long lines. */
const plainText = (raw: string): string =>
  Buffer.from(
    raw
      .replaceAll(/=\r?\n/g, '')
      .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');

async function rehearseIn(out: string, scenario: Scenario): Promise<Rehearsal & BroughtBack> {
  const { after } = scenario;
  const options = {
    out,
    system: scenario.system,
    systems: scenario.systems === undefined ? undefined : systemsFile(scenario.systems),
    action: scenario.action,
    input: scenario.input ?? {},
    seedSql: scenario.seedSql,
    faults: parseFaults(JSON.stringify(scenario.faults ?? [])),
    after: Array.isArray(after) ? after : undefined,
  };
  const deployment = await deploymentFor(options);
  const back = new BringBack(out);
  try {
    return await runOf(
      deployment,
      {
        ...options,
        rows: scenario.rows === 100_000 ? ROWS : FEW_ROWS,
        isReal: scenario.real === true || scenario.rows === 100_000,
        after: (ended, sandbox) => {
          back.hold(sandbox);
          return typeof after === 'function' ? after(ended, sandbox) : (after ?? []);
        },
      },
      async (rehearsal, sandbox) => ({
        ...rehearsal,
        ...defined({ broughtBack: await back.judge(rehearsal, sandbox, scenario) }),
      }),
    );
  } finally {
    back.restoreFolder();
  }
}

/** One run, and a look at it while its world is there. A database from a file gets a world of its own. */
async function runOf<Seen>(
  deployment: Deployment,
  options: StandingRun & { seedSql: string | undefined; rows: RowCounts; isReal: boolean },
  look: (rehearsal: Rehearsal, sandbox: Sandbox) => Promise<Seen>,
): Promise<Seen> {
  const { seedSql, rows, isReal } = options;
  if (seedSql === undefined) {
    const world = await worldOf(deployment);
    return await world.run({ ...options, real: isReal ? { rows } : undefined }, look);
  }
  const sandbox = await startSandbox({
    ...options,
    deployment,
    speed: Number.POSITIVE_INFINITY,
    start: Date.now(),
  });
  try {
    return await look(await runIn(sandbox, { ...options, system: deployment.config.name }), sandbox);
  } finally {
    await sandbox.stop();
  }
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
