import { ErrorName } from '../shared/contract/errors.ts';
import type { Failure, Outcome, ShutdownState } from '../shared/contract/state.ts';

/** A run's state as far as it got. */
export type ReachedState = Partial<ShutdownState>;

export function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'Error' in value;
}

/** How a run ended, from its state alone: the same however often it is asked. */
export function outcomeOf(state: ReachedState): Outcome {
  if (state.off !== undefined) {
    return isFailure(state.off.database) || isFailure(state.off.servers) ? 'partly-off' : 'succeeded';
  }
  const error = state.failure?.Error;
  if (error === undefined) return state.run?.dryRun === true ? 'planned' : 'failed';
  if (error === ErrorName.ApprovalDenied) return 'denied';
  if (error === ErrorName.RunInProgress) return 'skipped';
  if (state.rollback === undefined) return 'failed';
  return Object.values(state.rollback).some(isFailure) ? 'failed' : 'rolled-back';
}

/** The failure to tell of: the run's own, or the first of what is still on. */
export function failureOf(state: ReachedState): Failure | undefined {
  if (state.failure !== undefined) return state.failure;
  return [state.off?.database, state.off?.servers].find(isFailure);
}
