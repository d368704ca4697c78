import {
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler, type RestoreEvent } from '../../../functions/restore/handler.ts';
import {
  allowNothing,
  awsError,
  Bucket,
  execution,
  LOCK_LOST,
  plan,
  RUN_ID,
  runContext,
  standStill,
  system,
} from '../fixtures.ts';

const rds = mockClient(RDSClient);
const IDENTIFIER = `lights-out-crm-${RUN_ID}`;
const NOW = '2026-11-27T14:20:00.000Z';
const GROUP = 'sg-0fedcba9876543210';
const tags = [
  { Key: 'lights-out:system', Value: 'crm' },
  { Key: 'lights-out:run', Value: RUN_ID },
];

const event = (action: 'restore' | 'delete', state: object = {}): RestoreEvent =>
  ({
    action,
    execution,
    state: {
      run: runContext(),
      config: system(),
      plan: plan(),
      backup: { snapshot: { identifier: IDENTIFIER } },
      ...state,
    },
  }) as unknown as RestoreEvent;

const instance = (DBInstanceStatus: string, more: object = {}) => ({
  DBInstances: [
    {
      DBInstanceIdentifier: IDENTIFIER,
      DBInstanceArn: 'arn:copy',
      DbiResourceId: 'db-COPY',
      DBInstanceStatus,
      TagList: tags,
      PubliclyAccessible: false,
      VpcSecurityGroups: [{ VpcSecurityGroupId: GROUP }],
      Endpoint: { Address: 'copy.example', Port: 5432 },
      ...more,
    },
  ],
});
const gone = awsError('DBInstanceNotFoundFault', 404);

standStill(NOW);
allowNothing(rds);
beforeEach(() => {
  vi.stubEnv('TEST_SECURITY_GROUP_ID', GROUP);
  new Bucket().lock();
});

describe('restore', () => {
  it('switches IAM database authentication on for a user that signs in by it: a restore does not take it over', async () => {
    rds.on(DescribeDBInstancesCommand).rejects(gone);
    rds
      .on(RestoreDBInstanceFromDBSnapshotCommand)
      .resolves({ DBInstance: instance('creating').DBInstances[0] });
    const config = system({ database: { identifier: 'crm-db', engine: 'postgres', iamUser: 'lights_out' } });

    await handler(event('restore', { config }));

    const [call] = rds.commandCalls(RestoreDBInstanceFromDBSnapshotCommand);
    expect(call?.args[0].input).toMatchObject({ EnableIAMDatabaseAuthentication: true });
  });

  it('asks for an isolated copy in the source’s groups', async () => {
    rds.on(DescribeDBInstancesCommand).rejects(gone);
    rds
      .on(RestoreDBInstanceFromDBSnapshotCommand)
      .resolves({ DBInstance: instance('creating').DBInstances[0] });

    expect(await handler(event('restore'))).toMatchObject({ done: false, identifier: IDENTIFIER });
    expect(rds.commandCalls(RestoreDBInstanceFromDBSnapshotCommand)[0]?.args[0].input).toMatchObject({
      DBInstanceIdentifier: IDENTIFIER,
      DBSnapshotIdentifier: IDENTIFIER,
      VpcSecurityGroupIds: [GROUP],
      PubliclyAccessible: false,
      DeletionProtection: false,
      MultiAZ: false,
      AutoMinorVersionUpgrade: false,
      CopyTagsToSnapshot: false,
      BackupRetentionPeriod: 0,
      DBInstanceClass: 'db.t4g.large',
      Port: 5432,
      Tags: tags,
    });
  });

  it.each([
    ['already exists but is not listed yet', 'DBInstanceAlreadyExistsFault'],
    ['cannot use the snapshot yet', 'InvalidDBSnapshotStateFault'],
  ])('looks again when the instance %s, and fails when that lasts', async (_name, error) => {
    rds.on(DescribeDBInstancesCommand).rejects(gone);
    rds.on(RestoreDBInstanceFromDBSnapshotCommand).rejects(awsError(error));

    expect(await handler(event('restore'))).toMatchObject({ done: false, waitSeconds: 10 });
    const restore = { since: '2026-11-27T14:10:00.000Z', unseenSince: '2026-11-27T14:10:00.000Z' };
    await expect(handler(event('restore', { restore }))).rejects.toMatchObject({ name: 'RestoreFailed' });
    // One that was seen meanwhile: RDS was only behind for a moment.
    const seen = { since: '2026-11-27T14:10:00.000Z', arn: 'arn:copy' };
    expect(await handler(event('restore', { restore: seen }))).toMatchObject({ done: false });
  });

  it.each<[string, object, object]>([
    ['gp2', { storageType: 'gp2' }, { StorageType: 'gp2' }],
    ['io2', { storageType: 'io2', iops: 3000 }, { StorageType: 'io2', Iops: 3000 }],
    ['gp3, which a restore takes by itself', { storageType: 'gp3', iops: 3000 }, {}],
  ])('keeps the source’s storage: %s', async (_name, storage, asked) => {
    rds.on(DescribeDBInstancesCommand).rejects(gone);
    rds.on(RestoreDBInstanceFromDBSnapshotCommand).resolves({});
    const planned = plan();

    await handler(event('restore', { plan: { ...planned, database: { ...planned.database, ...storage } } }));

    const { StorageType, Iops } =
      rds.commandCalls(RestoreDBInstanceFromDBSnapshotCommand)[0]?.args[0].input ?? {};
    expect({ StorageType, Iops }).toEqual(asked);
  });

  it('asks once, however often it is called', async () => {
    rds.on(DescribeDBInstancesCommand).resolves(instance('creating', { Endpoint: undefined }));

    expect(await handler(event('restore'))).toMatchObject({ done: false });
    expect(rds.commandCalls(RestoreDBInstanceFromDBSnapshotCommand)).toHaveLength(0);
  });

  it('answers the endpoint once the copy is available', async () => {
    rds.on(DescribeDBInstancesCommand).resolves(instance('available'));

    expect(await handler(event('restore'))).toMatchObject({
      done: true,
      address: 'copy.example',
      port: 5432,
      resourceId: 'db-COPY',
    });
  });

  it.each([
    ['a terminal status', instance('incompatible-restore'), 'incompatible-restore'],
    ['a lost key', instance('inaccessible-encryption-credentials-recoverable'), 'inaccessible-encryption'],
    ['a public copy', instance('available', { PubliclyAccessible: true }), 'not isolated'],
    [
      'a copy in another security group',
      instance('available', { VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-default' }] }),
      'not isolated',
    ],
    [
      'an instance that is not this run’s',
      instance('available', { TagList: [{ Key: 'lights-out:run', Value: 'x' }] }),
      "not this run's",
    ],
  ])('fails on %s', async (_name, answer, words) => {
    rds.on(DescribeDBInstancesCommand).resolves(answer);

    await expect(handler(event('restore'))).rejects.toMatchObject({
      name: 'RestoreFailed',
      message: expect.stringContaining(words),
    });
  });

  it('fails at its deadline', async () => {
    rds.on(DescribeDBInstancesCommand).resolves(instance('creating'));
    const restore = { since: '2026-11-27T10:00:00.000Z' };

    await expect(handler(event('restore', { restore }))).rejects.toMatchObject({ name: 'RestoreFailed' });
  });
});

describe('delete', () => {
  const previous = { done: false, since: NOW, state: 'deleting' };

  it('deletes without a final snapshot and is done when RDS no longer knows it', async () => {
    rds.on(DescribeDBInstancesCommand).resolvesOnce(instance('available')).rejectsOnce(gone);
    rds.on(DeleteDBInstanceCommand).resolves({});

    expect(await handler(event('delete'))).toMatchObject({ done: false, state: 'available' });
    expect(rds.commandCalls(DeleteDBInstanceCommand)[0]?.args[0].input).toEqual({
      DBInstanceIdentifier: IDENTIFIER,
      SkipFinalSnapshot: true,
      DeleteAutomatedBackups: true,
    });
    expect(await handler(event('delete', { testInstance: previous }))).toMatchObject({
      done: true,
      state: 'deleted',
    });
  });

  it('does not ask again while it is being deleted, and tries again when RDS refuses', async () => {
    rds.on(DescribeDBInstancesCommand).resolvesOnce(instance('deleting')).resolvesOnce(instance('creating'));
    rds.on(DeleteDBInstanceCommand).rejects(awsError('InvalidDBInstanceStateFault'));

    expect(await handler(event('delete', { testInstance: previous }))).toMatchObject({ done: false });
    expect(rds.commandCalls(DeleteDBInstanceCommand)).toHaveLength(0);
    expect(await handler(event('delete', { testInstance: previous }))).toMatchObject({ done: false });
    expect(rds.commandCalls(DeleteDBInstanceCommand)).toHaveLength(1);
  });

  it('looks twice before it believes that there is none: a restore whose answer was lost may show late', async () => {
    rds.on(DescribeDBInstancesCommand).rejects(gone);

    expect(await handler(event('delete'))).toMatchObject({ done: false, state: 'unseen' });
    const earlier = { done: false, since: '2026-11-27T14:19:00.000Z', state: 'unseen' };
    const failure = { Error: 'VerificationMismatch', Cause: '' };
    for (const more of [{ testInstance: earlier }, { failure, rollback: { testInstance: earlier } }])
      expect(await handler(event('delete', more))).toMatchObject({ done: true });
  });

  it('does not believe for five minutes that one has vanished that the restore had seen', async () => {
    rds.on(DescribeDBInstancesCommand).rejects(gone);
    const restore = { done: true, arn: 'arn:copy' };
    const failure = { Error: 'VerificationMismatch', Cause: '' };
    const ago = (seconds: number) => ({
      done: false,
      since: new Date(Date.parse(NOW) - seconds * 1000).toISOString(),
      state: 'unseen',
    });

    for (const [seconds, done] of [
      [0, false],
      [290, false],
      [310, true],
    ] as const) {
      const testInstance = ago(seconds);
      expect(await handler(event('delete', { restore, testInstance }))).toMatchObject({ done });
      const rollback = { testInstance };
      expect(await handler(event('delete', { restore, failure, rollback }))).toMatchObject({ done });
    }
  });

  it('believes sooner that one is gone that the way forward had seen gone, or that it had asked to be deleted', async () => {
    rds.on(DescribeDBInstancesCommand).rejects(gone);
    const restore = { done: true, arn: 'arn:copy' };
    const deleting = { done: false, since: NOW, state: 'deleting' };
    const deleted = { done: true, since: NOW, state: 'deleted' };
    const failure = { Error: 'LockLost', Cause: '' };
    const rollback = { testInstance: { done: false, since: '2026-11-27T14:19:00.000Z', state: 'unseen' } };

    for (const more of [{ testInstance: deleting }, { testInstance: deleted, failure, rollback }])
      expect(await handler(event('delete', { restore, ...more }))).toMatchObject({ done: true });
  });

  it('is done at once when there was no snapshot that could have been restored', async () => {
    rds.on(DescribeDBInstancesCommand).rejects(gone);

    expect(await handler(event('delete', { backup: undefined }))).toMatchObject({ done: true });
  });

  it('gives a roll back all the time again', async () => {
    rds.on(DescribeDBInstancesCommand).resolves(instance('deleting'));
    const testInstance = { done: false, since: '2026-11-27T10:00:00.000Z', state: 'deleting' };
    const failure = { Error: 'TestInstanceNotDeleted', Cause: '' };

    expect(await handler(event('delete', { testInstance, failure }))).toMatchObject({
      done: false,
      since: NOW,
    });
  });

  it.each([
    ['the CRM’s own database', { DBInstanceIdentifier: 'crm-db' }],
    [
      'another run’s instance',
      {
        TagList: [
          { Key: 'lights-out:system', Value: 'crm' },
          { Key: 'lights-out:run', Value: 'other' },
        ],
      },
    ],
  ])('never deletes %s', async (_name, more) => {
    rds.on(DescribeDBInstancesCommand).resolves(instance('available', more));

    await expect(handler(event('delete'))).rejects.toMatchObject({ name: 'TestInstanceNotDeleted' });
    expect(rds.commandCalls(DeleteDBInstanceCommand)).toHaveLength(0);
  });

  it('waits five minutes for the tags of a copy that was just made, and never deletes it without them', async () => {
    rds.on(DescribeDBInstancesCommand).resolves(instance('creating', { TagList: [] }));
    // What an earlier deletion took does not count: the time runs from when the tags were first missing.
    const begun = { done: false, since: '2026-11-27T14:00:00.000Z', state: 'creating' };

    const first = await handler(event('delete', { testInstance: begun }));
    expect(first).toMatchObject({ done: false, state: 'creating', untaggedSince: NOW });
    vi.setSystemTime('2026-11-27T14:25:00.000Z');
    const second = await handler(event('delete', { testInstance: first }));
    expect(second).toMatchObject({ done: false, untaggedSince: NOW });
    vi.setSystemTime('2026-11-27T14:25:01.000Z');
    await expect(handler(event('delete', { testInstance: second }))).rejects.toMatchObject({
      name: 'TestInstanceNotDeleted',
      message: expect.stringContaining(`instance ${IDENTIFIER} does not carry this run's tags`),
    });
    expect(rds.commandCalls(DeleteDBInstanceCommand)).toHaveLength(0);
  });

  it('deletes it as soon as its tags are listed', async () => {
    rds
      .on(DescribeDBInstancesCommand)
      .resolvesOnce(instance('creating', { TagList: [] }))
      .resolvesOnce(instance('creating'));
    rds.on(DeleteDBInstanceCommand).resolves({});

    const testInstance = await handler(event('delete'));
    const answer = await handler(event('delete', { testInstance }));

    expect(answer).not.toHaveProperty('untaggedSince');
    expect(rds.commandCalls(DeleteDBInstanceCommand)).toHaveLength(1);
  });

  it('fails at its deadline', async () => {
    rds.on(DescribeDBInstancesCommand).resolves(instance('available'));
    const testInstance = { done: false, since: '2026-11-27T10:00:00.000Z', state: 'available' };

    await expect(handler(event('delete', { testInstance }))).rejects.toMatchObject({
      name: 'TestInstanceNotDeleted',
    });
  });
});

it.each(LOCK_LOST)('asks for nothing when %s', async (_name, lose) => {
  const bucket = new Bucket();
  bucket.lock();
  lose(bucket);

  await expect(handler(event('restore'))).rejects.toMatchObject({ name: 'LockLost' });

  expect(rds.calls()).toEqual([]);
});
