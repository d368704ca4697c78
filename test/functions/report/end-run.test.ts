import {
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  DescribeEventsCommand,
} from '@aws-sdk/client-rds';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { handler, type ReportEvent } from '../../../functions/report/handler.ts';
import { ANOTHER_EXECUTION, execution, RUN_ID, standStill } from '../fixtures.ts';
import { CERTIFICATE, closed, end } from './ended.ts';
import { notBegun, partlyOff, rolledBack, succeeded } from './runs.ts';
import { World } from './world.ts';

standStill();

const failure = { Error: 'SnapshotFailed', Cause: '{"errorMessage":"it ended as failed"}' };

describe('the end of a run that did not succeed', () => {
  it.each([
    ['its failure', { failure }, { name: 'SnapshotFailed', message: 'it ended as failed' }],
    [
      'why it could not be closed',
      { failure, closing: { Error: 'Sandbox.Timedout', Cause: 'after 60 s' } },
      { name: 'Sandbox.Timedout', message: 'after 60 s' },
    ],
    [
      'its failure, when it was closed since',
      { failure, closing: { Error: 'Sandbox.Timedout', Cause: '' }, report: { redrives: 0 } },
      { name: 'SnapshotFailed' },
    ],
  ])('is %s', async (_name, more, thrown) => {
    new World(notBegun());

    await expect(end({ ...rolledBack().state, ...more }, 0)).rejects.toMatchObject(thrown);
  });

  it('is PartlyOff with the summary, when something is still on', async () => {
    const { state } = partlyOff();
    new World(partlyOff());

    await expect(
      end({ ...state, report: { summary: 'partly-off: web-1 is on', redrives: 0 } }, 0),
    ).rejects.toMatchObject({ name: 'PartlyOff', message: 'partly-off: web-1 is on' });
  });

  it('believes no input that says how it ended', async () => {
    new World(notBegun());
    const input = { failure, closing: { Error: 'Forged', Cause: '' }, redriven: { count: 1 } };

    await expect(end(input, 0)).rejects.toMatchObject({ name: 'SnapshotFailed' });
  });
});

describe('a redrive of a run that is partly off', () => {
  const past = { lock: { held: true } };

  it('switches off again, under its own lock', async () => {
    const world = await closed(partlyOff());

    const way = await end({ ...partlyOff().state, ...past }, 1);

    expect(way).toMatchObject({ count: 1, next: 'switch-off' });
    expect(world.bucket.read('locks/crm')).toMatchObject({ executionArn: execution.id, runId: RUN_ID });
  });

  it.each<[string, (world: World) => void, string]>([
    [
      'it was released',
      (world) => world.bucket.put('intent/crm', { wanted: 'on', since: 'x', by: 'arn', stoppedAgain: 0 }),
      'not marked as off',
    ],
    [
      'a later run marked it',
      (world) =>
        world.bucket.put('intent/crm', {
          wanted: 'off',
          since: 'x',
          by: 'run y',
          run: { id: 'y' },
          stoppedAgain: 0,
        }),
      'meant to be off since x, by run y',
    ],
    [
      'something was stopped again',
      (world) =>
        world.bucket.put('intent/crm', { ...(world.bucket.read('intent/crm') as object), stoppedAgain: 1 }),
      'had been started since',
    ],
    [
      'RDS tells of a start',
      (world) =>
        world.rds
          .on(DescribeEventsCommand)
          .callsFake(({ Marker }) =>
            Marker === undefined
              ? { Events: [], Marker: '1' }
              : { Events: [{ Message: 'DB instance started.' }] },
          ),
      'RDS says',
    ],
  ])('is refused, and gives the lock back, when %s', async (_name, happen, words) => {
    const world = await closed(partlyOff());
    happen(world);

    await expect(end({ ...partlyOff().state, ...past }, 1)).rejects.toMatchObject({
      name: 'RedriveRefused',
      message: expect.stringContaining(words),
    });

    expect(world.lockHeld).toBe(false);
  });

  it('looks at the source again first where its database is on: it may have been written to meanwhile', async () => {
    const run = partlyOff();
    const world = await closed(run);
    world.rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ DBInstanceStatus: 'available' }] });
    world.bucket.put(CERTIFICATE, {
      ...(world.bucket.read(CERTIFICATE) as object),
      resources: [],
    });

    expect(await end({ ...run.state, ...past }, 1)).toMatchObject({ next: 'confirm-source' });
  });

  it('does not take a reboot for a start', async () => {
    const world = await closed(partlyOff());
    world.rds.on(DescribeEventsCommand).resolves({ Events: [{ Message: 'DB instance restarted' }] });

    expect(await end({ ...partlyOff().state, ...past }, 1)).toMatchObject({ next: 'switch-off' });
  });

  it('is refused when the snapshot is gone', async () => {
    const world = await closed(partlyOff());
    world.rds.on(DescribeDBSnapshotsCommand).resolves({ DBSnapshots: [] });

    await expect(end({ ...partlyOff().state, ...past }, 1)).rejects.toMatchObject({
      name: 'VerificationImpossible',
    });
    expect(world.lockHeld).toBe(false);
  });

  it.each([
    ['touched the system', { outcome: 'rolled-back', steps: [{ name: 'Drain sessions' }] }, 'RedriveRefused'],
    ['did not begin', { outcome: 'skipped', steps: [] }, undefined],
  ])('with a later run that %s', async (_name, certificate, name) => {
    const later = '20991231-2200-aaaaaaaa';
    const world = await closed(partlyOff(), [later]);
    world.bucket.put(`runs/crm/${later}/certificate.json`, certificate);

    const way = end({ ...partlyOff().state, ...past }, 1);

    if (name === undefined) expect(await way).toMatchObject({ next: 'switch-off' });
    else await expect(way).rejects.toMatchObject({ name, message: expect.stringContaining(later) });
  });

  it('is refused while another run is at work', async () => {
    const world = await closed(partlyOff());
    world.bucket.lock(ANOTHER_EXECUTION);
    world.sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });

    await expect(end({ ...partlyOff().state, ...past }, 1)).rejects.toMatchObject({
      name: 'RunInProgress',
    });
    expect(world.bucket.read('locks/crm')).toMatchObject({ executionArn: ANOTHER_EXECUTION });
  });

  it('ends with its error when it came there again', async () => {
    const world = await closed(partlyOff());
    const redriven = { count: 1, next: 'switch-off', at: '' };

    await expect(end({ ...partlyOff().state, ...past, redriven }, 1)).rejects.toMatchObject({
      name: 'PartlyOff',
    });
    expect(world.lockHeld).toBe(false);
  });
});

describe('a redrive of another run', () => {
  it('rolls back again what was not brought back', async () => {
    const run = rolledBack();
    const state = {
      ...run.state,
      rollback: { ...run.state.rollback, services: { Error: 'ServiceDidNotStart', Cause: '' } },
    };
    const world = await closed({ ...run, state } as typeof run);

    expect(await end(state, 1)).toMatchObject({ next: 'roll-back' });
    expect(world.lockHeld).toBe(true);
  });

  it.each([
    ['was rolled back', rolledBack],
    ['did not begin', notBegun],
  ])('has nothing to do for one that %s, and says so', async (_name, make) => {
    const world = await closed(make());

    await expect(end(make().state, 1)).rejects.toMatchObject({
      name: make().state.failure?.Error,
      message: expect.stringContaining('start a new one'),
    });
    expect(world.lockHeld).toBe(false);
  });

  it('lets one read SUCCEEDED that was closed with everything off', async () => {
    const world = await closed(succeeded());
    const state = { ...succeeded().state, closing: { Error: 'Sandbox.Timedout', Cause: '' } };

    expect(await end(state, 1)).toMatchObject({ next: 'succeeded' });
    expect(world.lockHeld).toBe(false);
  });

  it('closes one that was never closed, by how far it had come', async () => {
    const world = await closed(succeeded());
    world.bucket.objects.delete(CERTIFICATE);
    world.bucket.lock();
    const state = { ...succeeded().state, lock: { held: true }, closing: { Error: 'X', Cause: '' } };

    expect(await end(state, 1)).toMatchObject({ next: 'switch-off' });
    expect(world.lockHeld).toBe(true);
  });

  it('is refused to one that was never closed and whose lock was taken away', async () => {
    const world = await closed(succeeded());
    world.bucket.objects.delete(CERTIFICATE);

    await expect(end({ ...succeeded().state, closing: { Error: 'X', Cause: '' } }, 1)).rejects.toMatchObject({
      name: 'RedriveRefused',
    });
  });

  it('of one that was shut out for want of its lock looks for the way on at once, and keeps what had ended it', async () => {
    const run = rolledBack();
    const state = {
      ...run.state,
      rollback: { ...run.state.rollback, services: { Error: 'ServiceDidNotStart', Cause: '' } },
    };
    await closed({ ...run, state } as typeof run);
    const shutOut = { ...state, failure: { Error: 'LockLost', Cause: '' }, ended: { redriveCount: 1 } };

    const way = await handler({
      action: 'end',
      execution: { ...execution, redriveCount: 1 },
      state: shutOut,
    } as unknown as ReportEvent);

    expect(way).toMatchObject({ next: 'roll-back', failure: { Error: run.state.failure?.Error } });
  });
});
