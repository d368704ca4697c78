import type { SystemConfig } from '../contract/config.ts';
import { EvidenceKey } from '../contract/keys.ts';
import { type Plan, StepName } from '../contract/state.ts';
import { readEvidence, writeEvidence } from '../runtime/evidence.ts';

/** What `durations/<system>` holds: the last runs that succeeded, newest last. */
export interface DurationHistory {
  runs: { runId: string; endedAt: string; seconds: Partial<Record<StepName, number>> }[];
}

/** Runs kept: enough for a median that one odd night does not move. */
const RUNS_KEPT = 12;

/** What a step takes before there is any history, in seconds: small instances, tens of GiB. Told as an estimate. */
const DEFAULT_SECONDS: Partial<Record<StepName, number>> = {
  [StepName.plan]: 10,
  [StepName.drain]: 300,
  [StepName.services]: 60,
  [StepName.manifest]: 60,
  [StepName.snapshot]: 480,
  [StepName.volumes]: 300,
  [StepName.verifyVolumes]: 120,
  [StepName.testVolumes]: 5,
  [StepName.restore]: 900,
  [StepName.verify]: 120,
  [StepName.testInstance]: 300,
  [StepName.confirmServices]: 10,
  [StepName.confirmSource]: 5,
  [StepName.database]: 360,
  [StepName.servers]: 90,
  [StepName.report]: 10,
};

/** What counts for the users' outage, one after the other; of branches that run side by side the longest counts. */
const CRITICAL_PATH: StepName[][][] = [
  [[StepName.drain]],
  [[StepName.updates]],
  [[StepName.services]],
  [
    [StepName.manifest],
    [StepName.snapshot],
    [StepName.volumes, StepName.verifyVolumes, StepName.testVolumes],
  ],
  [[StepName.restore]],
  [[StepName.verify]],
  [[StepName.testInstance]],
  [[StepName.confirmServices]],
  [[StepName.confirmSource]],
  [[StepName.database], [StepName.servers]],
  [[StepName.report]],
];

/** Steps that a run without verification leaves out. */
const VERIFICATION_STEPS: StepName[] = [
  StepName.manifest,
  StepName.restore,
  StepName.verify,
  StepName.testInstance,
  StepName.confirmSource,
  StepName.verifyVolumes,
  StepName.testVolumes,
];

/** What a run leaves out of the care for the CRM's files. */
const FILES_STEPS_LEFT_OUT: Record<SystemConfig['files']['backup'], StepName[]> = {
  none: [StepName.volumes, StepName.verifyVolumes, StepName.testVolumes],
  snapshot: [StepName.verifyVolumes, StepName.testVolumes],
  verify: [],
};

/** Predicts a run from the medians of earlier ones, else from the defaults. */
export async function expectedDurations(
  system: string,
  verification: 'full' | 'none',
  files: SystemConfig['files']['backup'] = 'snapshot',
): Promise<Plan['expected']> {
  const history = (await readEvidence<DurationHistory>(EvidenceKey.durations(system)))?.value;
  const steps: Partial<Record<StepName, number>> = {};
  for (const name of Object.values(StepName)) {
    if (verification === 'none' && VERIFICATION_STEPS.includes(name)) continue;
    if (FILES_STEPS_LEFT_OUT[files].includes(name)) continue;
    const known = (history?.runs ?? []).flatMap((run) => run.seconds[name] ?? []);
    const expected = median(known) ?? DEFAULT_SECONDS[name];
    if (expected !== undefined) steps[name] = Math.round(expected);
  }
  const secondsOf = (names: StepName[]): number => names.reduce((sum, name) => sum + (steps[name] ?? 0), 0);
  const totalSeconds = CRITICAL_PATH.reduce(
    (sum, branches) => sum + Math.max(0, ...branches.map(secondsOf)),
    0,
  );
  return { totalSeconds, steps };
}

/** Adds a finished run; the same run twice counts once. */
export async function recordDurations(system: string, run: DurationHistory['runs'][number]): Promise<void> {
  const key = EvidenceKey.durations(system);
  const history = (await readEvidence<DurationHistory>(key))?.value ?? { runs: [] };
  const runs = [...history.runs.filter((entry) => entry.runId !== run.runId), run].slice(-RUNS_KEPT);
  await writeEvidence(key, { runs });
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
