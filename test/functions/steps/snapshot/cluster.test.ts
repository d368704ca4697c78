import {
  CreateDBClusterSnapshotCommand,
  type DBClusterSnapshot,
  DescribeDBClusterSnapshotsCommand,
} from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { handler } from '../../../../functions/steps/snapshot/handler.ts';
import { awsError, IDENTIFIER, system, systemInput, tagsOf } from '../../fixtures.ts';
import { aboutToTake, rds, take } from './take.ts';

const config = system({ database: { ...systemInput().database, kind: 'cluster' } });
const call = () => handler(take(undefined, { config }));
const snapshot = (Status: string, more: DBClusterSnapshot = {}) => ({
  DBClusterSnapshotIdentifier: IDENTIFIER,
  DBClusterSnapshotArn: 'arn:snapshot',
  DBClusterIdentifier: 'crm-db',
  Status,
  TagList: tagsOf(),
  ...more,
});

aboutToTake();

describe('snapshot of a cluster', () => {
  it('is asked for once, and found again when the answer was lost', async () => {
    rds
      .on(DescribeDBClusterSnapshotsCommand)
      .rejectsOnce(awsError('DBClusterSnapshotNotFoundFault', 404))
      .resolves({ DBClusterSnapshots: [snapshot('creating', { PercentProgress: 40 })] });
    rds.on(CreateDBClusterSnapshotCommand).resolves({ DBClusterSnapshot: snapshot('creating') });

    expect(await call()).toMatchObject({ done: false, identifier: IDENTIFIER });
    expect(await call()).toMatchObject({ done: false, percent: 40 });
    expect(rds.commandCalls(CreateDBClusterSnapshotCommand).map((call) => call.args[0].input)).toEqual([
      { DBClusterSnapshotIdentifier: IDENTIFIER, DBClusterIdentifier: 'crm-db', Tags: tagsOf() },
    ]);
  });

  it('is done only when it is available', async () => {
    rds.on(DescribeDBClusterSnapshotsCommand).resolves({
      DBClusterSnapshots: [snapshot('available', { EngineVersion: '17.5' })],
    });

    expect(await call()).toMatchObject({
      done: true,
      percent: 100,
      arn: 'arn:snapshot',
      engineVersion: '17.5',
    });
  });

  it.each([
    ['a failed one', snapshot('failed'), 'ended as "failed"'],
    ['another cluster’s', snapshot('available', { DBClusterIdentifier: 'other' }), "not this run's"],
    [
      'another run’s',
      snapshot('available', { TagList: [{ Key: 'lights-out:run', Value: 'x' }] }),
      "not this run's",
    ],
  ])('is refused when it is %s', async (_name, found, words) => {
    rds.on(DescribeDBClusterSnapshotsCommand).resolves({ DBClusterSnapshots: [found] });

    await expect(call()).rejects.toMatchObject({
      name: 'SnapshotFailed',
      message: expect.stringContaining(words),
    });
  });

  it('waits for a cluster that is busy, looks again for one that exists, says so when the quota is reached', async () => {
    rds.on(DescribeDBClusterSnapshotsCommand).rejects(awsError('DBClusterSnapshotNotFoundFault', 404));
    rds
      .on(CreateDBClusterSnapshotCommand)
      .rejectsOnce(awsError('InvalidDBClusterStateFault'))
      .rejectsOnce(awsError('DBClusterSnapshotAlreadyExistsFault'))
      .rejectsOnce(awsError('SnapshotQuotaExceededFault'))
      .rejectsOnce(awsError('DBClusterNotFoundFault', 404));

    expect(await call()).toMatchObject({ done: false, waitSeconds: 30 });
    expect(await call()).toMatchObject({ done: false, waitSeconds: 10 });
    await expect(call()).rejects.toMatchObject({
      name: 'SnapshotFailed',
      message: expect.stringContaining('quota'),
    });
    await expect(call()).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
  });
});
