import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../../functions/guard/recover/handler.ts';
import { execution, standStill } from '../../fixtures.ts';
import { NOW, OWN, World } from './world.ts';

let world: World;

standStill(NOW);
beforeEach(() => {
  world = new World();
});

describe('releasing the lock', () => {
  const release = () => handler({ action: 'release', execution: OWN, state: { executionArn: execution.id } });

  it('gives back what it took', async () => {
    world.bucket.lock(OWN.id, execution.id);

    await release();
    await release();

    expect(world.bucket.objects.has('locks/crm')).toBe(false);
  });

  it('leaves another run’s lock alone', async () => {
    world.bucket.put('locks/crm', { runId: 'r2', executionArn: 'arn:two', since: 'x' });

    await release();

    expect(world.bucket.read('locks/crm')).toMatchObject({ runId: 'r2' });
  });
});

it('refuses an action that it does not know', async () => {
  await expect(
    handler({ action: 'undo', execution: OWN, state: { executionArn: 'x' } } as never),
  ).rejects.toMatchObject({ name: 'InvalidInput' });
});
