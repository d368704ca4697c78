import { StopInstancesCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { KeepInput } from '../../../../functions/contract/watch.ts';
import { standStill } from '../../fixtures.ts';
import { WatchWorld } from '../../watch-world.ts';
import { forced, keep, stop } from './calls.ts';

let world: WatchWorld;

standStill(keep.startTime);
beforeEach(() => {
  world = new WatchWorld();
});

describe('stopping servers again, by policy', () => {
  const byHand: KeepInput = { ...forced, cause: 'started-by-hand', targets: ['database', 'servers'] };

  it('stops those that run and leaves the others alone', async () => {
    world.servers['i-0a1b2c3d4e5f60718'] = 'running';

    const first = await stop(undefined, byHand);
    world.servers['i-0a1b2c3d4e5f60718'] = 'stopped';
    const last = await stop(first, byHand);

    expect(first).toMatchObject({ done: false, foundOn: ['server web-1'] });
    expect(last).toMatchObject({ done: true, outcome: 'stopped', foundOn: ['server web-1'] });
    const stopped = world.ec2
      .commandCalls(StopInstancesCommand)
      .map((call) => call.args[0].input.InstanceIds);
    expect(stopped).toEqual([['i-0a1b2c3d4e5f60718']]);
  });

  it('leaves no resource marked as still on, once a shutdown is finished', async () => {
    world.bucket.put('intent/crm', {
      ...(world.bucket.read('intent/crm') as object),
      stillOn: ['server web-1'],
    });
    await stop(undefined, byHand);
    expect(world.bucket.read('intent/crm')).toMatchObject({ stillOn: ['server web-1'] });

    const { stoppedAt } = world.bucket.read('intent/crm') as { stoppedAt: string };
    await stop(undefined, { ...byHand, cause: 'finish', stoppedAt }, { ...keep, id: 'arn:keep:2' });

    expect(world.bucket.read('intent/crm')).not.toHaveProperty('stillOn');
  });

  it('waits for a server that is still starting', async () => {
    world.servers['i-0a1b2c3d4e5f60718'] = 'pending';

    expect(await stop(undefined, byHand)).toMatchObject({ done: false });
    expect(world.ec2.commandCalls(StopInstancesCommand)).toHaveLength(0);
  });

  it('takes a terminated server for off', async () => {
    world.servers = { 'i-0b1c2d3e4f5061728': 'terminated' };

    expect(await stop(undefined, byHand)).toMatchObject({ done: true });
  });

  it('gives up on a server after an hour and names it', async () => {
    world.servers['i-0a1b2c3d4e5f60718'] = 'running';
    const waiting = await stop(undefined, byHand);
    vi.setSystemTime('2026-12-04T16:01:00.000Z');

    await expect(stop(waiting, byHand)).rejects.toMatchObject({
      name: 'ServerDidNotStop',
      message: expect.stringContaining('web-1 is "stopping"'),
    });
  });
});
