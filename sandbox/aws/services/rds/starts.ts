import type { Cluster } from '../../../world/database/cluster.ts';
import type { Instance } from '../../../world/database/instance.ts';
import { changeWhileOff } from '../../../world/database/start-writes.ts';
import type { DatabaseWorld } from '../../../world/database/world.ts';
import { AwsError } from '../../operation.ts';
import { DURATIONS } from './durations.ts';
import { later } from './later.ts';

const MINUTE = 60_000;

/**
 * Starts what is stopped: `starting`, then `available` with the data that it was stopped with.
 *
 * @param setStatus - of the instance, or of the cluster with its instances.
 */
export function startStopped(
  world: DatabaseWorld,
  stopped: Instance | Cluster,
  setStatus: (status: string) => void,
): void {
  setStatus('starting');
  const isOwn = stopped === world.sourceDatabase;
  later(
    world,
    isOwn ? durationOf(world) : DURATIONS.start,
    async () => {
      await world.track(() => stopped.server.start());
      if (isOwn) await changeWhileOff(world);
      setStatus('available');
      world.onEvent('started', stopped);
    },
    () => setStatus('failed'),
  );
}

/** World fault `database-starts-slowly`. */
function durationOf(world: DatabaseWorld): number {
  const slow = world.fault('database-starts-slowly');
  if (slow === undefined || world.isMended) return DURATIONS.start;
  world.options.onFault?.(slow.world);
  return slow.minutes * MINUTE;
}

/**
 * RDS starts nothing whose key is disabled; the grant that it holds outlives the caller's own permissions.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StartDBInstance.html, `KMSKeyNotAccessibleFault`.
 */
export function requireEnabledKey(world: DatabaseWorld, arn: string | undefined): void {
  const key = arn === undefined ? undefined : world.options.keys?.find(arn);
  if (key === undefined || key.state === 'Enabled') return;
  throw new AwsError(
    'KMSKeyNotAccessibleFault',
    `The KMS key [${arn}] does not exist, is not enabled or you do not have permissions to access it.`,
  );
}
