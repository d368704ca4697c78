import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { StartupState } from '../../contract/startup-state.ts';
import type { ServicesResult } from '../../contract/state.ts';
import { startInOrder } from './start.ts';

type State = Pick<StartupState, 'run' | 'config' | 'wake' | 'servers' | 'services'>;

/**
 * One round of a start-up's services: the exact reverse of the shutdown, highest tier first. A service is started once the tier that it
 * needs is seen active. One that came up with its server is accepted. Services on a server that did not start are not asked for, nor, without `startup.continue`, the
 * tiers that come after theirs; at the end that server is named.
 *
 * @throws LightsOutError `ServiceDidNotStart`, `ServerDidNotStart`.
 */
export async function bringUpServices(state: State): Promise<ServicesResult> {
  const { config, wake, servers } = state;
  const unready = (servers?.servers ?? []).filter(({ ready }) => !ready);
  const isOnReadyServer = (server: string): boolean => unready.every(({ name }) => name !== server);
  const belongsUp = new Set(wake.services.map(({ name, server }) => `${server}/${name}`));
  const own = config.services.filter(({ name, server }) => belongsUp.has(`${server}/${name}`));
  // What comes after it would stand on a tier that is not whole.
  const deadTiers = own.flatMap(({ server, tier }) => (isOnReadyServer(server) ? [] : [tier]));
  const lowest = config.startup.continue ? 0 : Math.max(0, ...deadTiers);
  const wanted = own.filter(({ server, tier }) => isOnReadyServer(server) && tier >= lowest);
  const brought = await startInOrder({
    config,
    wanted,
    previous: state.services,
    stopAtDeadTier: !config.startup.continue,
    remedy:
      'expected active: see its log on the server, mend the cause, then start the start-up again, which goes on where this one ended',
  });
  if (!brought.done || unready.length === 0) return brought;
  throw new LightsOutError(
    ErrorName.ServerDidNotStart,
    `${unready.map(({ name, instanceId, problem }) => `server ${name} (${instanceId}): ${problem ?? 'not ready'}`).join('; ')}; ` +
      'expected "running", both status checks passed and the SSM agent online: mend that, then start the start-up again, which goes on where this one ended',
  );
}
