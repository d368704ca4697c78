import { ErrorName, isShutOut } from '../contract/errors.ts';
import type { ExecutionReference, Failure, Redriven } from '../contract/state.ts';
import { causeText } from '../notices/outcome.ts';
import type { ReportResult } from './already-closed.ts';
import { ownState } from './context.ts';
import { failureOf, lostLock, type ReachedState } from './outcome.ts';
import { wayOn } from './redrive.ts';

/** The run's state at its end. The run is closed, or the state says why it could not be. */
export type EndingState = ReachedState & { report?: Pick<ReportResult, 'summary' | 'redrives'> };

/** The error by which the execution ends, with the name and the words of the failure that ended the run. */
class RunEnded extends Error {
  constructor({ Error: name, Cause: cause }: Failure, more = '') {
    super(`${causeText(cause)}${more}`);
    this.name = name;
    // Lambda adds the stack to the cause. The stack would only repeat the message and this place.
    this.stack = name;
  }
}

/**
 * Ends a run that did not succeed with the error that ended it. If the execution was redriven, finds where the run goes on instead. A Fail
 * state would fail again when redriven (https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html). This task is what
 * makes a failed run redrivable.
 *
 * The way on is looked for once a redrive: when this state itself was redriven, or when a redriven run could not go on for lack of its
 * lock.
 *
 * @throws RunEnded when the run ends, LightsOutError `RunInProgress`, `RedriveRefused`, `VerificationImpossible` when the run may not go
 * on.
 */
export async function endRun(execution: ExecutionReference, given: EndingState): Promise<Redriven> {
  const state = ownState(execution, given, false) as EndingState;
  const count = execution.redriveCount ?? 0;
  const isRedriven = count > (given.ended?.redriveCount ?? 0);
  const wasDecided = state.redriven?.count === count;
  const failure = endOf(state, count);
  if (count === 0 || wasDecided || !(isRedriven || wasShutOut(state))) throw new RunEnded(failure);
  const way = await wayOn(execution, state, count);
  if (way === undefined)
    throw new RunEnded(failure, '. A redrive has nothing to do for this run: start a new one');
  return way;
}

/** The failure that ended the run. */
function endOf(state: EndingState, count: number): Failure {
  // The failure of an earlier try, if the run was closed after it was redriven.
  const closing = state.report?.redrives === count ? undefined : state.closing;
  const failure = closing ?? state.redriven?.failure ?? state.failure;
  if (failure !== undefined) return failure;
  const part = failureOf(state);
  if (part !== undefined && lostLock(state)) return part;
  return { Error: ErrorName.PartlyOff, Cause: state.report?.summary ?? part?.Cause ?? '' };
}

/** A step looked for the run's lock and did not find it. */
function wasShutOut(state: EndingState): boolean {
  return isShutOut(state.failure?.Error) || lostLock(state);
}
