import type { DatabaseWorld } from './world.ts';

/** Worlds whose source was stopped when its status was changed. */
const stopped = new WeakSet<DatabaseWorld>();

/** World fault `database-status`: the source gets into a status that it does not leave by itself. */
export function strikeStatus(world: DatabaseWorld, status: string): void {
  if (world.sourceDatabase.status === 'stopped') stopped.add(world);
  world.sourceDatabase.status = status;
}

/** Takes it back: what was stopped is stopped again, since its server does not run. */
export function mendStatus(world: DatabaseWorld): void {
  const { sourceDatabase } = world;
  if (sourceDatabase.status === world.fault('database-status')?.status)
    sourceDatabase.status = stopped.has(world) ? 'stopped' : 'available';
}
