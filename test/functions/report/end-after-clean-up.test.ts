import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { execution, RUN_ID, standStill } from '../fixtures.ts';
import { CERTIFICATE, closed, end } from './ended.ts';
import { succeeded } from './runs.ts';
import type { World } from './world.ts';

standStill();

describe('a redrive of a run that CleanUp has looked after', () => {
  it('rolls back again where CleanUp could not bring all of it back, though the run was past the point of no return', async () => {
    const lost = { Error: 'LockLost', Cause: 'nobody does' };
    const { state } = succeeded();
    const world = await closed(succeeded());
    const aborted = { Error: 'RunAborted', Cause: 'the execution was stopped by hand' };
    world.bucket.put(CERTIFICATE, {
      ...world.certificate,
      outcome: 'failed',
      failure: aborted,
      cleanedUp: { ...aborted, by: 'arn:clean-up' },
    });
    world.bucket.objects.delete('intent/crm');

    const way = await end({ ...state, off: { database: lost, servers: lost } }, 1);

    expect(way).toMatchObject({ next: 'roll-back', failure: aborted });
    expect(world.lockHeld).toBe(true);
  });

  it('keeps what had ended it through a second redrive, when the first could not bring all of it back', async () => {
    const lost = { Error: 'LockLost', Cause: 'nobody does' };
    const notStarted = { Error: 'ServiceDidNotStart', Cause: '' };
    const aborted = { Error: 'RunAborted', Cause: 'the execution was stopped by hand' };
    const world = await closed(succeeded());
    world.bucket.put(CERTIFICATE, {
      ...world.certificate,
      outcome: 'failed',
      failure: aborted,
      cleanedUp: { ...aborted, by: 'arn:clean-up' },
    });
    world.bucket.objects.delete('intent/crm');
    const { state } = succeeded();

    const way = await end(
      {
        ...state,
        off: { database: lost, servers: lost },
        redriven: { count: 1, at: 'x', next: 'roll-back', failure: aborted },
        rollback: { services: notStarted },
      },
      2,
    );

    expect(way).toMatchObject({ count: 2, next: 'roll-back', failure: aborted });
  });

  /** A run past the point of no return that nobody has closed, and whose lock an execution of CleanUp holds. */
  async function leftByCleanUp(status: 'RUNNING' | 'ABORTED', begun?: 'roll-back' | 'close'): Promise<World> {
    const world = await closed(succeeded());
    world.bucket.objects.delete(CERTIFICATE);
    world.bucket.objects.delete('intent/crm');
    world.bucket.put('locks/crm', {
      runId: RUN_ID,
      executionArn: 'arn:clean-up',
      cleaning: execution.id,
      since: execution.startTime,
      ...(begun === undefined ? {} : { begun }),
    });
    world.sfn.on(DescribeExecutionCommand, { executionArn: 'arn:clean-up' }).resolves({ status });
    return world;
  }
  const notClosed = { ...succeeded().state, lock: { held: true }, closing: { Error: 'X', Cause: '' } };

  it('leaves the run to a CleanUp that is at work', async () => {
    const world = await leftByCleanUp('RUNNING', 'close');

    await expect(end(notClosed, 1)).rejects.toMatchObject({
      name: 'RunInProgress',
      message: expect.stringContaining('is being cleaned up after by arn:clean-up'),
    });
    expect(world.bucket.read('locks/crm')).toMatchObject({ executionArn: 'arn:clean-up' });
  });

  it.each([
    ['had begun nothing', undefined, 'switch-off'],
    ['could not close it', 'close', 'switch-off'],
    ['had begun to roll back: nothing is switched off any more', 'roll-back', 'roll-back'],
  ] as const)('goes on in the place of a CleanUp that died and %s', async (_name, begun, next) => {
    const world = await leftByCleanUp('ABORTED', begun);

    expect(await end(notClosed, 1)).toMatchObject({ next });
    expect(world.lockHeld).toBe(true);
  });
});
