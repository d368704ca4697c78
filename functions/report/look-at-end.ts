import type { SystemConfig } from '../contract/config.ts';
import { pause } from '../contract/pause.ts';
import { attentionOf } from './attention.ts';
import { outcomeOf, type ReachedState } from './outcome.ts';
import { finalStates, type ResourceState } from './resources.ts';

/**
 * Pauses before another look, in milliseconds: 10 s in all. EC2 and RDS may answer an older state than a step has already seen:
 * https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 */
const PAUSES_MILLISECONDS = [2_000, 4_000, 4_000];

/**
 * Looks at every resource at the end of a run. If a step has seen the goal reached and a resource now looks different, the look is repeated
 * before it is believed. So no certificate of a clean shutdown calls a stopped server running.
 */
export async function lookAtTheEnd(
  config: SystemConfig,
  runId: string,
  state: ReachedState,
): Promise<ResourceState[]> {
  for (const milliseconds of PAUSES_MILLISECONDS) {
    const resources = await finalStates(config, runId, state);
    if (!isSurprise(config, state, resources)) return resources;
    await pause(milliseconds);
  }
  return finalStates(config, runId, state);
}

/** Repeats only if the run's own steps say that everything is as it should be. Maintenance mode is not looked at here, but remembered. */
function isSurprise(config: SystemConfig, state: ReachedState, resources: ResourceState[]): boolean {
  const outcome = outcomeOf(state);
  if (outcome !== 'succeeded' && outcome !== 'rolled-back') return false;
  return attentionOf({ config, state, outcome, resources }).some(
    ({ kind }) => kind !== 'not-seen' && kind !== 'maintenance',
  );
}
