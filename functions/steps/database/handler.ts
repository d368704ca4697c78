import { databaseKindOf } from '../../aws/rds/kinds.ts';
import { DEADLINE_SECONDS } from '../../contract/deadlines.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { DatabaseResult, ShutdownState } from '../../contract/state.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import { OLDEST_SECONDS, secondsSinceLook } from '../../databases/last-look.ts';
import { requireLock } from '../../guard/lock.ts';
import { predictWait } from '../../runtime/prediction.ts';
import { defineStep, elapsed, progressOf, type StepEvent } from '../../runtime/step.ts';

export type DatabaseEvent = StepEvent<
  'stop',
  StateAfter<
    'plan',
    | 'run'
    | 'config'
    | 'plan'
    | 'backup'
    | 'comparison'
    | 'testInstance'
    | 'servicesLook'
    | 'sourceLook'
    | 'off'
  >
>;

/**
 * Stops the database and sees it `stopped`.
 *
 * Trigger: the workflow's state "Stop database", past the point of no return, called again until done.
 * RDS's status is eventually consistent. So the stop is requested unless the status is known to be stopped, and a stopping database's
 * refusal is no error. If somebody starts the database meanwhile, it is stopped again until the deadline.
 * The lock is looked at before each request: if the run was stopped and cleaned up meanwhile, its proof may be older than the data.
 * Rejects with `VerificationImpossible` when the state does not prove a verified snapshot, `LockLost`,
 * `DatabaseDidNotStop` at the deadline.
 */
export const handler = defineStep('database', async (event: DatabaseEvent): Promise<DatabaseResult> => {
  const { config, plan, run } = event.state;
  requireVerifiedSnapshot(event.state);
  const identifier = config.database.identifier;
  const previous = progressOf(event.state.off?.database);
  const { since, seconds } = elapsed(previous);
  const kind = databaseKindOf(config);
  const requestStop = async (): Promise<void> => {
    await requireLock(run.system, event.execution.id);
    await kind.requestStop(identifier);
  };
  if (previous === undefined) {
    await requireFreshLook(event.state, () => kind.status(identifier));
    await requestStop();
  }
  const state = await kind.status(identifier);
  if (state === undefined)
    throw notStopped(identifier, `is not there: RDS knows no ${kind.noun} of this name`);
  if (state === 'stopped') return { done: true, waitSeconds: 0, since, identifier, state };
  const minutes = Math.round(seconds / 60);
  if (kind.terminal.has(state))
    throw notStopped(identifier, `is "${state}", from which RDS does not stop it`);
  if (seconds > DEADLINE_SECONDS.database)
    throw notStopped(identifier, `is still "${state}" after ${minutes} min`);
  if (previous !== undefined && state !== 'stopping') await requestStop();
  const wait = predictWait({
    elapsedSeconds: seconds,
    expectedSeconds: plan.expected.steps['Stop database'],
  });
  return { done: false, waitSeconds: wait, since, identifier, state };
});

function notStopped(identifier: string, found: string): LightsOutError {
  return new LightsOutError(
    ErrorName.DatabaseDidNotStop,
    `database ${identifier} ${found}; expected "stopped": see its events in the RDS console, then stop it by hand`,
  );
}

/**
 * Requires that the last look is recent. After many tries in this state the proof may be older than the data.
 */
async function requireFreshLook(
  state: Pick<ShutdownState, 'run' | 'servicesLook' | 'sourceLook'>,
  statusNow: () => Promise<string | undefined>,
): Promise<void> {
  const seconds = secondsSinceLook(state);
  if (state.run.verification === 'none' || seconds === undefined || seconds <= OLDEST_SECONDS) return;
  const status = await statusNow();
  if (status === 'stopping' || status === 'stopped') return;
  throw new LightsOutError(
    ErrorName.VerificationImpossible,
    `the database is not stopped: the source was looked at for the last time ${Math.round(seconds / 60)} minutes ago, expected ${OLDEST_SECONDS / 60} at most, so it may hold more than ` +
      'the backup: look who has used the system since, release it, bring it up, and start a new run',
  );
}

/**
 * Invariant 1: no stop without a verified snapshot of this run, or the operator's `verification: 'none'` on record. The order of the workflow proves nothing
 * here, so no part of the proof is taken for certain.
 */
function requireVerifiedSnapshot({
  run,
  backup,
  comparison,
  testInstance,
}: StateAfter<'plan', 'run' | 'backup' | 'comparison' | 'testInstance'>): void {
  const snapshot = backup?.snapshot?.done === true;
  const verified = comparison?.done === true && comparison.equal && testInstance?.done === true;
  if (snapshot && (verified || run.verification === 'none')) return;
  throw new LightsOutError(
    ErrorName.VerificationImpossible,
    `the database is not stopped: this run has ${snapshot ? 'a snapshot, but no proof that it is good' : 'no snapshot'}; expected a verified one: start the run from its beginning`,
  );
}
