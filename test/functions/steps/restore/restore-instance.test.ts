import { DescribeDBInstancesCommand, RestoreDBInstanceFromDBSnapshotCommand } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { handler } from '../../../../functions/steps/restore/handler.ts';
import { awsError, Bucket, IDENTIFIER, LOCK_LOST, plan, system, tagsOf } from '../../fixtures.ts';
import { aboutToCopy, event, GROUP, rds } from './copy.ts';
import { gone, instance } from './instance.ts';

aboutToCopy();

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
      Tags: tagsOf(),
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

it.each(LOCK_LOST)('asks for nothing when %s', async (_name, lose, name) => {
  const bucket = new Bucket();
  bucket.lock();
  lose(bucket);

  await expect(handler(event('restore'))).rejects.toMatchObject({ name });

  expect(rds.calls()).toEqual([]);
});
