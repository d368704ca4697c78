import { ErrorName } from '../contract/errors.ts';
import type { Outcome, RunContext } from '../contract/state.ts';
import { meantToBeOff, meantToBeOn } from '../guard/intent.ts';
import { isOn } from './attention.ts';
import type { ReachedState } from './outcome.ts';
import type { ResourceState } from './resources.ts';

/**
 * Marks what the system is meant to be from now on: off after a shutdown, also one that could not switch off everything, since its
 * backup is proved and a person is told to finish it; on after a roll back. Anything else leaves the mark as it is. A run that a person stopped
 * on the way is marked so: what people start after it is theirs. Twice is harmless.
 */
export async function recordIntent(
  run: RunContext,
  outcome: Outcome,
  resources: ResourceState[],
  { recovery }: ReachedState,
): Promise<void> {
  if (run.dryRun) return;
  if (outcome === 'rolled-back') {
    await meantToBeOn(run.system, { by: `run ${run.id}`, reason: 'it rolled back' });
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
    aborted: recovery?.cleanedUp.Error === ErrorName.RunAborted,
  });
}
