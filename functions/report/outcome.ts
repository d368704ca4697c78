import { ErrorName, isShutOut } from '../contract/errors.ts';
import type { Failure, Outcome, Rollback } from '../contract/state.ts';
import type { ReachedState } from '../contract/state-after.ts';
import { causeText } from '../notices/outcome.ts';

export type { ReachedState } from '../contract/state-after.ts';

export function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'Error' in value;
}

/** How a run ended, from its state alone: the same however often it is asked. In doubt the worse of two answers. */
export function outcomeOf(state: ReachedState): Outcome {
  const error = (state.failure ?? state.redriven?.failure)?.Error;
  if (lostLock(state)) return 'failed';
  if (state.off !== undefined && state.rollback === undefined && error === undefined) {
    return isDone(state.off.database) && isDone(state.off.servers) ? 'succeeded' : 'partly-off';
  }
  if (error === undefined && state.plan?.alreadyOff !== undefined) return 'already-off';
  if (error === undefined) return state.run?.dryRun === true ? 'planned' : 'failed';
  if (error === ErrorName.ApprovalDenied) return 'denied';
  if (error === ErrorName.RunInProgress) return 'skipped';
  return state.rollback !== undefined && isBack(state.rollback) ? 'rolled-back' : 'failed';
}

/**
 * The run found its lock gone where it would have switched something. Then the system belongs to people or to another run: nothing that is
 * on is left to be stopped, nothing that is off to be started, and what the system is meant to be stays as it is marked.
 */
export function lostLock({ off, rollback }: ReachedState): boolean {
  // A roll back comes after the switching off only where a redriven run was to go on, and could not.
  const last =
    rollback === undefined ? [off?.database, off?.servers] : [rollback.services, rollback.maintenance];
  return last.some((part) => isFailure(part) && isShutOut(part.Error));
}

/** Every part of the roll back was seen done: a part that is missing is not. */
function isBack({ testInstance, testVolumes, services, maintenance }: Rollback): boolean {
  // Only systems that restore volumes have that part.
  const volumesGone = testVolumes === undefined || isDone(testVolumes);
  return isDone(testInstance) && volumesGone && isDone(services) && isDone(maintenance);
}

function isDone(part: { done: boolean } | Failure | undefined): boolean {
  return part !== undefined && !isFailure(part) && part.done;
}

/** The failure to tell of: the run's own, or the first of what is still on. */
export function failureOf(state: ReachedState): Failure | undefined {
  // Of a run that a redrive let go on: what had ended it, not what shut the redrive out at first.
  const failure = state.redriven?.failure ?? state.failure;
  if (failure !== undefined) return failure;
  const failures = [state.off?.database, state.off?.servers].filter(isFailure);
  return failures.find(({ Error: name }) => isShutOut(name)) ?? failures[0];
}

/** The outcome and what led to it in one sentence, for the execution's own cause. */
export function summaryOf(outcome: Outcome, failure: Failure | undefined): string {
  return failure === undefined ? outcome : `${outcome}: ${failure.Error}: ${causeText(failure.Cause)}`;
}

/** Something may have been switched, so "nothing was touched" would not be true. */
export function isTouched({ drain, services, backup, off, rollback }: ReachedState): boolean {
  return [drain, services, backup, off, rollback].some((part) => part !== undefined);
}
