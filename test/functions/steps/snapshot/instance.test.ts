import { CreateDBSnapshotCommand, DescribeDBSnapshotsCommand } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { handler } from '../../../../functions/steps/snapshot/handler.ts';
import { awsError, Bucket, IDENTIFIER, LOCK_LOST, tagsOf } from '../../fixtures.ts';
import { aboutToTake, NOW, rds, take } from './take.ts';

const snapshot = (Status: string, more: object = {}) => ({
  DBSnapshots: [
    {
      DBSnapshotIdentifier: IDENTIFIER,
      DBSnapshotArn: 'arn:snapshot',
      DBInstanceIdentifier: 'crm-db',
      Status,
      TagList: tagsOf(),
      ...more,
    },
  ],
});

aboutToTake();

describe('snapshot take', () => {
  it('asks for a snapshot that carries the run in its name and tags', async () => {
    rds.on(DescribeDBSnapshotsCommand).rejects(awsError('DBSnapshotNotFoundFault', 404));
    rds.on(CreateDBSnapshotCommand).resolves({ DBSnapshot: { ...snapshot('creating').DBSnapshots[0] } });

    const result = await handler(take());

    expect(result).toMatchObject({ done: false, identifier: IDENTIFIER, since: NOW });
    expect(rds.commandCalls(CreateDBSnapshotCommand)[0]?.args[0].input).toEqual({
      DBSnapshotIdentifier: IDENTIFIER,
      DBInstanceIdentifier: 'crm-db',
      Tags: tagsOf(),
    });
  });

  it('tags it as the company and, where planned, its source is tagged', async () => {
    rds.on(DescribeDBSnapshotsCommand).rejects(awsError('DBSnapshotNotFoundFault', 404));
    rds.on(CreateDBSnapshotCommand).resolves({ DBSnapshot: { ...snapshot('creating').DBSnapshots[0] } });
    const event = take();
    const { database } = event.state.plan;
    if (database === undefined) throw new Error('the plan knows the database');
    event.state.config.tags = { 'cost-center': '4711' };
    event.state.plan.database = { ...database, tags: [{ Key: 'team', Value: 'sales' }] };

    await handler(event);

    expect(rds.commandCalls(CreateDBSnapshotCommand)[0]?.args[0].input.Tags).toEqual([
      { Key: 'team', Value: 'sales' },
      { Key: 'cost-center', Value: '4711' },
      ...tagsOf(),
    ]);
  });

  it('finds the snapshot of a call whose answer was lost, and makes no second one', async () => {
    rds.on(DescribeDBSnapshotsCommand).resolves(snapshot('creating', { PercentProgress: 40 }));

    expect(await handler(take())).toMatchObject({ done: false, percent: 40 });
    expect(rds.commandCalls(CreateDBSnapshotCommand)).toHaveLength(0);
  });

  it('is done only when the snapshot is available', async () => {
    rds.on(DescribeDBSnapshotsCommand).resolves(snapshot('available'));

    expect(await handler(take())).toMatchObject({ done: true, percent: 100, arn: 'arn:snapshot' });
  });

  it.each([
    ['a failed snapshot', snapshot('failed'), { since: NOW }, 'ended as "failed"'],
    ['a status it does not know', snapshot('incompatible-restore'), { since: NOW }, 'incompatible-restore'],
    ['the deadline', snapshot('creating'), { since: '2026-11-27T08:00:00.000Z' }, 'still "creating"'],
    [
      'another database’s snapshot of that name',
      snapshot('available', { DBInstanceIdentifier: 'other' }),
      undefined,
      "not this run's",
    ],
    [
      'another run’s snapshot of that name',
      snapshot('available', { TagList: [{ Key: 'lights-out:run', Value: 'x' }] }),
      undefined,
      "not this run's",
    ],
  ])('fails on %s', async (_name, answer, previous, words) => {
    rds.on(DescribeDBSnapshotsCommand).resolves(answer);

    await expect(handler(take(previous))).rejects.toMatchObject({
      name: 'SnapshotFailed',
      message: expect.stringContaining(words),
    });
  });

  it('waits for a database that is busy with something else, for an hour', async () => {
    rds.on(DescribeDBSnapshotsCommand).rejects(awsError('DBSnapshotNotFoundFault', 404));
    rds.on(CreateDBSnapshotCommand).rejects(awsError('InvalidDBInstanceStateFault'));

    expect(await handler(take())).toMatchObject({ done: false, waitSeconds: 30 });
    expect(await handler(take({ since: '2026-11-27T13:30:00.000Z' }))).toMatchObject({ done: false });
    await expect(handler(take({ since: '2026-11-27T13:00:00.000Z' }))).rejects.toMatchObject({
      name: 'SnapshotFailed',
      message: expect.stringContaining('busy'),
    });
  });

  it('says so when the quota is reached, and has AWS asked again when it is throttling', async () => {
    rds.on(DescribeDBSnapshotsCommand).rejects(awsError('DBSnapshotNotFoundFault', 404));
    rds
      .on(CreateDBSnapshotCommand)
      .rejectsOnce(awsError('SnapshotQuotaExceededFault'))
      .rejectsOnce(awsError('Throttling'));

    await expect(handler(take())).rejects.toMatchObject({
      name: 'SnapshotFailed',
      message: expect.stringContaining('quota'),
    });
    await expect(handler(take())).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
  });
});

it.each(LOCK_LOST)('asks for nothing when %s', async (_name, lose, name) => {
  const bucket = new Bucket();
  bucket.lock();
  lose(bucket);

  await expect(handler(take())).rejects.toMatchObject({ name });

  expect(rds.calls()).toEqual([]);
});
