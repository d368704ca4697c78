import {
  type DBInstance,
  DescribeBlueGreenDeploymentsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
} from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { lookAtDatabase } from '../../../../functions/steps/plan/database.ts';
import { awsError, system } from '../../fixtures.ts';
import { answers, ordinaryInstance } from './instance-look.ts';
import { quotas, rds } from './rds-look.ts';

ordinaryInstance();

describe('the look at a DB instance', () => {
  it('finds nothing against an ordinary one, Multi-AZ or not, and what a restore keeps', async () => {
    expect(await lookAtDatabase(system(), { verification: 'full' })).toEqual({
      pendingUpdates: [],
      reasons: [],
      warnings: [],
      database: {
        identifier: 'crm-db',
        arn: 'arn:aws:rds:eu-central-1:123456789012:db:crm-db',
        resourceId: 'db-SOURCE',
        engine: 'postgres',
        engineVersion: '18.4',
        instanceClass: 'db.m7g.large',
        address: 'crm-db.example',
        port: 5432,
        allocatedStorageGib: 100,
        storageType: 'io2',
        iops: 3000,
        subnetGroup: 'crm-subnets',
        parameterGroup: 'crm-postgres18',
        optionGroup: 'default:postgres-18',
        multiAz: true,
      },
    });
  });

  it.each<[string, Partial<DBInstance>, RegExp, RegExp]>([
    ['a read replica', { ReadReplicaSourceDBInstanceIdentifier: 'main' }, /replica of main/, /promote/],
    [
      'a source of replicas',
      { ReadReplicaDBInstanceIdentifiers: ['r1', 'r2'] },
      /r1, r2/,
      /delete or promote/,
    ],
    ['a source of a replica cluster', { ReadReplicaDBClusterIdentifiers: ['rc'] }, /rc/, /delete or promote/],
    ['a member of a cluster', { DBClusterIdentifier: 'crm' }, /member of DB cluster crm/, /"cluster".*"crm"/],
    [
      'SQL Server in Multi-AZ',
      { Engine: 'sqlserver-se', MultiAZ: true },
      /SQL Server in Multi-AZ/,
      /Single-AZ/,
    ],
    ['RDS Custom', { Engine: 'custom-oracle-ee' }, /RDS Custom/, /take it out of systems.ts/],
    ['an engine nobody can verify', { Engine: 'db2-se' }, /runs db2-se, systems.ts says/, /proves postgres/],
    ['a stopped one', { DBInstanceStatus: 'stopped' }, /"stopped", expected "available"/, /start it/],
    ['one without storage', { DBInstanceStatus: 'storage-full' }, /"storage-full"/, /more storage/],
    [
      'one without its key',
      { DBInstanceStatus: 'inaccessible-encryption-credentials-recoverable' },
      /inaccessible/,
      /enable its KMS key/,
    ],
    ['one that is busy', { DBInstanceStatus: 'modifying' }, /"modifying"/, /wait until it is available/],
  ])('refuses %s, says why and what can be done', async (_name, changes, problem, remedy) => {
    answers(changes);

    const { reasons } = await lookAtDatabase(system(), { verification: 'full' });

    expect(reasons).toContainEqual(
      expect.objectContaining({
        resource: 'database crm-db',
        problem: expect.stringMatching(problem),
        remedy: expect.stringMatching(remedy),
      }),
    );
  });

  it.each([
    [true, []],
    [
      false,
      [expect.objectContaining({ problem: expect.stringMatching(/IAM database authentication is off/) })],
    ],
    [undefined, [expect.objectContaining({ remedy: expect.stringMatching(/^enable IAM/) })]],
  ])(
    'lets a user sign in by IAM only where that is on: %s',
    async (IAMDatabaseAuthenticationEnabled, expected) => {
      answers(IAMDatabaseAuthenticationEnabled === undefined ? {} : { IAMDatabaseAuthenticationEnabled });
      const database = { identifier: 'crm-db', engine: 'postgres', iamUser: 'lights_out' } as const;

      expect((await lookAtDatabase(system({ database }), { verification: 'full' })).reasons).toEqual(
        expected,
      );
    },
  );

  it.each([
    ['mysql', 'mysql', []],
    ['mariadb', 'mariadb', []],
    ['mariadb', 'mysql', [/set database.engine to "mysql"/]],
    ['mysql', 'db2-se', [/correct database.identifier/]],
    ['sqlserver', 'sqlserver-ee', []],
    ['sqlserver', 'sqlserver-se', []],
    ['sqlserver', 'sqlserver-ex', []],
    ['sqlserver', 'sqlserver-web', []],
    ['postgres', 'sqlserver-web', [/set database.engine to "sqlserver"/]],
  ] as const)(
    'holds the engine of the configuration, %s, against what RDS says, %s',
    async (engine, Engine, remedies) => {
      // SQL Server in Multi-AZ could not be stopped.
      answers({ Engine, MultiAZ: false });
      const { database } = system();

      const { reasons } = await lookAtDatabase(system({ database: { ...database, engine } }), {
        verification: 'full',
      });

      expect(reasons.map(({ remedy }) => remedy)).toEqual(
        remedies.map((remedy) => expect.stringMatching(remedy)),
      );
    },
  );

  it('lists every reason, not just the first', async () => {
    answers({
      DBInstanceStatus: 'storage-full',
      Engine: 'sqlserver-ee',
      MultiAZ: true,
      DBClusterIdentifier: 'crm',
      ReadReplicaSourceDBInstanceIdentifier: 'main',
      ReadReplicaDBInstanceIdentifiers: ['r1'],
    });
    quotas(
      { AccountQuotaName: 'ManualSnapshots', Used: 100, Max: 100 },
      { AccountQuotaName: 'DBInstances', Used: 40, Max: 40 },
      { AccountQuotaName: 'AllocatedStorage', Used: 99_950, Max: 100_000 },
    );

    const { reasons } = await lookAtDatabase(system(), { verification: 'full' });

    expect(reasons.map(({ resource }) => resource)).toEqual([
      ...Array.from({ length: 6 }, () => 'database crm-db'),
      'RDS quota of manual snapshots',
      'RDS quota of DB instances',
      'RDS quota of storage (GiB)',
    ]);
  });

  it('says so when RDS does not know it, and hands on what goes wrong', async () => {
    rds.on(DescribeDBInstancesCommand).rejectsOnce(awsError('DBInstanceNotFoundFault', 404));
    const { reasons } = await lookAtDatabase(system(), { verification: 'full' });
    expect(reasons).toEqual([
      expect.objectContaining({ problem: expect.stringContaining('knows no DB instance of this name') }),
    ]);

    rds.on(DescribeDBInstancesCommand).rejects(awsError('AccessDenied', 403));
    await expect(lookAtDatabase(system(), { verification: 'full' })).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });

  it('says so when it is a DB cluster', async () => {
    rds.on(DescribeDBInstancesCommand).rejects(awsError('DBInstanceNotFoundFault', 404));
    rds.on(DescribeDBClustersCommand).resolves({ DBClusters: [{ Status: 'available' }] });

    expect((await lookAtDatabase(system(), { verification: 'full' })).reasons).toEqual([
      expect.objectContaining({
        problem: expect.stringContaining('no DB instance of this name, but a DB cluster'),
        remedy: expect.stringContaining('set database.kind to "cluster"'),
      }),
    ]);
  });

  it('warns of a blue/green deployment', async () => {
    rds
      .on(DescribeBlueGreenDeploymentsCommand)
      .resolvesOnce({
        BlueGreenDeployments: [
          { BlueGreenDeploymentName: 'upgrade', Status: 'AVAILABLE' },
          { BlueGreenDeploymentName: 'old', Status: 'DELETING' },
        ],
      })
      .resolves({});

    const { reasons, warnings } = await lookAtDatabase(system(), { verification: 'full' });

    expect(reasons).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('blue/green deployment upgrade (AVAILABLE)')]);
  });

  it('warns of what a stop discards, by name and never by value', async () => {
    answers({ PendingModifiedValues: { MasterUserPassword: 'secret', AllocatedStorage: 200 } });

    const found = await lookAtDatabase(system(), { verification: 'full' });

    expect(found.pendingUpdates.map(({ description }) => description)).toEqual([
      'MasterUserPassword',
      'AllocatedStorage',
    ]);
    expect(found.warnings).toEqual([expect.stringContaining('discards its pending modifications')]);
    expect(JSON.stringify(found)).not.toContain('secret');
  });
});
