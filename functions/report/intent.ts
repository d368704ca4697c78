import { ErrorName } from '../contract/errors.ts';
import type { Outcome, RunContext } from '../contract/state.ts';
import { meantToBeOff, meantToBeOn, noteOpened } from '../guard/intent.ts';
import { isOn } from './attention.ts';
import { isTouched, type ReachedState } from './outcome.ts';
import type { ResourceState } from './resources.ts';

/**
 * Marks the system as meant to be off or on. A shutdown marks off, even if it could not switch everything off: its backup is proved and a
 * person is told to finish. A roll back, and a run that touched nothing, mark on and open. Any other outcome leaves the mark.
 * If a person stopped the run on its way, the mark says so: resources that people start afterwards stay on. Twice is harmless.
 */
export async function recordIntent(
  run: RunContext,
  outcome: Outcome,
  resources: ResourceState[],
  state: ReachedState,
): Promise<void> {
  if (run.dryRun || run.onlyProve === true) return;
  const isAsBefore = state.acceptance !== undefined && !isTouched(state);
  if (outcome === 'rolled-back' || (isAsBefore && outcome !== 'succeeded')) {
    await meantToBeOn(run.system, { by: `run ${run.id}`, reason: 'it rolled back' });
    await noteOpened(run.system, new Date(Date.now()).toISOString());
    return;
  }
  if (outcome !== 'succeeded' && outcome !== 'partly-off') return;
  const database = resources.find((resource) => resource.kind === 'database');
  const stillOn = resources.filter(
    (resource) => (resource.kind === 'database' || resource.kind === 'server') && isOn(resource),
  );
  await meantToBeOff(run, {
    databaseStopped: database?.state === 'stopped',
    stillOn: stillOn.map((resource) => resource.name),
    aborted: state.recovery?.cleanedUp.Error === ErrorName.RunAborted,
  });
}
