import type { SystemConfig } from '../contract/config.ts';
import { pause } from '../contract/pause.ts';
import { attentionOf } from './attention.ts';
import { outcomeOf, type ReachedState } from './outcome.ts';
import { finalStates, type ResourceState } from './resources.ts';

/**
 * Pauses before another look, in milliseconds: 10 s in all. What EC2 and RDS answer may be behind what a step has already seen:
 * https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 */
const PAUSES_MILLISECONDS = [2_000, 4_000, 4_000];

/**
 * How everything stands at the end of a run. A step has seen the goal reached: what now looks otherwise is looked at again before it is
 * believed, so that no certificate of a clean shutdown calls a server running that has long stopped.
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

/** Only where the run's own steps say that all is as it should be; a maintenance mode is not looked at here, but remembered. */
function isSurprise(config: SystemConfig, state: ReachedState, resources: ResourceState[]): boolean {
  const outcome = outcomeOf(state);
  if (outcome !== 'succeeded' && outcome !== 'rolled-back') return false;
  return attentionOf({ config, state, outcome, resources }).some(
    ({ kind }) => kind !== 'not-seen' && kind !== 'maintenance',
  );
}
