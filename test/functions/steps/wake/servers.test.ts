import { DescribeInstanceStatusCommand } from '@aws-sdk/client-ec2';
import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DEADLINE_SECONDS } from '../../../../functions/contract/deadlines.ts';
import { awsError, execution, LOCK_LOST, standStill } from '../../fixtures.ts';
import { APP_1, StartupWorld, startupPlan, WEB_1 } from '../../startup-world.ts';
import { many, NO_CAPACITY, next, round, untilDone } from './rounds.ts';

let world: StartupWorld;

standStill(execution.startTime);
beforeEach(() => {
  world = new StartupWorld();
  world.bucket.lock();
  world.mark({ wanted: 'on' });
});

describe('starting the servers', () => {
  it('is done when each runs, has passed both checks, and its agent answers', async () => {
    const first = await round();
    expect(first).toMatchObject({ done: false, waitSeconds: 15 });
    expect(world.serverStarts).toEqual([[WEB_1, APP_1]]);

    world.servers = { [WEB_1]: 'running', [APP_1]: 'running' };
    world.checks = { [WEB_1]: ['initializing', 'ok'], [APP_1]: ['ok', 'initializing'] };
    const second = await next(first);
    expect(second.servers).toMatchObject([
      {
        name: 'web-1',
        ready: false,
        problem: expect.stringContaining('(system: initializing, instance: ok)'),
      },
      {
        name: 'app-1',
        ready: false,
        problem: expect.stringContaining('(system: ok, instance: initializing)'),
      },
    ]);

    world.checks = {};
    world.silent.add(APP_1);
    const third = await next(second);
    expect(third).toMatchObject({
      done: false,
      servers: [{ ready: true }, { ready: false, problem: 'its SSM agent does not answer yet' }],
    });

    world.silent.clear();
    const last = await next(third);
    expect(last).toMatchObject({
      done: true,
      since: first.since,
      servers: [{ ready: true }, { ready: true }],
    });
    expect(last.servers.map(({ problem }) => problem)).toEqual([undefined, undefined]);
    expect(world.serverStarts).toHaveLength(1);
  });

  it('is not ready while EC2 reports no checks at all', async () => {
    world.servers = { [WEB_1]: 'running', [APP_1]: 'running' };
    world.ec2.on(DescribeInstanceStatusCommand).resolves({ InstanceStatuses: [] });

    expect((await round()).servers).toMatchObject([
      { ready: false, problem: expect.stringContaining('system: not reported') },
      { ready: false },
    ]);
  });

  it('leaves servers off that were off before the shutdown', async () => {
    const wake = startupPlan();
    const [web] = wake.servers;
    if (web !== undefined) web.comesUp = false;

    const first = await round(undefined, wake);
    expect(first.servers.map(({ name }) => name)).toEqual(['app-1']);
    expect(world.serverStarts).toEqual([[APP_1]]);

    world.servers[APP_1] = 'running';
    expect(await next(first, wake)).toMatchObject({ done: true });
  });

  it('starts nothing when all run, and asks nothing twice after a lost answer', async () => {
    await round();
    await round();
    expect(world.serverStarts).toHaveLength(1);

    world.servers = { [WEB_1]: 'running', [APP_1]: 'running' };
    expect(await round()).toMatchObject({ done: true });
    expect(world.serverStarts).toHaveLength(1);
  });

  it('waits for a server that is still stopping, then starts it', async () => {
    world.servers = { [WEB_1]: 'stopping', [APP_1]: 'running' };
    const first = await round();
    expect(first.servers[0]).toMatchObject({ state: 'stopping', problem: 'it is "stopping"', tries: 0 });
    expect(world.serverStarts).toEqual([]);

    world.servers[WEB_1] = 'stopped';
    await next(first);
    expect(world.serverStarts).toEqual([[WEB_1]]);
  });

  it('asks for 50 servers a call', async () => {
    await round(undefined, many(world, 120));

    expect(world.serverStarts.map(({ length }) => length)).toEqual([50, 50, 20]);
    expect(new Set(world.serverStarts.flat()).size).toBe(120);
  });

  it('asks for the checks of 100 servers a call', async () => {
    const wake = many(world, 120);
    for (const id of Object.keys(world.servers)) world.servers[id] = 'running';

    expect(await round(undefined, wake)).toMatchObject({ done: true });
    const asked = world.ec2.commandCalls(DescribeInstanceStatusCommand);
    expect(asked.map((call) => call.args[0].input.InstanceIds?.length)).toEqual([100, 20]);
  });
});

describe('a server that does not come up', () => {
  it('shows why EC2 let it fall back to stopped, and is tried again', async () => {
    world.servers[APP_1] = 'running';
    const first = await round();
    world.servers[WEB_1] = 'stopped';
    world.stateReason[WEB_1] = 'Client.InvalidKMSKey.InvalidState: the key is disabled';

    const second = await next(first);
    expect(second.servers[0]).toMatchObject({
      state: 'stopped',
      ready: false,
      problem: 'Client.InvalidKMSKey.InvalidState: the key is disabled',
    });
    vi.setSystemTime(Date.now() + 60_000);
    await round(second);
    expect(world.serverStarts).toEqual([[WEB_1], [WEB_1]]);
  });

  it('does not take the reason of the shutdown’s stop for a problem', async () => {
    world.stateReason[WEB_1] = 'Client.UserInitiatedShutdown: User initiated shutdown';

    expect((await round()).servers[0]).toMatchObject({ problem: 'it is "stopped"' });
  });

  it.each(['terminated', 'shutting-down', undefined])(
    'is named and holds up no other when it is %s',
    async (state) => {
      if (state === undefined) delete world.servers[WEB_1];
      else world.servers[WEB_1] = state;
      world.servers[APP_1] = 'running';

      expect(await round()).toMatchObject({
        done: true,
        servers: [
          {
            name: 'web-1',
            ready: false,
            problem: `it is "${state ?? 'not found'}": EC2 does not start it any more`,
          },
          { name: 'app-1', ready: true },
        ],
      });
      expect(world.serverStarts).toEqual([]);
    },
  );

  it('ends the loop at the deadline with what is missing, and no error: the others go on', async () => {
    world.refusals[WEB_1] = NO_CAPACITY;
    const begun = Date.now();
    world.servers[APP_1] = 'running';

    const last = await untilDone();
    expect(last).toMatchObject({
      done: true,
      servers: [
        { name: 'web-1', ready: false, problem: expect.stringContaining('InsufficientInstanceCapacity') },
        { name: 'app-1', ready: true },
      ],
    });
    expect((Date.now() - begun) / 1000).toBeGreaterThan(DEADLINE_SECONDS.serversStart);
    expect((Date.now() - begun) / 1000).toBeLessThan(DEADLINE_SECONDS.serversStart * 1.2);
  });

  it('throws when the agents cannot be asked, and starts nothing', async () => {
    world.ssm.on(DescribeInstanceInformationCommand).rejects(awsError('ThrottlingException'));
    world.servers[WEB_1] = 'running';

    await expect(round()).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
    expect(world.serverStarts).toEqual([]);
  });
});

it.each(LOCK_LOST)('asks for no start when %s', async (_case, arrange, name) => {
  arrange(world.bucket);

  await expect(round()).rejects.toMatchObject({ name });
  expect(world.serverStarts).toEqual([]);
});
