import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../../functions/guard/watch/handler.ts';
import { runIdOf } from '../../../../functions/runtime/run.ts';
import { standStill } from '../../fixtures.ts';
import { OFF_SINCE, WatchWorld } from '../../watch-world.ts';
import { hour, rdsEvent } from './events.ts';

let world: WatchWorld;

standStill('2026-12-04T15:00:00.000Z');
beforeEach(() => {
  world = new WatchWorld();
});

describe('a run that is over and still holds the lock', () => {
  const lock = { runId: 'r2', executionArn: 'arn:two', since: OFF_SINCE };
  const ended = {
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    detail: {
      executionArn: 'arn:two',
      status: 'ABORTED',
      startDate: Date.parse('2026-12-04T14:00:00.000Z'),
      stopDate: Date.parse('2026-12-04T14:59:00.000Z'),
    },
  };
  const runId = runIdOf({ id: 'arn:two', name: '', startTime: '2026-12-04T14:00:00.000Z' });
  const closed = () => world.bucket.put(`runs/crm/${runId}/certificate.json`, {});

  it.each(['ABORTED', 'TIMED_OUT', 'FAILED'])('is cleaned up after when it is %s', async (status) => {
    world.bucket.put('locks/crm', lock);
    world.holder = status;

    expect(await handler(ended)).toMatchObject({ cleaningUp: 'r2' });
    expect(world.started).toEqual([{ executionArn: 'arn:two' }]);
    expect(world.sfn.commandCalls(StartExecutionCommand)[0]?.args[0].input).toMatchObject({
      stateMachineArn: 'arn:clean-up',
      name: expect.stringMatching(/^clean-up-2026120415-[0-9a-f]{16}$/),
    });
  });

  it('is found by the hour when the event was lost, and by the run that it is about when CleanUp died', async () => {
    world.bucket.put('locks/crm', { ...lock, executionArn: 'arn:clean-up:1', cleaning: 'arn:two' });
    world.holder = 'FAILED';

    expect(await handler(hour)).toMatchObject({ cleaningUp: 'r2' });
    expect(world.started).toEqual([{ executionArn: 'arn:two' }]);
  });

  it('is left alone while it runs, and when it was closed', async () => {
    closed();
    expect(await handler(ended)).not.toHaveProperty('cleaningUp');
    world.bucket.put('locks/crm', lock);
    world.holder = 'RUNNING';
    expect(await handler(hour)).not.toHaveProperty('cleaningUp');
    expect(world.started).toEqual([]);
  });

  it('is handed to CleanUp although Step Functions, behind its own event, still says that it runs', async () => {
    world.bucket.put('locks/crm', lock);
    world.holder = 'RUNNING';

    expect(await handler(ended)).toMatchObject({ cleaningUp: 'r2' });
    expect(world.started).toEqual([{ executionArn: 'arn:two' }]);
  });

  it('is cleaned up after again when it was redriven and stopped a second time within the hour', async () => {
    world.bucket.put('locks/crm', lock);
    await handler(ended);
    await handler(ended);
    await handler({
      ...ended,
      detail: { ...ended.detail, stopDate: Date.parse('2026-12-04T15:00:00.000Z') },
    });

    const names = world.sfn.commandCalls(StartExecutionCommand).map((call) => call.args[0].input.name);
    expect(new Set(names).size).toBe(2);
  });

  it.each<[string, () => void]>([
    ['nobody holds the lock', () => {}],
    ['another run does', () => world.lock('RUNNING')],
  ])('is closed when it was stopped before it held the lock: %s', async (_name, change) => {
    change();

    expect(await handler(ended)).toMatchObject({ cleaningUp: runId });
    expect(world.started).toEqual([{ executionArn: 'arn:two' }]);
  });

  it.each<[string, string, string | undefined]>([
    ['an hour ago', '2026-12-04T14:00:00.000Z', 'is closed'],
    ['so lately that it may be in the middle of being closed', '2026-12-04T14:50:00.000Z', undefined],
    ['days ago', '2026-12-02T14:00:00.000Z', undefined],
  ])(
    'is found by the hour without its event when it was stopped before it held the lock: %s',
    async (_name, stopDate, is) => {
      const startDate = new Date('2026-12-02T13:00:00.000Z');
      world.ended = [{ executionArn: 'arn:two', status: 'ABORTED', startDate, stopDate: new Date(stopDate) }];

      await handler(hour);
      await handler(rdsEvent('RDS-EVENT-0088'));

      expect(world.started).toEqual(is === undefined ? [] : [{ executionArn: 'arn:two' }]);
    },
  );

  it('is not found by the hour when it was closed', async () => {
    const startDate = new Date('2026-12-04T14:00:00.000Z');
    world.ended = [{ executionArn: 'arn:two', status: 'FAILED', startDate, stopDate: startDate }];
    closed();

    await handler(hour);

    expect(world.started).toEqual([]);
  });

  it('is not handed on a second time while it is being cleaned up after', async () => {
    world.bucket.put('locks/crm', { ...lock, executionArn: 'arn:clean-up:1', cleaning: 'arn:two' });
    world.holder = 'RUNNING';

    expect(await handler(ended)).not.toHaveProperty('cleaningUp');
    expect(world.started).toEqual([]);
  });
});
