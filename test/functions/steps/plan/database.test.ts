import { CreateGrantCommand, DescribeKeyCommand } from '@aws-sdk/client-kms';
import {
  type DBInstance,
  DescribeBlueGreenDeploymentsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeOrderableDBInstanceOptionsCommand,
} from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, it } from 'vitest';
import { lookAtDatabase } from '../../../../functions/steps/plan/database.ts';
import { awsError, system, systemInput } from '../../fixtures.ts';
import { kms, nothingAgainst, quotas, rds } from './rds-look.ts';

const instance: DBInstance = {
  DBInstanceIdentifier: 'crm-db',
  DBInstanceArn: 'arn:aws:rds:eu-central-1:123456789012:db:crm-db',
  DbiResourceId: 'db-SOURCE',
  DBInstanceClass: 'db.m7g.large',
  DBInstanceStatus: 'available',
  Engine: 'postgres',
  EngineVersion: '18.4',
  Endpoint: { Address: 'crm-db.example', Port: 5432 },
  AllocatedStorage: 100,
  StorageType: 'io2',
  Iops: 3000,
  MultiAZ: true,
  DBSubnetGroup: { DBSubnetGroupName: 'crm-subnets' },
  DBParameterGroups: [{ DBParameterGroupName: 'crm-postgres18' }],
  OptionGroupMemberships: [{ OptionGroupName: 'default:postgres-18' }],
};
const answers = (changes: Partial<DBInstance>): void => {
  rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ ...instance, ...changes }] });
};

nothingAgainst();
beforeEach(() => {
  rds.on(DescribeDBClustersCommand).rejects(awsError('DBClusterNotFoundFault', 404));
  answers({});
});

describe('the look at a DB instance', () => {
  it('finds nothing against an ordinary one, Multi-AZ or not, and what a restore keeps', async () => {
    expect(await lookAtDatabase(system(), 'full')).toEqual({
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

    const { reasons } = await lookAtDatabase(system(), 'full');

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

      expect((await lookAtDatabase(system({ database }), 'full')).reasons).toEqual(expected);
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

      const { reasons } = await lookAtDatabase(system({ database: { ...database, engine } }), 'full');

      expect(reasons.map(({ remedy }) => remedy)).toEqual(
        remedies.map((remedy) => expect.stringMatching(remedy)),
      );
    },
  );

  it('plans to copy its tags only where the configuration says so, and none of AWS’s own', async () => {
    answers({
      TagList: [
        { Key: 'team', Value: 'sales' },
        { Key: 'aws:cloudformation:stack-name', Value: 'crm' },
      ],
    });

    expect((await lookAtDatabase(system({ copyTags: true }), 'full')).database?.tags).toEqual([
      { Key: 'team', Value: 'sales' },
    ]);
    expect((await lookAtDatabase(system(), 'full')).database).not.toHaveProperty('tags');
  });

  it('refuses more tags than AWS takes', async () => {
    answers({ TagList: Array.from({ length: 50 }, (_each, index) => ({ Key: `k${index}`, Value: '' })) });

    expect((await lookAtDatabase(system({ copyTags: true }), 'full')).reasons).toMatchObject([
      {
        problem: expect.stringContaining('would carry 55 tags'),
        remedy: expect.stringContaining('copyTags'),
      },
    ]);
    expect((await lookAtDatabase(system(), 'full')).reasons).toEqual([]);
  });

  describe('under a KMS key', () => {
    const key = (id: string): string => `arn:aws:kms:eu-central-1:123456789012:key/${id}`;
    const look = (kmsKeyArn?: string, verification: 'full' | 'none' = 'full') =>
      lookAtDatabase(
        system({
          database: { ...systemInput().database, ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }) },
        }),
        verification,
      );
    beforeEach(() => {
      answers({ StorageEncrypted: true, KmsKeyId: key('own') });
      kms.on(DescribeKeyCommand).callsFake(({ KeyId }) => ({
        KeyMetadata: {
          KeyId,
          Arn: KeyId === 'alias/aws/rds' ? key('of-aws') : KeyId,
          KeyState: 'Enabled',
          KeyManager: 'CUSTOMER',
        },
      }));
      kms.on(CreateGrantCommand).rejects(awsError('DryRunOperationException', 412));
    });

    it('finds nothing against the key that the configuration names', async () => {
      expect((await look(key('own'))).reasons).toEqual([]);
    });

    it('refuses a customer managed key that it does not name', async () => {
      expect((await look()).reasons).toEqual([
        {
          resource: 'database crm-db',
          problem: expect.stringContaining(`customer managed key ${key('own')}`),
          remedy: expect.stringContaining(`set database.kmsKeyArn to "${key('own')}"`),
        },
      ]);
    });

    it('refuses a named key that may not be used', async () => {
      kms.on(CreateGrantCommand).rejects(awsError('AccessDeniedException'));

      expect((await look(key('own'))).reasons).toMatchObject([
        { resource: 'database crm-db', problem: expect.stringContaining('cannot be used') },
      ]);
    });

    it('asks for no key in a run that restores nothing, unless one is named', async () => {
      expect((await look(undefined, 'none')).reasons).toEqual([]);
      expect(kms.calls()).toEqual([]);
    });

    it('says that a key has no use where nothing is encrypted', async () => {
      answers({ StorageEncrypted: false });

      const { reasons, warnings } = await look(key('own'));

      expect(reasons).toEqual([]);
      expect(warnings).toEqual([expect.stringMatching(/not encrypted, so database.kmsKeyArn has no use/)]);
    });
  });

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

    const { reasons } = await lookAtDatabase(system(), 'full');

    expect(reasons.map(({ resource }) => resource)).toEqual([
      ...Array.from({ length: 6 }, () => 'database crm-db'),
      'RDS quota of manual snapshots',
      'RDS quota of DB instances',
      'RDS quota of storage (GiB)',
    ]);
  });

  it('wants no room for a copy that will not be made', async () => {
    quotas(
      { AccountQuotaName: 'ManualSnapshots', Used: 99, Max: 100 },
      { AccountQuotaName: 'DBInstances', Used: 40, Max: 40 },
    );

    expect((await lookAtDatabase(system(), 'none')).reasons).toEqual([]);
  });

  it('refuses a copy of a class that RDS does not offer, unless no copy is made', async () => {
    rds.on(DescribeOrderableDBInstanceOptionsCommand).resolves({ OrderableDBInstanceOptions: [] });
    const config = system({
      database: { ...systemInput().database, testInstance: { instanceClass: 'db.t2.micro' } },
    });

    expect((await lookAtDatabase(config, 'full')).reasons).toEqual([
      {
        resource: 'database crm-db',
        problem: expect.stringContaining('no db.t2.micro for postgres 18.4'),
        remedy: expect.stringContaining('correct database.testInstance.instanceClass'),
      },
    ]);
    expect((await lookAtDatabase(system(), 'full')).reasons).toEqual([
      expect.objectContaining({ problem: expect.stringContaining('no db.m7g.large') }),
    ]);
    expect((await lookAtDatabase(config, 'none')).reasons).toEqual([]);
    expect(rds.commandCalls(DescribeOrderableDBInstanceOptionsCommand)[0]?.args[0].input).toEqual({
      Engine: 'postgres',
      EngineVersion: '18.4',
      DBInstanceClass: 'db.t2.micro',
      Vpc: true,
    });
  });

  it('says so when RDS does not know it, and hands on what goes wrong', async () => {
    rds.on(DescribeDBInstancesCommand).rejectsOnce(awsError('DBInstanceNotFoundFault', 404));
    const { reasons } = await lookAtDatabase(system(), 'full');
    expect(reasons).toEqual([
      expect.objectContaining({ problem: expect.stringContaining('knows no DB instance of this name') }),
    ]);

    rds.on(DescribeDBInstancesCommand).rejects(awsError('AccessDenied', 403));
    await expect(lookAtDatabase(system(), 'full')).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('says so when it is a DB cluster', async () => {
    rds.on(DescribeDBInstancesCommand).rejects(awsError('DBInstanceNotFoundFault', 404));
    rds.on(DescribeDBClustersCommand).resolves({ DBClusters: [{ Status: 'available' }] });

    expect((await lookAtDatabase(system(), 'full')).reasons).toEqual([
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

    const { reasons, warnings } = await lookAtDatabase(system(), 'full');

    expect(reasons).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('blue/green deployment upgrade (AVAILABLE)')]);
  });

  it('warns of what a stop discards, by name and never by value', async () => {
    answers({ PendingModifiedValues: { MasterUserPassword: 'secret', AllocatedStorage: 200 } });

    const found = await lookAtDatabase(system(), 'full');

    expect(found.pendingUpdates.map(({ description }) => description)).toEqual([
      'MasterUserPassword',
      'AllocatedStorage',
    ]);
    expect(found.warnings).toEqual([expect.stringContaining('discards its pending modifications')]);
    expect(JSON.stringify(found)).not.toContain('secret');
  });
});
