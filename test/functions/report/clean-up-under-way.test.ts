import { describe, expect, it } from 'vitest';
import { execution, RUN_ID, standStill } from '../fixtures.ts';
import { succeeded } from './runs.ts';
import { World } from './world.ts';

standStill();

/** A run that is over, and whose lock is held by an execution of CleanUp for it. */
function cleanedUp(): World {
  const world = new World(succeeded());
  world.bucket.lock('arn:clean-up', execution.id);
  return world;
}

describe('closing a run that CleanUp looks after, since it was redriven meanwhile', () => {
  it('waits: CleanUp gives the lock back, or closes the run itself', async () => {
    const world = cleanedUp();

    await expect(world.close()).rejects.toMatchObject({ name: 'CleanUpUnderWay' });

    expect(world.bucket.objects.has(`runs/crm/${RUN_ID}/certificate.json`)).toBe(false);
    expect(await world.mails()).toHaveLength(0);

    world.bucket.lock(execution.id);
    await expect(world.close()).resolves.toMatchObject({ outcome: 'succeeded' });
  });
});
