import { DescribeDBInstancesCommand, StopDBInstanceCommand } from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { awsError, IDENTIFIER, RUN_ID, standStill } from '../../fixtures.ts';
import { WatchWorld } from '../../watch-world.ts';
import { keep, stop } from './calls.ts';

let world: WatchWorld;

standStill(keep.startTime);
beforeEach(() => {
  world = new WatchWorld();
});

describe('keeping the database stopped', () => {
  it('waits while RDS starts it, stops it, sees it stopped and notes it', async () => {
    world.database = 'starting';
    const starting = await stop();
    expect(starting).toMatchObject({ done: false, outcome: 'under way' });
    expect(starting.waitSeconds).toBeGreaterThanOrEqual(10);

    world.database = 'available';
    const available = await stop(starting);
    expect(world.database).toBe('stopping');
    const stopping = await stop(available);
    expect(stopping).toMatchObject({ done: false });

    world.database = 'stopped';
    vi.setSystemTime('2026-12-04T15:20:00.000Z');
    expect(await stop(stopping)).toMatchObject({ done: true, outcome: 'stopped' });
    expect(world.bucket.read('intent/crm')).toMatchObject({
      wanted: 'off',
      stoppedAt: '2026-12-04T15:20:00.000Z',
      stoppedAgain: 1,
      stoppedAgainBy: keep.id,
    });
  });

  it.each([
    [
      'it is meant to be on',
      () => world.mark({ wanted: 'on', by: 'arn:li' }),
      /meant to be on since .* by arn:li/,
    ],
    ['nothing was ever said', () => world.bucket.objects.delete('intent/crm'), /meant to be on/],
    [
      'another run has shut it down',
      () => world.mark({ run: { id: 'later', executionArn: 'x' } }),
      /another run, later/,
    ],
    ['a run is in progress', () => world.lock('RUNNING'), /run another is in progress/],
  ])('stops nothing when %s', async (_name, change, reason) => {
    world.database = 'available';
    change();

    expect(await stop()).toMatchObject({
      done: true,
      outcome: 'left',
      reason: expect.stringMatching(reason),
    });
    expect(world.stops).toBe(0);
  });

  it('stops nothing any more when the mark is cleared while RDS still starts the database', async () => {
    world.database = 'starting';
    const waiting = await stop();
    world.mark({ wanted: 'on', by: 'arn:li' });
    world.database = 'available';
    const before = world.stops;

    expect(await stop(waiting)).toMatchObject({ done: true, outcome: 'left' });
    expect(world.stops).toBe(before);
  });

  it.each([
    ['is released', () => world.mark({ wanted: 'on', by: 'arn:li' })],
    ['is shut down by another run', () => world.mark({ run: { id: 'later', executionArn: 'x' } })],
  ])('stops nothing when the system %s while it looks', async (_name, change) => {
    world.database = 'available';
    world.rds.on(DescribeDBInstancesCommand).callsFake(() => {
      change();
      return { DBInstances: [{ DBInstanceIdentifier: 'crm-db', DBInstanceStatus: 'available' }] };
    });

    expect(await stop()).toMatchObject({ done: true, outcome: 'left' });
    expect(world.stops).toBe(0);
  });

  it('takes no notice of a lock whose run is over', async () => {
    world.database = 'available';
    world.lock('ABORTED');

    expect(await stop()).toMatchObject({ done: false });
    expect(world.stops).toBe(1);
  });

  it.each([
    [
      'no certificate',
      () => world.bucket.objects.delete(`runs/crm/${RUN_ID}/certificate.json`),
      /certificate .* is not there/,
    ],
    [
      'a snapshot that was not verified',
      () =>
        world.bucket.put(`runs/crm/${RUN_ID}/certificate.json`, {
          snapshot: { identifier: IDENTIFIER, confirmed: true, verified: false },
          verification: { policy: 'full' },
        }),
      /no proved snapshot/,
    ],
    [
      'a snapshot that is gone',
      () => {
        world.snapshot = undefined;
      },
      /not there any more/,
    ],
    [
      'a snapshot that is being deleted',
      () => {
        world.snapshot = 'deleting';
      },
      /is deleting/,
    ],
  ])('stops nothing with %s', async (_name, change, message) => {
    world.database = 'available';
    change();

    await expect(stop()).rejects.toMatchObject({
      name: 'VerificationImpossible',
      message: expect.stringMatching(message),
    });
    expect(world.stops).toBe(0);
  });

  it('stops it with an unverified snapshot when the run was told so, on record', async () => {
    world.database = 'available';
    world.bucket.put(`runs/crm/${RUN_ID}/certificate.json`, {
      snapshot: { identifier: IDENTIFIER, confirmed: true, verified: false },
      verification: { policy: 'none' },
    });

    await stop();

    expect(world.stops).toBe(1);
  });

  it('takes the refusal of a stop for no error: the next look tells', async () => {
    world.database = 'available';
    world.rds.on(StopDBInstanceCommand).rejects(awsError('InvalidDBInstanceStateFault'));

    expect(await stop()).toMatchObject({ done: false });
  });

  it.each(['failed', 'inaccessible-encryption-credentials-recoverable'])(
    'does not wait a day for a database that is "%s"',
    async (status) => {
      world.database = status;

      await expect(stop()).rejects.toMatchObject({ name: 'DatabaseDidNotStop' });
    },
  );

  it('gives up after a day and names the state', async () => {
    world.database = 'starting';
    const waiting = await stop();
    vi.setSystemTime('2026-12-05T15:01:00.000Z');

    await expect(stop(waiting)).rejects.toMatchObject({
      name: 'DatabaseDidNotStop',
      message: expect.stringContaining('still "starting" after 24 h'),
    });
  });
});
