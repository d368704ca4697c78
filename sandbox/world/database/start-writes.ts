import type { DatabaseWorld } from './world.ts';

/** Worlds whose source was changed while it was stopped. */
const changed = new WeakSet<DatabaseWorld>();

/** World fault `changed-while-off`: once, before the source answers again. */
export async function changeWhileOff(world: DatabaseWorld): Promise<void> {
  const fault = world.fault('changed-while-off');
  if (fault === undefined || changed.has(world) || world.isMended) return;
  changed.add(world);
  const { server } = world.source;
  await world.track(() => server.changeOneKeyedCell(world.mainDatabase, fault.table));
  world.options.onFault?.(fault.world);
}

/** World fault `intake-writes-at-start`: a service that came up with its server writes, where the source takes connections. */
export function writeAtStart(world: DatabaseWorld): void {
  const fault = world.fault('intake-writes-at-start');
  if (fault === undefined || world.isMended || world.sourceDatabase.status !== 'available') return;
  const { server } = world.source;
  const before = world.written;
  world.written = world.track(async () => {
    await before;
    await server.writeLate(world.mainDatabase, fault.table, false);
    world.options.onFault?.(fault.world);
  });
}
