import type { SystemConfig } from '../../contract/config.ts';
import type { ReachedStartup } from '../../contract/startup-state.ts';
import { databaseAndServers, type ResourceState } from '../resources.ts';

/** How everything stands at the end of a start-up. Database and servers are looked at now; the rest as its own step saw it last. */
export async function startupResources(
  config: SystemConfig,
  { services, opened, wake }: ReachedStartup,
): Promise<ResourceState[]> {
  const seen = (services?.services ?? []).map(
    ({ name, server, state }): ResourceState => ({
      kind: 'service',
      name: `service ${name} on ${server}`,
      state,
      lastSeen: true,
    }),
  );
  // A run that found the system open did not look at the maintenance page, and has nothing to say of it.
  const isClosed =
    config.maintenance !== undefined && wake?.shutdown !== undefined && wake.alreadyOn === undefined;
  return [
    ...(await databaseAndServers(config)),
    ...seen,
    ...(isClosed
      ? [
          {
            kind: 'maintenance' as const,
            name: 'maintenance mode',
            state: opened?.done === true ? 'off' : 'on',
            lastSeen: true as const,
          },
        ]
      : []),
  ];
}
