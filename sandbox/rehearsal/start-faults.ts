import type { RdsEvents } from '../aws/events/rds.ts';
import { writeAtStart } from '../world/database/start-writes.ts';
import type { DatabaseWorld } from '../world/database/world.ts';
import { firstToStop } from '../world/servers/units.ts';
import type { ServerWorld } from '../world/servers/world.ts';

const HOUR = 3600_000;

/** World fault `intake-writes-at-start`: what comes up with its server writes to the database. Default: the service that is stopped first. */
export function letIntakeWrite(
  servers: Pick<ServerWorld, 'options' | 'onServiceBoot'>,
  databases: DatabaseWorld,
): void {
  const intake = databases.fault('intake-writes-at-start')?.service;
  const first = firstToStop(servers.options.deployment.config);
  servers.onServiceBoot = (service) => {
    if (service === (intake ?? first)) writeAtStart(databases);
  };
}

/** RDS tells of the databases, and starts the source by itself where the world fault `database-starts-by-itself` asks for that: once. */
export function tellOfDatabases(databases: DatabaseWorld, events: RdsEvents): void {
  let isOver = false;
  databases.onEvent = (kind, resource) => {
    events.happened(kind, resource);
    const fault = databases.fault('database-starts-by-itself');
    const isMeant = kind === 'stopped' && resource === databases.sourceDatabase;
    if (fault === undefined || isOver || databases.isMended || !isMeant) return;
    isOver = true;
    events.startAfter(fault.hours * HOUR, resource, () => databases.options.onFault?.(fault.world));
  };
}
