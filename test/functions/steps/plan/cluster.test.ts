import {
  type DBCluster,
  type DBInstance,
  DescribeBlueGreenDeploymentsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeGlobalClustersCommand,
  DescribePendingMaintenanceActionsCommand,
} from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, it } from 'vitest';
import { lookAtDatabase } from '../../../../functions/steps/plan/database.ts';
import { awsError, system, systemInput } from '../../fixtures.ts';
import { nothingAgainst, quotas, rds } from './rds-look.ts';

const ARN = 'arn:aws:rds:eu-central-1:123456789012:cluster:crm-db';
const cluster: DBCluster = {
  DBClusterIdentifier: 'crm-db',
  DBClusterArn: ARN,
  DbClusterResourceId: 'cluster-SOURCE',
  Status: 'available',
  Engine: 'aurora-postgresql',
  EngineVersion: '17.4',
  EngineMode: 'provisioned',
  Endpoint: 'crm-db.cluster-abc.example',
  Port: 5432,
  AllocatedStorage: 1,
  StorageType: 'aurora-iopt1',
  MultiAZ: true,
  DBSubnetGroup: 'crm-subnets',
  DBClusterParameterGroup: 'crm-aurora17',
  DBClusterMembers: [
    { DBInstanceIdentifier: 'crm-db-2', IsClusterWriter: false },
    { DBInstanceIdentifier: 'crm-db-1', IsClusterWriter: true },
  ],
};
const members: DBInstance[] = [
  {
    DBInstanceIdentifier: 'crm-db-2',
    DBInstanceArn: 'arn:member-2',
    DBInstanceStatus: 'available',
    DBInstanceClass: 'db.r7g.large',
    DBParameterGroups: [{ DBParameterGroupName: 'reader-group' }],
  },
  {
    DBInstanceIdentifier: 'crm-db-1',
    DBInstanceArn: 'arn:member-1',
    DBInstanceStatus: 'available',
    DBInstanceClass: 'db.r7g.xlarge',
    DBParameterGroups: [{ DBParameterGroupName: 'writer-group' }],
  },
];
const config = (database: object = {}, more: object = {}) =>
  system({ database: { ...systemInput().database, kind: 'cluster', ...database }, ...more });
const answers = (changes: Partial<DBCluster>, found = members): void => {
  rds.on(DescribeDBClustersCommand).resolves({ DBClusters: [{ ...cluster, ...changes }] });
  rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: found });
};

nothingAgainst();
beforeEach(() => {
  rds.on(DescribeGlobalClustersCommand).resolves({});
  answers({});
});

describe('the look at a DB cluster', () => {
  it('finds nothing against an Aurora cluster, I/O-Optimized or not, and what a restore keeps', async () => {
    expect(await lookAtDatabase(config(), { verification: 'full' })).toEqual({
      pendingUpdates: [],
      reasons: [],
      warnings: [],
      database: {
        identifier: 'crm-db',
        arn: ARN,
        resourceId: 'cluster-SOURCE',
        engine: 'aurora-postgresql',
        engineVersion: '17.4',
        instanceClass: 'db.r7g.xlarge',
        address: 'crm-db.cluster-abc.example',
        port: 5432,
        allocatedStorageGib: 1,
        storageType: 'aurora-iopt1',
        subnetGroup: 'crm-subnets',
        parameterGroup: 'writer-group',
        clusterParameterGroup: 'crm-aurora17',
        multiAz: true,
      },
    });
    expect(rds.commandCalls(DescribeDBInstancesCommand)[0]?.args[0].input).toMatchObject({
      Filters: [{ Name: 'db-cluster-id', Values: ['crm-db'] }],
    });
  });

  it.each<[string, Partial<DBCluster>, RegExp, RegExp]>([
    [
      'a Multi-AZ DB cluster',
      {
        Engine: 'postgres',
        EngineMode: undefined,
        StorageType: 'io1',
        DBClusterInstanceClass: 'db.m6gd.large',
      },
      /Multi-AZ DB cluster.*cannot stop/,
      /RestoreDBInstanceFromDBSnapshot with DBClusterSnapshotIdentifier/,
    ],
    ['Aurora Serverless v1', { EngineMode: 'serverless' }, /Serverless v1/, /Serverless v2/],
    ['the engine mode parallelquery', { EngineMode: 'parallelquery' }, /parallelquery/, /2\.09/],
    ['multi-master', { EngineMode: 'multimaster' }, /multi-master/, /provisioned/],
    [
      'a member of a global database',
      { GlobalClusterIdentifier: 'world' },
      /global database world/,
      /RemoveFrom/,
    ],
    ['a replica', { ReplicationSourceIdentifier: 'arn:main' }, /replica of arn:main/, /promote/],
    ['a source of replicas', { ReadReplicaIdentifiers: ['r1', 'r2'] }, /r1, r2/, /delete or promote/],
    ['Limitless', { ClusterScalabilityType: 'limitless' }, /Limitless/, /other means/],
    ['one outside any VPC', { VPCNetworkingEnabled: false }, /not in a VPC/, /into a VPC/],
    ['another engine', { Engine: 'neptune' }, /runs neptune/, /aurora-postgresql/],
    ['a stopped one', { Status: 'stopped' }, /"stopped", expected "available"/, /start it/],
    [
      'one without its key',
      { Status: 'inaccessible-encryption-credentials-recoverable' },
      /inaccessible/,
      /enable its KMS key/,
    ],
  ])('refuses %s, says why and what can be done', async (_name, changes, problem, remedy) => {
    answers(changes);

    const { reasons } = await lookAtDatabase(config(), { verification: 'full' });

    expect(reasons).toEqual([
      {
        resource: 'database crm-db',
        problem: expect.stringMatching(problem),
        remedy: expect.stringMatching(remedy),
      },
    ]);
  });

  it('refuses what only further questions tell: a global database, a blue/green deployment', async () => {
    rds
      .on(DescribeGlobalClustersCommand)
      .resolves({ GlobalClusters: [{ GlobalClusterIdentifier: 'world' }] });
    rds.on(DescribeBlueGreenDeploymentsCommand, { Filters: [{ Name: 'target', Values: [ARN] }] }).resolves({
      BlueGreenDeployments: [{ BlueGreenDeploymentName: 'upgrade', Status: 'SWITCHOVER_COMPLETED' }],
    });

    const { reasons } = await lookAtDatabase(config(), { verification: 'full' });

    expect(reasons.map(({ problem }) => problem)).toEqual([
      expect.stringContaining('global database world'),
      expect.stringContaining('blue/green deployment upgrade'),
    ]);
  });

  it('takes a Region without global databases for what it is, and no other error', async () => {
    rds
      .on(DescribeGlobalClustersCommand)
      .rejects(awsError('InvalidParameterValue', 400, 'Access Denied to API Version: APIGlobalDatabases'));
    expect((await lookAtDatabase(config(), { verification: 'full' })).reasons).toEqual([]);

    rds.on(DescribeGlobalClustersCommand).rejects(awsError('InvalidParameterValue', 400, 'bad filter'));
    await expect(lookAtDatabase(config(), { verification: 'full' })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });

  it('refuses a cluster with members that are not available, or without any; a stopped one once', async () => {
    const [reader, writer] = members;
    answers({}, [{ ...reader, DBInstanceStatus: 'storage-full' }, { ...writer }]);
    expect((await lookAtDatabase(config(), { verification: 'full' })).reasons).toEqual([
      expect.objectContaining({
        problem: expect.stringContaining('member crm-db-2, which RDS stops with it, is "storage-full"'),
      }),
    ]);

    answers({ DBClusterMembers: [{ DBInstanceIdentifier: 'crm-db-1', IsClusterWriter: false }] });
    expect((await lookAtDatabase(config(), { verification: 'full' })).reasons).toEqual([
      expect.objectContaining({ problem: expect.stringContaining('none of its instances as the writer') }),
    ]);

    answers({ DBClusterMembers: [] }, []);
    expect((await lookAtDatabase(config(), { verification: 'full' })).reasons).toEqual([
      expect.objectContaining({ problem: expect.stringContaining('no DB instance') }),
    ]);

    answers(
      { Status: 'stopped' },
      members.map((member) => ({ ...member, DBInstanceStatus: 'stopped' })),
    );
    expect((await lookAtDatabase(config(), { verification: 'full' })).reasons).toHaveLength(1);
  });

  it('lists every reason, quotas included, not just the first', async () => {
    answers({
      Status: 'modifying',
      EngineMode: 'serverless',
      GlobalClusterIdentifier: 'world',
      ReplicationSourceIdentifier: 'arn:main',
      ReadReplicaIdentifiers: ['r1'],
    });
    quotas(
      { AccountQuotaName: 'ManualClusterSnapshots', Used: 100, Max: 100 },
      { AccountQuotaName: 'DBClusters', Used: 40, Max: 40 },
      { AccountQuotaName: 'DBInstances', Used: 40, Max: 40 },
      // Not those of DB instances: Aurora allocates nothing, and keeps its snapshots apart.
      { AccountQuotaName: 'ManualSnapshots', Used: 100, Max: 100 },
      { AccountQuotaName: 'AllocatedStorage', Used: 100_000, Max: 100_000 },
    );

    const { reasons } = await lookAtDatabase(config(), { verification: 'full' });

    expect(reasons.map(({ resource }) => resource)).toEqual([
      ...Array.from({ length: 5 }, () => 'database crm-db'),
      'RDS quota of manual snapshots',
      'RDS quota of DB clusters',
      'RDS quota of DB instances',
    ]);
  });

  it('keeps the capacity range of Serverless v2, and refuses a serverless copy without one', async () => {
    answers({ ServerlessV2ScalingConfiguration: { MinCapacity: 0, MaxCapacity: 16 } });
    const found = await lookAtDatabase(config({ testInstance: { instanceClass: 'db.serverless' } }), {
      verification: 'full',
    });
    expect(found.reasons).toEqual([]);
    expect(found.database?.capacity).toEqual({ minimum: 0, maximum: 16 });

    answers({});
    expect(
      (
        await lookAtDatabase(config({ testInstance: { instanceClass: 'db.serverless' } }), {
          verification: 'full',
        })
      ).reasons,
    ).toEqual([expect.objectContaining({ remedy: expect.stringContaining('instanceClass') })]);
  });

  it('tells the maintenance of the cluster and of its members, and what a run does not install', async () => {
    rds.on(DescribePendingMaintenanceActionsCommand, { ResourceIdentifier: 'arn:member-2' }).resolves({
      PendingMaintenanceActions: [{ PendingMaintenanceActionDetails: [{ Action: 'system-update' }] }],
    });
    answers({ PendingModifiedValues: { EngineVersion: '17.5' } });

    const { pendingUpdates, warnings } = await lookAtDatabase(config({}, { updates: 'install' }), {
      verification: 'full',
    });

    expect(pendingUpdates).toEqual([
      { resource: 'database crm-db', kind: 'pending modification', description: 'EngineVersion' },
      {
        resource: 'database crm-db, member crm-db-2',
        kind: 'system-update',
        description: 'pending maintenance',
      },
    ]);
    expect(warnings).toEqual([
      expect.stringContaining('not installed by the run'),
      expect.stringContaining('discards its pending modifications'),
    ]);
  });

  it('says so when it is a DB instance, or is not there at all', async () => {
    rds.on(DescribeDBClustersCommand).rejects(awsError('DBClusterNotFoundFault', 404));
    rds.on(DescribeDBInstancesCommand).resolvesOnce({ DBInstances: [{ DBInstanceStatus: 'available' }] });
    expect((await lookAtDatabase(config(), { verification: 'full' })).reasons).toEqual([
      expect.objectContaining({ remedy: expect.stringContaining('set database.kind to "instance"') }),
    ]);

    rds.on(DescribeDBInstancesCommand).rejects(awsError('DBInstanceNotFoundFault', 404));
    expect((await lookAtDatabase(config(), { verification: 'full' })).reasons).toEqual([
      expect.objectContaining({ problem: expect.stringContaining('knows no DB cluster of this name in') }),
    ]);
  });
});
