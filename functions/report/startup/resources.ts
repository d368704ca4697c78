import type { SystemConfig } from '../../contract/config.ts';
import type { ReachedStartup } from '../../contract/startup-state.ts';
import { STARTUP_STEPS } from '../../contract/startup-steps.ts';
import type { TimelineStep } from '../../contract/timeline.ts';
import { databaseAndServers, type ResourceState } from '../resources.ts';

/** How everything stands at the end of a start-up. Database and servers are looked at now; the rest as its own step saw it last. */
export async function startupResources(
  config: SystemConfig,
  { services }: ReachedStartup,
): Promise<ResourceState[]> {
  const seen = (services?.services ?? []).map(
    ({ name, server, state }): ResourceState => ({
      kind: 'service',
      name: `service ${name} on ${server}`,
      state,
      lastSeen: true,
    }),
  );
  return [...(await databaseAndServers(config)), ...seen];
}

/**
 * Whether users are still kept out, as the step that opens saw it last. If that step began and was not seen to end, its command may have
 * opened the doors since: then nobody knows. A run that found the system open did not look, and has nothing to say of it.
 *
 * @param steps as the history tells them. A call that was killed has left no answer in the state.
 */
export function maintenanceAtEnd(
  config: SystemConfig,
  { opened, wake, alreadyOn }: Pick<ReachedStartup, 'opened' | 'wake' | 'alreadyOn'>,
  steps: readonly TimelineStep[],
): ResourceState[] {
  if (config.maintenance === undefined || wake?.shutdown === undefined || alreadyOn !== undefined) return [];
  const hasBegun = opened !== undefined || steps.some(({ name }) => name === STARTUP_STEPS.open.name);
  const state = opened?.done === true ? 'off' : hasBegun ? 'unknown' : 'on';
  return [{ kind: 'maintenance', name: 'maintenance mode', state, lastSeen: true }];
}
