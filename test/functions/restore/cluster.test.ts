import {
  CreateDBInstanceCommand,
  type DBCluster,
  type DBInstance,
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  RDSClient,
  RestoreDBClusterFromSnapshotCommand,
} from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler, type RestoreEvent } from '../../../functions/restore/handler.ts';
import type { PlannedDatabase } from '../../../functions/shared/contract/state.ts';
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
const CLUSTER = `lights-out-crm-${RUN_ID}`;
const WRITER = `${CLUSTER}-writer`;
const NOW = '2026-11-27T14:20:00.000Z';
const GROUP = 'sg-0fedcba9876543210';
const tags = [
  { Key: 'lights-out:system', Value: 'crm' },
  { Key: 'lights-out:run', Value: RUN_ID },
];
const foreign = [
  { Key: 'lights-out:system', Value: 'crm' },
  { Key: 'lights-out:run', Value: 'other' },
];
const source: PlannedDatabase = {
  identifier: 'crm-db',
  arn: 'arn:aws:rds:eu-central-1:123456789012:cluster:crm-db',
  resourceId: 'cluster-SOURCE',
  engine: 'aurora-postgresql',
  engineVersion: '17.4',
  instanceClass: 'db.r7g.xlarge',
  address: 'crm-db.cluster-abc.example',
  port: 5432,
  allocatedStorageGib: 1,
  storageType: 'aurora-iopt1',
  subnetGroup: 'crm-subnets',
  parameterGroup: 'crm-writer17',
  clusterParameterGroup: 'crm-aurora17',
  multiAz: true,
};

const event = (
  action: 'restore' | 'delete',
  state: object = {},
  database: object = {},
  found: Partial<PlannedDatabase> = {},
): RestoreEvent =>
  ({
    action,
    execution,
    state: {
      run: runContext(),
      config: system({ database: { ...systemInput().database, kind: 'cluster', ...database } }),
      plan: plan({ database: { ...source, ...found } }),
      backup: { snapshot: { identifier: CLUSTER } },
      ...state,
    },
  }) as unknown as RestoreEvent;

const cluster = (Status: string, more: Partial<DBCluster> = {}): DBCluster => ({
  DBClusterIdentifier: CLUSTER,
  DBClusterArn: 'arn:copy',
  DbClusterResourceId: 'cluster-COPY',
  Status,
  TagList: tags,
  Endpoint: 'copy.cluster-abc.example',
  Port: 5432,
  VpcSecurityGroups: [{ VpcSecurityGroupId: GROUP }],
  DBClusterMembers: [],
  ...more,
});
const writer = (DBInstanceStatus: string, more: Partial<DBInstance> = {}): DBInstance => ({
  DBInstanceIdentifier: WRITER,
  DBInstanceStatus,
  TagList: tags,
  PubliclyAccessible: false,
  VpcSecurityGroups: [{ VpcSecurityGroupId: GROUP }],
  ...more,
});
/** What RDS shows of the copy; undefined: it knows none. */
const shows = (DBCluster: DBCluster | undefined, DBInstance?: DBInstance): void => {
  const clusters = rds.on(DescribeDBClustersCommand, { DBClusterIdentifier: CLUSTER });
  if (DBCluster === undefined) clusters.rejects(awsError('DBClusterNotFoundFault', 404));
  else clusters.resolves({ DBClusters: [DBCluster] });
  const instances = rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: WRITER });
  if (DBInstance === undefined) instances.rejects(awsError('DBInstanceNotFoundFault', 404));
  else instances.resolves({ DBInstances: [DBInstance] });
};
const asked = (): string[] =>
  rds
    .calls()
    .map((call) => call.args[0].constructor.name.replace('Command', ''))
    .filter((name) => !name.startsWith('Describe'));

standStill(NOW);
allowNothing(rds);
beforeEach(() => {
  vi.stubEnv('TEST_SECURITY_GROUP_ID', GROUP);
  new Bucket().lock();
});

describe('restore of a cluster', () => {
  it('asks for an isolated cluster in the source’s groups, version and storage', async () => {
    shows(undefined);
    rds.on(RestoreDBClusterFromSnapshotCommand).resolves({ DBCluster: cluster('creating') });

    expect(await handler(event('restore'))).toMatchObject({ done: false, identifier: CLUSTER });
    expect(rds.commandCalls(RestoreDBClusterFromSnapshotCommand)[0]?.args[0].input).toEqual({
      DBClusterIdentifier: CLUSTER,
      SnapshotIdentifier: CLUSTER,
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
      Tags: tags,
    });
    expect(asked()).toEqual(['RestoreDBClusterFromSnapshot']);
  });

  it('asks for the version of the snapshot, which an update has raised since the plan', async () => {
    shows(undefined);
    rds.on(RestoreDBClusterFromSnapshotCommand).resolves({ DBCluster: cluster('creating') });
    const snapshot = { identifier: CLUSTER, engineVersion: '17.5' };

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
      DBClusterIdentifier: CLUSTER,
      DBInstanceClass: 'db.r7g.xlarge',
      Engine: 'aurora-postgresql',
      DBParameterGroupName: 'crm-writer17',
      PubliclyAccessible: false,
      AutoMinorVersionUpgrade: false,
      Tags: tags,
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
      identifier: CLUSTER,
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
    ['another run’s cluster', cluster('available', { TagList: foreign }), undefined, "not this run's"],
    [
      'another run’s instance',
      cluster('available'),
      writer('available', { TagList: foreign }),
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

describe('delete of a cluster', () => {
  const previous = { done: false, since: NOW, state: 'deleting' };
  const deletes = () => handler(event('delete', { testInstance: previous }));

  it('deletes the instance, sees it gone, deletes the cluster, sees it gone', async () => {
    rds.on(DeleteDBInstanceCommand).resolves({});
    rds.on(DeleteDBClusterCommand).resolves({});

    shows(cluster('available'), writer('available'));
    expect(await deletes()).toMatchObject({ done: false, state: 'available' });
    expect(asked()).toEqual(['DeleteDBInstance']);
    expect(rds.commandCalls(DeleteDBInstanceCommand)[0]?.args[0].input).toMatchObject({
      DBInstanceIdentifier: WRITER,
      SkipFinalSnapshot: true,
    });

    shows(cluster('available'), writer('deleting'));
    expect(await deletes()).toMatchObject({ done: false, state: 'deleting' });
    expect(asked()).toEqual(['DeleteDBInstance']);

    shows(cluster('available'));
    expect(await deletes()).toMatchObject({ done: false });
    expect(rds.commandCalls(DeleteDBClusterCommand)[0]?.args[0].input).toEqual({
      DBClusterIdentifier: CLUSTER,
      SkipFinalSnapshot: true,
      DeleteAutomatedBackups: true,
    });

    shows(cluster('deleting'));
    expect(await deletes()).toMatchObject({ done: false, state: 'deleting' });
    shows(undefined);
    expect(await deletes()).toMatchObject({ done: true, state: 'deleted' });
    expect(asked()).toEqual(['DeleteDBInstance', 'DeleteDBCluster']);
  });

  it.each([
    [
      'an instance that is being made',
      writer('creating'),
      DeleteDBInstanceCommand,
      'InvalidDBInstanceStateFault',
    ],
    [
      'an instance that went meanwhile',
      writer('available'),
      DeleteDBInstanceCommand,
      'DBInstanceNotFoundFault',
    ],
    ['a cluster with an unseen instance', undefined, DeleteDBClusterCommand, 'InvalidDBClusterStateFault'],
    ['a cluster that went meanwhile', undefined, DeleteDBClusterCommand, 'DBClusterNotFoundFault'],
  ])('tries again when RDS refuses the deletion of %s', async (_name, member, command, error) => {
    shows(cluster('available'), member);
    rds.on(command as typeof DeleteDBInstanceCommand).rejects(awsError(error));

    expect(await deletes()).toMatchObject({ done: false });
  });

  it('is not done while one of the two is left', async () => {
    rds.on(DeleteDBInstanceCommand).resolves({});
    shows(undefined, writer('available'));

    expect(await deletes()).toMatchObject({ done: false });
    expect(asked()).toEqual(['DeleteDBInstance']);
  });

  it('looks twice before it believes that there is none', async () => {
    shows(undefined);

    expect(await handler(event('delete'))).toMatchObject({ done: false, state: 'unseen' });
  });

  it.each([
    ['another run’s cluster', cluster('available', { TagList: foreign }), writer('available')],
    [
      'another run’s cluster whose instance has no tags yet',
      cluster('available', { TagList: foreign }),
      writer('creating', { TagList: [] }),
    ],
    ['another run’s instance', cluster('available'), writer('available', { TagList: foreign })],
    ['the CRM’s own cluster', cluster('available', { DBClusterIdentifier: 'crm-db' }), undefined],
    [
      'a cluster that somebody put an instance into',
      cluster('available', { DBClusterMembers: [{ DBInstanceIdentifier: 'reports' }] }),
      undefined,
    ],
  ])('never deletes %s, nor any part of it, and says so at once', async (_name, found, member) => {
    shows(found, member);

    await expect(deletes()).rejects.toMatchObject({ name: 'TestInstanceNotDeleted' });
    expect(asked()).toEqual([]);
  });

  it('waits for the tags of a part that was just made, then deletes it', async () => {
    rds.on(DeleteDBInstanceCommand).resolves({});
    shows(cluster('available'), writer('creating', { TagList: [] }));
    expect(await deletes()).toMatchObject({ done: false, untaggedSince: NOW });
    expect(asked()).toEqual([]);

    shows(cluster('available'), writer('creating'));
    expect(await deletes()).toMatchObject({ done: false });
    expect(asked()).toEqual(['DeleteDBInstance']);
  });

  it('fails at its deadline', async () => {
    shows(cluster('available'), writer('deleting'));
    const testInstance = { done: false, since: '2026-11-27T10:00:00.000Z', state: 'deleting' };

    await expect(handler(event('delete', { testInstance }))).rejects.toMatchObject({
      name: 'TestInstanceNotDeleted',
      message: expect.stringContaining('"deleting"'),
    });
  });
});
