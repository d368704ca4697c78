import type { SystemConfig } from '../contract/config.ts';
import { EvidenceKey } from '../contract/keys.ts';
import type { Plan } from '../contract/plan-state.ts';
import { STARTUP_STEPS } from '../contract/startup-steps.ts';
import { SHUTDOWN_STEPS, type Step } from '../contract/step-lookup.ts';
import { StepName } from '../contract/steps.ts';
import { readEvidence, writeEvidence } from '../runtime/evidence.ts';

/** What `durations/<system>` and `durations/<system>-startup` hold: the last runs that succeeded, newest last. */
export interface DurationHistory {
  runs: { runId: string; endedAt: string; seconds: Partial<Record<StepName, number>> }[];
}

/** Runs kept: enough that one unusual run does not move the median. */
const RUNS_KEPT = 12;

/** The steps that a run with these policies leaves out. */
function isLeftOut(
  { partOf }: Step,
  verification: 'full' | 'none',
  files: SystemConfig['files']['backup'],
): boolean {
  if (partOf === 'proof of the running system') return true;
  if (partOf === 'files') return files === 'none';
  if (partOf === 'verification of files') return verification === 'none' || files !== 'verify';
  return partOf === 'verification' && verification === 'none';
}

/** Predicts a run from the medians of earlier ones, else from the defaults. */
export async function expectedDurations(
  system: string,
  verification: 'full' | 'none',
  files: SystemConfig['files']['backup'] = 'snapshot',
): Promise<Plan['expected']> {
  const history = (await readEvidence<DurationHistory>(EvidenceKey.durations(system)))?.value;
  const steps: Partial<Record<StepName, number>> = {};
  for (const step of SHUTDOWN_STEPS) {
    if (isLeftOut(step, verification, files)) continue;
    const known = (history?.runs ?? []).flatMap((run) => run.seconds[step.name] ?? []);
    const expected = median(known) ?? step.expectedSeconds;
    if (expected !== undefined) steps[step.name] = Math.round(expected);
  }
  return { totalSeconds: outageSeconds(steps), steps };
}

/** Steps of a run that only proves a backup, one after the other. */
const PROOF_STEPS = new Set<StepName>(
  (['manifest', 'snapshot', 'restore', 'verify', 'liveSource', 'testInstance', 'report'] as const).map(
    (key) => StepName[key],
  ),
);

/** Predicts a run that only proves a backup. */
export async function expectedProof(system: string): Promise<Plan['expected']> {
  const all = Object.entries((await expectedDurations(system, 'full', 'none')).steps);
  const steps = Object.fromEntries(all.filter(([name]) => PROOF_STEPS.has(name as StepName)));
  return { totalSeconds: Object.values(steps).reduce((sum, seconds) => sum + seconds, 0), steps };
}

/** Seconds for which the users are out. Stages follow each other; of branches that run in parallel the longest counts. */
function outageSeconds(seconds: Partial<Record<StepName, number>>): number {
  const counted = SHUTDOWN_STEPS.flatMap(({ name, outage }) =>
    outage === undefined ? [] : [{ ...outage, seconds: seconds[name] ?? 0 }],
  );
  const sum = (steps: typeof counted): number => steps.reduce((total, step) => total + step.seconds, 0);
  return [...Map.groupBy(counted, ({ stage }) => stage).values()]
    .map((stage) => Math.max(...[...Map.groupBy(stage, ({ branch }) => branch).values()].map(sum)))
    .reduce((total, stage) => total + stage, 0);
}

/**
 * How long a start-up takes until the doors can open, in seconds: nine of ten earlier ones took no longer. Without earlier ones, the sum of the defaults.
 */
export async function expectedStartup(system: string): Promise<number> {
  const history = (await readEvidence<DurationHistory>(EvidenceKey.startupDurations(system)))?.value;
  const steps = Object.values(STARTUP_STEPS).filter((step) => 'outage' in step);
  const totals = (history?.runs ?? []).map(({ seconds }) =>
    steps.reduce((sum, { name }) => sum + (seconds[name] ?? 0), 0),
  );
  return p90(totals) ?? steps.reduce((sum, { expectedSeconds }) => sum + expectedSeconds, 0);
}

/** Adds a finished run; the same run twice counts once. */
export async function recordDurations(system: string, run: DurationHistory['runs'][number]): Promise<void> {
  await addTo(EvidenceKey.durations(system), run);
}

/** Adds a start-up that succeeded; the same run twice counts once. */
export async function recordStartupDurations(
  system: string,
  run: DurationHistory['runs'][number],
): Promise<void> {
  await addTo(EvidenceKey.startupDurations(system), run);
}

async function addTo(key: string, run: DurationHistory['runs'][number]): Promise<void> {
  const history = (await readEvidence<DurationHistory>(key))?.value ?? { runs: [] };
  const runs = [...history.runs.filter((entry) => entry.runId !== run.runId), run].slice(-RUNS_KEPT);
  await writeEvidence(key, { runs });
}

/** The smallest value that nine of ten do not exceed. */
function p90(values: number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.9) - 1];
}

function median(values: number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? sorted[middle]
    : sorted.length === 0
      ? undefined
      : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
