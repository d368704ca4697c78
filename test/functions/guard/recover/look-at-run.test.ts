import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { awsError, execution, plan, RUN_ID, standStill } from '../../fixtures.ts';
import { base, NOW, OWN, World } from './world.ts';

let world: World;

standStill(NOW);
beforeEach(() => {
  world = new World();
});

describe('looking at a run that is over', () => {
  it('leaves it alone when it runs, and goes on running', async () => {
    world.executionIs({ status: 'RUNNING', redriveCount: 0 });

    // Step Functions may be behind its own event: what was said to have ended is not believed to run at once.
    const first = await world.look();
    expect(first).toMatchObject({ done: false, waitSeconds: 15, kind: 'nothing' });
    vi.setSystemTime('2026-11-27T15:12:00.000Z');
    expect(await world.look(first)).toMatchObject({ done: true, kind: 'nothing' });
    expect(world.bucket.read('locks/crm')).toMatchObject({ executionArn: execution.id });
  });

  it.each([
    ['nobody holds the lock', undefined],
    ['another run holds it', { runId: 'r2', executionArn: 'arn:two', since: 'x' }],
  ])(
    'leaves it alone when %s, and closes it only when it had not begun and nobody was told',
    async (_name, lock) => {
      if (lock === undefined) world.bucket.objects.delete('locks/crm');
      else world.bucket.put('locks/crm', lock);

      world.tell(['Plan', {}]);
      expect(await world.look()).toMatchObject({ done: true, kind: 'close' });
      world.tell(['Stop services']);
      expect(await world.look()).toMatchObject({ done: true, kind: 'nothing' });
      world.events.pop();
      world.bucket.put(`runs/crm/${RUN_ID}/certificate.json`, {});
      expect(await world.look()).toMatchObject({ done: true, kind: 'nothing' });
      expect(world.bucket.read('locks/crm')).toEqual(lock);
    },
  );

  it('waits for a call of the plan that may still take the lock, and takes it over then', async () => {
    vi.setSystemTime('2026-11-27T15:00:05.000Z');
    world.bucket.objects.delete('locks/crm');
    world.tell(['Plan: accept']);
    world.happened('LambdaFunctionScheduled');

    expect(await world.look()).toMatchObject({ done: false, waitSeconds: 130, kind: 'close' });
    world.bucket.lock();
    vi.setSystemTime('2026-11-27T15:02:16.000Z');
    expect(await world.look()).toMatchObject({ done: true, kind: 'close' });
    expect(world.bucket.read('locks/crm')).toMatchObject({ executionArn: OWN.id, cleaning: execution.id });
  });

  it('leaves it to the execution that is cleaning up after it, and takes over when that one died', async () => {
    world.tell(['Stop services: wait']);
    world.bucket.lock('arn:clean-up:earlier', execution.id);
    world.sfn
      .on(DescribeExecutionCommand, { executionArn: 'arn:clean-up:earlier' })
      .resolves({ status: 'RUNNING' });
    expect(await world.look()).toMatchObject({
      done: true,
      kind: 'nothing',
      found: expect.stringContaining('earlier'),
    });

    world.sfn
      .on(DescribeExecutionCommand, { executionArn: 'arn:clean-up:earlier' })
      .resolves({ status: 'ABORTED' });
    expect(await world.look()).toMatchObject({ done: true, kind: 'roll-back' });
    expect(world.bucket.read('locks/crm')).toMatchObject({ executionArn: OWN.id, cleaning: execution.id });
  });

  it('takes the lock, so that no run begins meanwhile', async () => {
    world.tell(['Plan'], ['Announce: wait']);

    await world.look();

    expect(world.bucket.read('locks/crm')).toEqual({
      runId: RUN_ID,
      executionArn: OWN.id,
      cleaning: execution.id,
      since: execution.startTime,
    });
    // Called again, after a lost answer, it finds its own.
    await expect(world.look()).resolves.toMatchObject({ done: true });
  });

  it.each([
    ['Announce: wait', 'close'],
    ['Drain sessions: wait', 'roll-back'],
    ['Back up', 'roll-back'],
    ['Verify restore: wait', 'roll-back'],
    ['Roll back', 'roll-back'],
    ['Close the run', 'close'],
  ])('decides in "%s": %s', async (state, kind) => {
    world.tell(['Plan'], [state]);

    expect(await world.look()).toMatchObject({ kind, found: `ABORTED in "${state}"` });
  });

  it('waits until a function that was called has ended, and its commands with it', async () => {
    vi.setSystemTime('2026-11-27T15:00:05.000Z');
    world.tell(['Stop services']);
    world.happened('LambdaFunctionScheduled', 'ExecutionAborted');

    expect(await world.look()).toMatchObject({ done: false, waitSeconds: 135 + 90 - 5 });
    vi.setSystemTime('2026-11-27T15:03:46.000Z');
    expect(await world.look()).toMatchObject({ done: true });
  });

  it('waits until the announcement can mail nobody any more', async () => {
    vi.setSystemTime('2026-11-27T15:10:00.000Z');
    world.tell(['Announce']);
    world.happened('LambdaFunctionScheduled');

    expect(await world.look()).toMatchObject({ done: false, waitSeconds: 315, kind: 'close' });
  });

  it('waits for no function that has answered', async () => {
    vi.setSystemTime('2026-11-27T15:00:05.000Z');
    world.tell(['Restore test instance']);
    world.happened('LambdaFunctionScheduled', 'LambdaFunctionSucceeded');
    world.tell(['Restore test instance: wait']);

    expect(await world.look()).toMatchObject({ done: true });
  });

  it('waits past the point of no return until nothing is stopping any more, but not for ever', async () => {
    world.tell(['Switch off'], ['Stop database: wait']);
    world.database = 'stopping';
    const first = await world.look();
    expect(first).toMatchObject({ done: false, kind: 'close', waitSeconds: 30 });
    vi.setSystemTime('2026-11-27T15:56:00.000Z');
    expect(await world.look(first)).toMatchObject({ done: true });
  });

  it.each<[string, string, string, string]>([
    ['nothing was switched off', 'available', 'running', 'roll-back'],
    ['the database is off', 'stopped', 'running', 'close'],
    ['the servers are off', 'available', 'stopped', 'close'],
    ['the database is at fault', 'storage-full', 'running', 'close'],
  ])('finds past the point of no return that %s', async (_name, database, servers, kind) => {
    world.tell(['Switch off'], ['Stop database']);
    world.database = database;
    world.servers = servers;

    expect(await world.look()).toMatchObject({ done: true, kind });
  });

  it('rolls back with a server that was stopped before the run', async () => {
    const server = { instanceId: 'i-0', platform: 'linux' as const };
    world.tell([
      'Switch off',
      {
        ...base,
        plan: plan({
          servers: ['web-1', 'app-1'].map((name) => ({ ...server, name, state: 'stopped' })),
        }),
      },
    ]);
    world.servers = 'stopped';

    expect(await world.look()).toMatchObject({ done: true, kind: 'roll-back' });
  });

  it('refuses an execution that Step Functions has forgotten', async () => {
    world.sfn.on(DescribeExecutionCommand).rejects(awsError('ExecutionDoesNotExist'));

    await expect(world.look()).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringContaining('locks/<system>'),
    });
  });
});

describe('looking at a run that was stopped and redriven', () => {
  const refused = { ...base, failure: { Error: 'RedriveRefused', Cause: 'x' } };
  const redriven = (redriveCount: number): void => {
    world.events.push({
      id: world.events.length + 1,
      timestamp: new Date('2026-11-27T15:08:00.000Z'),
      type: 'ExecutionRedriven',
      executionRedrivenEventDetails: { redriveCount },
    });
  };

  beforeEach(() => {
    world.tell(['Stop services'], ['Take snapshot']);
    world.happened('LambdaFunctionScheduled', 'ExecutionAborted');
    redriven(1);
  });

  it.each<[string, () => void]>([
    ['waits in a state', () => world.executionIs({ status: 'RUNNING', redriveCount: 1 })],
    [
      'came to its end',
      () => {
        world.happened('LambdaFunctionFailed');
        world.tell(['Roll back', refused], ['Close the run', refused], ['Run not closed', refused]);
        world.happened('ExecutionFailed');
        world.executionIs({ status: 'FAILED', redriveCount: 1, stopDate: new Date(NOW) });
      },
    ],
    [
      'came to its end, which DescribeExecution does not know yet',
      () => {
        world.tell(['Close the run', refused], ['Run not closed', refused]);
      },
    ],
    [
      'was redriven a second time',
      () => {
        world.tell(['Roll back', refused], ['Run not closed', refused]);
        redriven(2);
        world.tell(['Run not closed', refused]);
        world.executionIs({ status: 'FAILED', redriveCount: 2, stopDate: new Date(NOW) });
      },
    ],
  ])('rolls it back as if it had not been, when it %s', async (_name, happen) => {
    happen();

    expect(await world.look()).toMatchObject({
      done: true,
      kind: 'roll-back',
      found: 'ABORTED in "Take snapshot"',
    });
    expect(world.bucket.read('locks/crm')).toMatchObject({ executionArn: OWN.id, cleaning: execution.id });
    const state = await world.takeUp('roll-back');
    expect(state.failure).toMatchObject({
      Error: 'RunAborted',
      Cause: expect.stringContaining('in "Take snapshot"'),
    });
  });

  it('waits for the calls of the first try, from when that ended', async () => {
    vi.setSystemTime('2026-11-27T15:00:05.000Z');
    world.executionIs({ status: 'RUNNING', redriveCount: 1 });

    expect(await world.look()).toMatchObject({ done: false, waitSeconds: 130 });
  });
});
