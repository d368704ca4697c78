import { ErrorName, isShutOut } from '../contract/errors.ts';
import type { Failure, Outcome, Rollback } from '../contract/state.ts';
import type { ReachedState } from '../contract/state-after.ts';
import { causeText } from '../notices/outcome.ts';
import { shorten } from '../runtime/shorten.ts';

export type { ReachedState } from '../contract/state-after.ts';

export function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'Error' in value;
}

/** Outcomes of a run that did what it was asked for. */
const ENDED_WELL = new Set<Outcome>(['succeeded', 'planned', 'proved', 'already-off']);

/** How a run ended, from its state alone: the same at every call. In doubt the worse of two answers. */
export function outcomeOf(state: ReachedState): Outcome {
  const error = state.failure?.Error;
  if (state.run?.onlyProve === true && error === undefined && state.run.dryRun !== true)
    return isDone(state.sourceLook) && isDone(state.testInstance) ? 'proved' : 'failed';
  if (lostLock(state)) return 'failed';
  if (state.off !== undefined && state.rollback === undefined && error === undefined) {
    return isDone(state.off.database) && isDone(state.off.servers) ? 'succeeded' : 'partly-off';
  }
  if (error === undefined && state.plan?.alreadyOff !== undefined) return 'already-off';
  if (error === undefined) return state.run?.dryRun === true ? 'planned' : 'failed';
  if (error === ErrorName.ApprovalDenied) return 'denied';
  if (error === ErrorName.RunInProgress) return 'refused';
  if (error === ErrorName.Held) return (state.announcement?.sent ?? 0) > 0 ? 'called-off' : 'skipped';
  // Nothing was stopped, so there was nothing to roll back.
  if (state.run?.onlyProve === true) return 'failed';
  return state.rollback !== undefined && isBack(state.rollback) ? 'rolled-back' : 'failed';
}

/**
 * Tells whether the run found its lock gone when it was about to switch something. Then the system belongs to people or to another run.
 * Running resources are not left to be stopped, stopped resources are not left to be started, and the mark stays.
 */
export function lostLock({ off, rollback }: ReachedState): boolean {
  const last =
    rollback === undefined ? [off?.database, off?.servers] : [rollback.services, rollback.maintenance];
  return last.some((part) => isFailure(part) && isShutOut(part.Error));
}

/** Tells whether every part of the roll back was seen done. A missing part was not. */
function isBack({ testInstance, testVolumes, services, maintenance }: Rollback): boolean {
  // Only systems that restore volumes have this part.
  const volumesGone = testVolumes === undefined || isDone(testVolumes);
  return isDone(testInstance) && volumesGone && isDone(services) && isDone(maintenance);
}

function isDone(part: { done: boolean } | Failure | undefined): boolean {
  return part !== undefined && !isFailure(part) && part.done;
}

/** The failure to report: the run's own, or the first of the resources still on. */
export function failureOf(state: ReachedState): Failure | undefined {
  if (state.failure !== undefined) return state.failure;
  const failures = [state.off?.database, state.off?.servers].filter(isFailure);
  return failures.find(({ Error: name }) => isShutOut(name)) ?? failures[0];
}

/**
 * The error by which the run's execution ends, in words for people: the failure that ended the run, or `PartlyOff`. Undefined when the run
 * ended well.
 */
export function errorOf(state: ReachedState, outcome: Outcome, summary: string): Failure | undefined {
  const failure = state.failure ?? (lostLock(state) ? failureOf(state) : undefined);
  if (failure !== undefined) return { Error: failure.Error, Cause: shorten(causeText(failure.Cause)) };
  if (ENDED_WELL.has(outcome)) return undefined;
  return { Error: ErrorName.PartlyOff, Cause: shorten(summary) };
}

/** The outcome and what led to it in one sentence, for the execution's own cause. */
export function summaryOf(outcome: Outcome, failure: Failure | undefined): string {
  return failure === undefined ? outcome : `${outcome}: ${failure.Error}: ${causeText(failure.Cause)}`;
}

/** Tells whether something may have been switched, so that "nothing was touched" would be false. */
export function isTouched({ drain, services, backup, off, rollback }: ReachedState): boolean {
  return [drain, services, backup, off, rollback].some((part) => part !== undefined);
}
