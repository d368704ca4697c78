import { databaseEventsSince } from '../aws/rds/events.ts';
import type { SystemConfig } from '../contract/config.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';
import { EvidenceKey } from '../contract/keys.ts';
import type { Outcome, RunContext } from '../contract/state.ts';
import { StepName } from '../contract/steps.ts';
import { readIntent } from '../guard/intent.ts';
import { listRuns, startOf } from '../guard/known-runs.ts';
import { requireProof } from '../guard/proof.ts';
import { readEvidence } from '../runtime/evidence.ts';
import { isOn } from './attention.ts';
import type { Certificate } from './certificate.ts';
import type { ReachedState } from './outcome.ts';
import { finalStates } from './resources.ts';

/** The facts by which the way on is found. */
export interface EndedRun {
  run: RunContext;
  config: SystemConfig;
  state: ReachedState;
  /** How the run was last closed, by itself or by CleanUp. Undefined if it never was. */
  certificate: Certificate | undefined;
}

/** Outcomes of runs that touched nothing. */
const HARMLESS: Outcome[] = ['planned', 'denied', 'skipped', 'already-off'];

/**
 * Requires that no other run has touched the system, or marked it as off, since this run began.
 *
 * @throws LightsOutError `RedriveRefused` naming that run.
 */
export async function requireNobodySince({ run }: EndedRun): Promise<void> {
  const begun = startOf(run.id) ?? 0;
  const later = (await listRuns(run.system)).filter(
    ({ id, startedAt }) => id !== run.id && startedAt >= begun,
  );
  for (const { id } of later) {
    if (await mayHaveTouched(run.system, id)) throw refused(run, `run ${id} has touched the system since`);
  }
  const intent = (await readIntent(run.system))?.value;
  if (intent?.wanted === 'off' && intent.run?.id !== run.id)
    throw refused(run, `the system is meant to be off since ${intent.since}, by ${intent.by}`);
}

async function mayHaveTouched(system: string, runId: string): Promise<boolean> {
  const certificate = (await readEvidence<Certificate>(EvidenceKey.certificate(system, runId)))?.value;
  if (certificate !== undefined) {
    if (HARMLESS.includes(certificate.outcome)) return false;
    // Without the run's history nobody knows how far it came.
    return certificate.steps.length === 0 || certificate.steps.some(({ name }) => name === StepName.drain);
  }
  const plan = (await readEvidence<{ accepted: boolean }>(EvidenceKey.plan(system, runId)))?.value;
  return plan?.accepted === true;
}

/**
 * Requires that the run's proof still holds. The system must be marked as off by this run and not released, no stopped resource may have
 * been started since, and the proved snapshot must exist. If the run was never closed, its lock takes the place of the mark: the run has
 * held the lock ever since.
 *
 * @throws LightsOutError `RedriveRefused` naming what happened, `VerificationImpossible` when the snapshot is missing or was not proved.
 */
export async function requireStillProved(ended: EndedRun): Promise<void> {
  const { run, config, state, certificate } = ended;
  if (certificate === undefined) return;
  await requireProof(config, run.id);
  const intent = (await readIntent(run.system))?.value;
  if (intent?.wanted !== 'off' || intent.run?.id !== run.id)
    throw refused(
      run,
      `the system is not marked as off by it any more (since ${intent?.since ?? 'ever'}, by ${intent?.by ?? 'nobody'})`,
    );
  if (intent.stoppedAgain > 0)
    throw refused(
      run,
      `something of it had been started since, and was stopped again by ${intent.stoppedAgainBy ?? 'the watch'}`,
    );
  const now = await finalStates(config, run.id, state);
  const started = now.filter(
    (resource) =>
      isOn(resource) &&
      (resource.kind === 'database' || resource.kind === 'server') &&
      certificate.resources.some(({ name, state: before }) => name === resource.name && OFF.has(before)),
  );
  if (started.length > 0)
    throw refused(
      run,
      `${started.map(({ name }) => name).join(', ')} had been off when it ended and was started since`,
    );
  // RDS keeps its events as long as an execution can be redriven, 14 days.
  if ((await databaseEventsSince(config, certificate.closedAt)).some((message) => START.test(message)))
    throw refused(run, `RDS says that database ${config.database.identifier} was started since it ended`);
}

const OFF = new Set(['stopped', 'stopping']);

/**
 * "DB instance started", "DB cluster started", and the start that RDS makes by itself; not "restarted":
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
 */
const START = /\b(started|being started)\b/i;

/** A redrive that may not go on: what was found, and what to do. */
export function refused(run: RunContext, found: string): LightsOutError {
  return new LightsOutError(
    ErrorName.RedriveRefused,
    `run ${run.id} was redriven and does not go on: ${found}. Nothing was touched. Look how the system is, release it if it is marked as off ` +
      '(lights-out release), bring up what is down, and start a new run',
  );
}
