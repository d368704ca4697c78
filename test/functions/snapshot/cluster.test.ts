import {
  CreateDBClusterSnapshotCommand,
  type DBClusterSnapshot,
  DescribeDBClusterSnapshotsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler, type SnapshotEvent } from '../../../functions/snapshot/handler.ts';
import {
  allowNothing,
  awsError,
  Bucket,
  execution,
  plan,
  RUN_ID,
  runContext,
  standStill,
  system,
  systemInput,
} from '../fixtures.ts';

const rds = mockClient(RDSClient);
const IDENTIFIER = `lights-out-crm-${RUN_ID}`;
const NOW = '2026-11-27T14:10:00.000Z';
const tags = [
  { Key: 'lights-out:system', Value: 'crm' },
  { Key: 'lights-out:run', Value: RUN_ID },
];
const event = (previous?: object): SnapshotEvent =>
  ({
    action: 'take',
    execution,
    state: {
      run: runContext(),
      config: system({ database: { ...systemInput().database, kind: 'cluster' } }),
      plan: plan(),
      ...(previous === undefined ? {} : { backup: { snapshot: previous } }),
    },
  }) as unknown as SnapshotEvent;
const snapshot = (Status: string, more: DBClusterSnapshot = {}) => ({
  DBClusterSnapshotIdentifier: IDENTIFIER,
  DBClusterSnapshotArn: 'arn:snapshot',
  DBClusterIdentifier: 'crm-db',
  Status,
  TagList: tags,
  ...more,
});

standStill(NOW);
allowNothing(rds);
beforeEach(() => {
  new Bucket().lock();
});

describe('snapshot of a cluster', () => {
  it('is asked for once, and found again when the answer was lost', async () => {
    rds
      .on(DescribeDBClusterSnapshotsCommand)
      .rejectsOnce(awsError('DBClusterSnapshotNotFoundFault', 404))
      .resolves({ DBClusterSnapshots: [snapshot('creating', { PercentProgress: 40 })] });
    rds.on(CreateDBClusterSnapshotCommand).resolves({ DBClusterSnapshot: snapshot('creating') });

    expect(await handler(event())).toMatchObject({ done: false, identifier: IDENTIFIER });
    expect(await handler(event())).toMatchObject({ done: false, percent: 40 });
    expect(rds.commandCalls(CreateDBClusterSnapshotCommand).map((call) => call.args[0].input)).toEqual([
      { DBClusterSnapshotIdentifier: IDENTIFIER, DBClusterIdentifier: 'crm-db', Tags: tags },
    ]);
  });

  it('is done only when it is available', async () => {
    rds.on(DescribeDBClusterSnapshotsCommand).resolves({
      DBClusterSnapshots: [snapshot('available', { EngineVersion: '17.5' })],
    });

    expect(await handler(event())).toMatchObject({
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

    await expect(handler(event())).rejects.toMatchObject({
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

    expect(await handler(event())).toMatchObject({ done: false, waitSeconds: 30 });
    expect(await handler(event())).toMatchObject({ done: false, waitSeconds: 10 });
    await expect(handler(event())).rejects.toMatchObject({
      name: 'SnapshotFailed',
      message: expect.stringContaining('quota'),
    });
    await expect(handler(event())).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
  });
});
