import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { KeepInput } from '../../../../functions/contract/watch.ts';
import type { Kept } from '../../../../functions/guard/keep/stop.ts';
import { awsError, standStill } from '../../fixtures.ts';
import { WatchWorld } from '../../watch-world.ts';
import { forced, keep, stop } from './calls.ts';

let world: WatchWorld;

standStill(keep.startTime);
beforeEach(() => {
  world = new WatchWorld();
});

describe('what was stopped again is noted and told once', () => {
  it('is told by one execution alone when two see to one start', async () => {
    const other = { ...keep, id: 'arn:keep:2' };
    world.database = 'available';
    const [one, two] = [await stop(), await stop(undefined, forced, other)];
    world.database = 'stopped';

    expect(await stop(one)).toMatchObject({ outcome: 'stopped' });
    expect(await stop(two, forced, other)).toMatchObject({ outcome: 'found-off' });
    expect(world.bucket.read('intent/crm')).toMatchObject({ stoppedAgain: 1 });
  });

  it('still tells when the answer to its own note was lost', async () => {
    world.database = 'available';
    const waiting = await stop();
    world.database = 'stopped';
    await stop(waiting);

    // The same call again, as after a lost answer: the note is there already.
    expect(await stop(waiting)).toMatchObject({ outcome: 'stopped' });
    expect(world.bucket.read('intent/crm')).toMatchObject({ stoppedAgain: 1 });
  });

  it('does nothing for an event that comes late, when everything is off again', async () => {
    expect(await stop()).toMatchObject({ done: true, outcome: 'found-off' });
    expect(world.stops).toBe(0);
  });

  it('knows what it has stopped in a call that was killed', async () => {
    world.database = 'available';
    // Its answer never came, and so the state machine calls it again with the state of before.
    await stop();
    world.database = 'stopped';

    expect(await stop()).toMatchObject({ outcome: 'stopped', foundOn: ['database crm-db'] });
    expect(world.bucket.read('intent/crm')).not.toHaveProperty('stopping');
  });

  it('stops nothing before it has noted that', async () => {
    world.database = 'available';
    world.bucket.mock.on(PutObjectCommand).rejects(awsError('ServiceUnavailable', 503));

    await expect(stop()).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
    expect(world.stops).toBe(0);
  });

  it('tells what the other execution for the same start did not stop', async () => {
    const both: KeepInput = { ...forced, cause: 'started-by-hand', targets: ['database', 'servers'] };
    const servers: KeepInput = { ...both, targets: ['servers'] };
    const other = { ...keep, id: 'arn:keep:2' };
    world.servers['i-0a1b2c3d4e5f60718'] = 'running';
    const first = await stop(undefined, servers);
    world.database = 'available';
    const second = await stop(undefined, both, other);
    world.servers['i-0a1b2c3d4e5f60718'] = 'stopped';
    vi.setSystemTime('2026-12-04T15:05:00.000Z');
    expect(await stop(first, servers)).toMatchObject({ outcome: 'stopped', foundOn: ['server web-1'] });

    world.database = 'stopped';
    vi.setSystemTime('2026-12-04T15:20:00.000Z');
    expect(await stop(second, both, other)).toMatchObject({
      outcome: 'stopped',
      foundOn: ['database crm-db'],
    });
    expect(world.bucket.read('intent/crm')).toMatchObject({ stoppedAt: '2026-12-04T15:20:00.000Z' });
  });

  it('tells of a second start of the same server', async () => {
    const servers: KeepInput = { ...forced, cause: 'started-by-hand', targets: ['servers'] };
    const once = async (input: KeepInput, id: string): Promise<Kept> => {
      world.servers['i-0a1b2c3d4e5f60718'] = 'running';
      const found = await stop(undefined, input, { ...keep, id });
      world.servers['i-0a1b2c3d4e5f60718'] = 'stopped';
      return stop(found, input, { ...keep, id });
    };

    expect(await once(servers, 'arn:keep:1')).toMatchObject({ outcome: 'stopped' });
    const { stoppedAt } = world.bucket.read('intent/crm') as { stoppedAt: string };
    vi.setSystemTime('2026-12-06T15:00:00.000Z');
    expect(await once({ ...servers, stoppedAt }, 'arn:keep:2')).toMatchObject({
      outcome: 'stopped',
      foundOn: ['server web-1'],
    });
  });

  it('notes nothing when the mark cannot be written, so that it is tried again', async () => {
    world.database = 'stopped';
    world.bucket.mock.on(PutObjectCommand).rejects(awsError('ServiceUnavailable', 503));

    await expect(stop()).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
  });
});
