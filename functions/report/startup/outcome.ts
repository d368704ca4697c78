import { ErrorName } from '../../contract/errors.ts';
import type { ReachedStartup, StartupOutcome } from '../../contract/startup-state.ts';

/** How a start-up ended, from its state alone: the same at every call. */
export function startupOutcome({
  failure,
  run,
  wake,
  alreadyOn,
  opened,
  database,
}: ReachedStartup): StartupOutcome {
  if (failure === undefined) {
    if (alreadyOn !== undefined) return 'already-on';
    if (run?.dryRun === true) return 'planned';
    return opened?.done === true ? 'succeeded' : 'failed';
  }
  if (failure.Error === ErrorName.RunInProgress) return 'refused';
  // From the first start on the run is at least half way, whatever it had seen started.
  return wake === undefined && database === undefined ? 'failed' : 'partly-on';
}

/** Whether anything may have been started. */
export const hasBegun = ({ wake, alreadyOn }: ReachedStartup): boolean =>
  wake !== undefined && alreadyOn === undefined && wake.reasons.length === 0;
