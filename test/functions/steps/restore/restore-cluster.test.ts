import { CreateDBInstanceCommand, RestoreDBClusterFromSnapshotCommand } from '@aws-sdk/client-rds';
import { describe, expect, it, vi } from 'vitest';
import { handler } from '../../../../functions/steps/restore/handler.ts';
import { awsError, IDENTIFIER, tagsOf } from '../../fixtures.ts';
import { asked, cluster, event, shows, WRITER, writer } from './cluster.ts';
import { aboutToCopy, GROUP, NOW, rds, tagsOfAnotherRun } from './copy.ts';

aboutToCopy();

describe('restore of a cluster', () => {
  it('asks for an isolated cluster in the source’s groups, version and storage', async () => {
    shows(undefined);
    rds.on(RestoreDBClusterFromSnapshotCommand).resolves({ DBCluster: cluster('creating') });

    expect(await handler(event('restore'))).toMatchObject({ done: false, identifier: IDENTIFIER });
    expect(rds.commandCalls(RestoreDBClusterFromSnapshotCommand)[0]?.args[0].input).toEqual({
      DBClusterIdentifier: IDENTIFIER,
      SnapshotIdentifier: IDENTIFIER,
      Engine: 'aurora-postgresql',
      EngineVersion: '17.4',
      Port: 5432,
      DBSubnetGroupName: 'crm-subnets',
      DBClusterParameterGroupName: 'crm-aurora17',
      StorageType: 'aurora-iopt1',
      VpcSecurityGroupIds: [GROUP],
      DeletionProtection: false,
      CopyTagsToSnapshot: false,
      BackupRetentionPeriod: 1,
      Tags: tagsOf(),
    });
    expect(asked()).toEqual(['RestoreDBClusterFromSnapshot']);
  });

  it('asks for the version of the snapshot, which an update has raised since the plan', async () => {
    shows(undefined);
    rds.on(RestoreDBClusterFromSnapshotCommand).resolves({ DBCluster: cluster('creating') });
    const snapshot = { identifier: IDENTIFIER, engineVersion: '17.5' };

    await handler(event('restore', { backup: { snapshot } }));

    const [call] = rds.commandCalls(RestoreDBClusterFromSnapshotCommand);
    expect(call?.args[0].input.EngineVersion).toBe('17.5');
  });

  it('then asks for its one instance, of the source’s class and never public', async () => {
    shows(cluster('available'));
    rds.on(CreateDBInstanceCommand).resolves({ DBInstance: writer('creating') });

    expect(await handler(event('restore'))).toMatchObject({ done: false, arn: 'arn:copy' });
    expect(rds.commandCalls(CreateDBInstanceCommand)[0]?.args[0].input).toEqual({
      DBInstanceIdentifier: WRITER,
      DBClusterIdentifier: IDENTIFIER,
      DBInstanceClass: 'db.r7g.xlarge',
      Engine: 'aurora-postgresql',
      DBParameterGroupName: 'crm-writer17',
      PubliclyAccessible: false,
      AutoMinorVersionUpgrade: false,
      Tags: tagsOf(),
    });
    expect(WRITER.length).toBeLessThanOrEqual(63);
  });

  it('takes the configured class, and a capacity range that never pauses for Serverless v2', async () => {
    shows(undefined);
    rds.on(RestoreDBClusterFromSnapshotCommand).resolves({ DBCluster: cluster('creating') });
    const serverless = { testInstance: { instanceClass: 'db.serverless', subnetGroup: 'quiet' } };

    await handler(event('restore', {}, serverless, { capacity: { minimum: 0, maximum: 16 } }));

    expect(rds.commandCalls(RestoreDBClusterFromSnapshotCommand)[0]?.args[0].input).toMatchObject({
      ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 16 },
      DBSubnetGroupName: 'quiet',
    });
  });

  it.each([
    ['the cluster is on its way', cluster('creating'), undefined],
    ['the cluster is being migrated', cluster('migrating'), undefined],
    ['the instance is on its way', cluster('available'), writer('creating')],
    ['the cluster works on something', cluster('backing-up'), writer('available')],
    [
      'the instance is listed by the cluster alone',
      cluster('available', { DBClusterMembers: [{ DBInstanceIdentifier: WRITER }] }),
      undefined,
    ],
    ['the instance is listed by itself alone', undefined, writer('creating')],
  ])('asks for nothing more while %s', async (_name, found, member) => {
    shows(found, member);

    expect(await handler(event('restore'))).toMatchObject({ done: false });
    expect(asked()).toEqual([]);
  });

  it('answers the writer endpoint once the instance is available', async () => {
    shows(cluster('available'), writer('available'));

    expect(await handler(event('restore'))).toMatchObject({
      done: true,
      identifier: IDENTIFIER,
      arn: 'arn:copy',
      address: 'copy.cluster-abc.example',
      port: 5432,
      resourceId: 'cluster-COPY',
    });
  });

  it.each([
    ['a cluster', undefined, RestoreDBClusterFromSnapshotCommand, 'DBClusterAlreadyExistsFault'],
    ['a snapshot', undefined, RestoreDBClusterFromSnapshotCommand, 'InvalidDBClusterSnapshotStateFault'],
    ['an instance', cluster('available'), CreateDBInstanceCommand, 'DBInstanceAlreadyExistsFault'],
    ['a cluster’s state', cluster('available'), CreateDBInstanceCommand, 'InvalidDBClusterStateFault'],
  ])(
    'looks again for %s that is not to be seen yet, for five minutes',
    async (_name, found, command, error) => {
      shows(found);
      rds.on(command as typeof CreateDBInstanceCommand).rejects(awsError(error));

      const first = await handler(event('restore'));
      expect(first).toMatchObject({ done: false, waitSeconds: 10, unseenSince: NOW });
      vi.setSystemTime('2026-11-27T14:24:00.000Z');
      const second = await handler(event('restore', { restore: first }));
      expect(second).toMatchObject({ done: false, unseenSince: NOW });
      vi.setSystemTime('2026-11-27T14:25:01.000Z');
      await expect(handler(event('restore', { restore: second }))).rejects.toMatchObject({
        name: 'RestoreFailed',
        message: expect.stringContaining('not to be found'),
      });
    },
  );

  it('counts the five minutes of the instance from when it was first asked for', async () => {
    shows(cluster('available'));
    rds.on(CreateDBInstanceCommand).rejects(awsError('DBInstanceAlreadyExistsFault'));
    const restore = { done: false, since: '2026-11-27T14:00:00.000Z' };

    expect(await handler(event('restore', { restore }))).toMatchObject({ done: false, unseenSince: NOW });
  });

  it.each([
    [
      'no room for a cluster',
      undefined,
      RestoreDBClusterFromSnapshotCommand,
      'DBClusterQuotaExceededFault',
      'quota',
    ],
    [
      'no room for an instance',
      cluster('available'),
      CreateDBInstanceCommand,
      'InstanceQuotaExceededFault',
      'quota',
    ],
    [
      'no capacity',
      cluster('available'),
      CreateDBInstanceCommand,
      'InsufficientDBInstanceCapacityFault',
      'no capacity for db.r7g.xlarge',
    ],
    [
      'a key that is disabled',
      undefined,
      RestoreDBClusterFromSnapshotCommand,
      'KMSKeyNotAccessibleFault',
      'KMS key',
    ],
  ])('fails at once when there is %s', async (_name, found, command, error, words) => {
    shows(found);
    rds.on(command as typeof CreateDBInstanceCommand).rejects(awsError(error));

    await expect(handler(event('restore'))).rejects.toMatchObject({
      name: 'RestoreFailed',
      message: expect.stringContaining(words),
    });
  });

  it('has the workflow try again what may pass, and hands on what it does not know', async () => {
    shows(undefined);
    rds
      .on(RestoreDBClusterFromSnapshotCommand)
      .rejectsOnce(awsError('Throttling'))
      .rejectsOnce(awsError('InvalidRestoreFault'));

    await expect(handler(event('restore'))).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
    await expect(handler(event('restore'))).rejects.toMatchObject({ name: 'InvalidRestoreFault' });
  });

  it.each([
    ['a cluster that failed', cluster('migration-failed'), undefined, 'migration-failed'],
    [
      'an instance that failed',
      cluster('available'),
      writer('incompatible-parameters'),
      'incompatible-parameters',
    ],
    ['a copy that somebody deletes', cluster('available'), writer('deleting'), 'deleting'],
    [
      'a public instance',
      cluster('available'),
      writer('available', { PubliclyAccessible: true }),
      'not isolated',
    ],
    [
      'a second security group',
      cluster('available', {
        VpcSecurityGroups: [{ VpcSecurityGroupId: GROUP }, { VpcSecurityGroupId: 'sg-default' }],
      }),
      writer('available'),
      'not isolated',
    ],
    [
      'another run’s cluster',
      cluster('available', { TagList: tagsOfAnotherRun }),
      undefined,
      "not this run's",
    ],
    [
      'another run’s instance',
      cluster('available'),
      writer('available', { TagList: tagsOfAnotherRun }),
      "not this run's",
    ],
  ])('fails on %s', async (_name, found, member, words) => {
    shows(found, member);

    await expect(handler(event('restore'))).rejects.toMatchObject({
      name: 'RestoreFailed',
      message: expect.stringContaining(words),
    });
    expect(asked()).toEqual([]);
  });

  it('fails at its deadline', async () => {
    shows(cluster('available'), writer('creating'));
    const restore = { since: '2026-11-27T10:00:00.000Z' };

    await expect(handler(event('restore', { restore }))).rejects.toMatchObject({ name: 'RestoreFailed' });
  });
});
