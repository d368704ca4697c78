import { StartInstancesCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import { DEADLINE_SECONDS } from '../../../../functions/contract/deadlines.ts';
import { awsError, execution, standStill } from '../../fixtures.ts';
import { APP_1, StartupWorld, WEB_1 } from '../../startup-world.ts';
import { many, NO_CAPACITY, next, round, untilDone } from './rounds.ts';

let world: StartupWorld;

standStill(execution.startTime);
beforeEach(() => {
  world = new StartupWorld();
  world.bucket.lock();
  world.mark({ wanted: 'on' });
});

describe('a start that EC2 refuses', () => {
  it.each<[string, Error]>([
    ['for want of capacity, a server error', NO_CAPACITY],
    ['for its state', awsError('IncorrectInstanceState')],
    ['for its volume', awsError('IncorrectState', 400, 'vol-1 is not attached')],
  ])('%s: the others of the call start', async (_case, error) => {
    const wake = many(world, 16);
    const [refused = ''] = Object.keys(world.servers).slice(11);
    world.refusals[refused] = error;

    const { servers, done } = await round(undefined, wake);

    expect(done).toBe(false);
    expect(Object.values(world.servers).filter((state) => state === 'pending')).toHaveLength(15);
    expect(servers.filter(({ problem }) => problem?.includes('refused') === true)).toMatchObject([
      { name: 's-11', tries: 1, problem: `EC2 refused to start it (${error.name}: ${error.message})` },
    ]);
    // Halves, not one by one: two calls a halving.
    expect(world.serverStarts.map(({ length }) => length)).toEqual([16, 8, 8, 4, 2, 2, 1, 1, 4]);
  });

  it('is tried again with pauses that double up to ten minutes', async () => {
    world.refusals[WEB_1] = NO_CAPACITY;
    world.servers[APP_1] = 'running';
    const tries: number[] = [];
    world.ec2.on(StartInstancesCommand).callsFake(() => {
      tries.push(Date.now());
      throw NO_CAPACITY;
    });

    await untilDone();

    const pauses = tries.slice(1).map((at, index) => (at - (tries[index] ?? 0)) / 1000);
    expect(pauses.slice(0, 2)).toEqual([30, 60]);
    pauses.forEach((pause, index) => {
      const least = Math.min(600, 30 * 2 ** index);
      expect(pause).toBeGreaterThanOrEqual(least);
      // The loop's own wait, a tenth of what has passed, comes on top.
      expect(pause).toBeLessThanOrEqual(least + 0.1 * DEADLINE_SECONDS.serversStart);
    });
    expect(tries.length).toBeGreaterThan(6);
  });

  it('starts it once EC2 has capacity, and forgets the problem', async () => {
    world.refusals[WEB_1] = NO_CAPACITY;
    world.servers[APP_1] = 'running';
    const first = await round();
    world.refusals = {};
    const second = await next(first);
    expect(second.servers[0]).toMatchObject({ tries: 1, problem: expect.stringContaining('refused') });

    const third = await next(second);
    expect(third.servers[0]).toMatchObject({ tries: 2 });
    world.servers[WEB_1] = 'running';
    const last = await next(third);
    expect(last).toMatchObject({ done: true, servers: [{ ready: true }, { ready: true }] });
    expect(last.servers[0]).not.toHaveProperty('problem');
  });

  it.each([
    ['throttling', awsError('RequestLimitExceeded', 503), 'AwsTemporarilyUnavailable'],
    ['an outage', awsError('InternalError', 500), 'AwsTemporarilyUnavailable'],
    ['an outage that is called unavailable', awsError('Unavailable', 503), 'AwsTemporarilyUnavailable'],
    ['a missing permission', awsError('UnauthorizedOperation', 403), 'AwsAccessDenied'],
  ])('by %s is thrown, and tried for no single server', async (_case, error, name) => {
    world.ec2.on(StartInstancesCommand).rejects(error);

    await expect(round()).rejects.toMatchObject({ name });
    expect(world.serverStarts).toHaveLength(1);
  });
});
