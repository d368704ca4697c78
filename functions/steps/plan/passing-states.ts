import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { Reason } from '../../contract/plan-state.ts';
import type { RunContext } from '../../contract/state.ts';

/**
 * How long a run waits for a state that passes by itself, in minutes from its start: an automated backup, a starting server. Storage
 * optimisation may take a day (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.ModifyingExisting.html). Then the plan
 * refuses, and a person starts the run again afterwards.
 */
const WAIT_MINUTES = 30;

/**
 * Lets a run look again a little later, in place of refusing, if every reason is a state that passes by itself.
 *
 * @throws LightsOutError `NotSettledYet` naming those states: the workflow calls the look again (`SETTLES` in
 * lib/workflows/retry-policies.ts).
 */
export function waitForWhatPasses(run: Pick<RunContext, 'startedAt'>, reasons: Reason[]): void {
  if (reasons.length === 0 || reasons.some(({ passes }) => passes !== true)) return;
  const waited = (Date.now() - Date.parse(run.startedAt)) / 60_000;
  if (waited >= WAIT_MINUTES) return;
  const list = reasons.map(({ resource, problem }) => `${resource}: ${problem}`).join('; ');
  throw new LightsOutError(
    ErrorName.NotSettledYet,
    `${list}; that passes by itself, so it is looked at again every minute, for ${WAIT_MINUTES} minutes in all. Nothing was touched`,
  );
}
