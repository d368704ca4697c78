import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateDBInstanceCommand,
  type DBCluster,
  type DBInstance,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  RDSClient,
  RestoreDBClusterFromSnapshotCommand,
} from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { restoreCommand } from '../../cli/restore.ts';
import { systems } from '../../systems.ts';
import { allowNothing, awsError, tagsOf } from '../functions/fixtures.ts';

const rds = mockClient(RDSClient);
const [example] = systems;
if (example === undefined) throw new Error('systems.ts holds no example');

const NEW = '20261127-1400-bbbbbbbb';
const SNAPSHOT = `lights-out-crm-${NEW}`;
const NAME = `crm-db-restored-${NEW}`;
const RESTORED_FROM = { Key: 'lights-out:restored-from', Value: SNAPSHOT };

const SOURCE: DBCluster = {
  DBClusterIdentifier: 'crm-db',
  Status: 'stopped',
  Engine: 'aurora-postgresql',
  EngineVersion: '16.6',
  Port: 5432,
  DBSubnetGroup: 'crm-private',
  DBClusterParameterGroup: 'crm-aurora',
  StorageType: '',
  VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-1' }],
  DBClusterMembers: [{ DBInstanceIdentifier: 'crm-db-1', IsClusterWriter: true }],
  DomainMemberships: [{ Domain: 'd-1', IAMRoleName: 'rds-directory' }],
  TagList: [
    { Key: 'cost-centre', Value: '42' },
    { Key: 'aws:cloudformation:stack-name', Value: 'crm' },
  ],
};

/** By name, as RDS has them. */
let clusters: Record<string, DBCluster>;
let writers: Record<string, DBInstance>;
let output: string;
let pauses: number;

allowNothing(rds);
beforeEach(() => {
  clusters = { 'crm-db': SOURCE };
  writers = {
    'crm-db-1': {
      DBInstanceIdentifier: 'crm-db-1',
      DBInstanceClass: 'db.r7g.xlarge',
      DBParameterGroups: [{ DBParameterGroupName: 'crm-writer' }],
    },
  };
  output = '';
  pauses = 0;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
  vi.spyOn(console, 'error').mockImplementation((text) => {
    output += `${String(text)}\n`;
  });
  const folder = mkdtempSync(join(tmpdir(), 'lights-out-restore-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const database = { ...example.database, kind: 'cluster', testInstance: { instanceClass: 'db.r7g.large' } };
  const file = join(folder, 'systems.mjs');
  writeFileSync(file, `export const systems = ${JSON.stringify([{ ...example, database }])};\n`);
  vi.stubEnv('LIGHTS_OUT_SYSTEMS', file);
  rds.on(DescribeDBClusterSnapshotsCommand).resolves({
    DBClusterSnapshots: [
      {
        DBClusterSnapshotIdentifier: SNAPSHOT,
        DBClusterIdentifier: 'crm-db',
        Status: 'available',
        Engine: 'aurora-postgresql',
        EngineVersion: '16.4',
        TagList: [...tagsOf(NEW), { Key: 'lights-out:verified', Value: 'yes' }],
      },
    ],
  });
  rds.on(DescribeDBClustersCommand).callsFake(({ DBClusterIdentifier: name }) => {
    if (clusters[name] === undefined) throw awsError('DBClusterNotFoundFault', 404);
    return { DBClusters: [clusters[name]] };
  });
  rds.on(DescribeDBInstancesCommand).callsFake(({ DBInstanceIdentifier: name, Filters }) => {
    if (Filters !== undefined) return { DBInstances: [writers['crm-db-1']] };
    if (writers[name] === undefined) throw awsError('DBInstanceNotFoundFault', 404);
    return { DBInstances: [writers[name]] };
  });
  rds.on(RestoreDBClusterFromSnapshotCommand).callsFake((input) => {
    clusters[input.DBClusterIdentifier] = { ...input, Status: 'creating', TagList: input.Tags };
    return {};
  });
  rds.on(CreateDBInstanceCommand).callsFake((input) => {
    writers[input.DBInstanceIdentifier] = { ...input, DBInstanceStatus: 'creating', TagList: input.Tags };
    return {};
  });
});

/** The cluster gets available while the command waits, then its writer. */
const restore = (...argv: string[]) =>
  restoreCommand(['--system', 'crm', ...argv], async () => {
    pauses += 1;
    if (pauses === 2)
      clusters[NAME] = { ...clusters[NAME], Status: 'available', Endpoint: 'restored.example', Port: 5432 };
    if (pauses === 4)
      writers[`${NAME}-writer`] = { ...writers[`${NAME}-writer`], DBInstanceStatus: 'available' };
  });
const restores = () =>
  rds.commandCalls(RestoreDBClusterFromSnapshotCommand).map((call) => call.args[0].input);
const creations = () => rds.commandCalls(CreateDBInstanceCommand).map((call) => call.args[0].input);

describe('lights-out restore of a cluster', () => {
  it('restores a cluster, then its writer of the source’s class', async () => {
    expect(await restore()).toBe(0);

    expect(restores()).toEqual([
      {
        DBClusterIdentifier: NAME,
        SnapshotIdentifier: SNAPSHOT,
        Engine: 'aurora-postgresql',
        EngineVersion: '16.4',
        Port: 5432,
        DBSubnetGroupName: 'crm-private',
        DBClusterParameterGroupName: 'crm-aurora',
        VpcSecurityGroupIds: ['sg-1'],
        Domain: 'd-1',
        DomainIAMRoleName: 'rds-directory',
        Tags: [{ Key: 'cost-centre', Value: '42' }, RESTORED_FROM],
      },
    ]);
    expect(creations()).toEqual([
      {
        DBInstanceIdentifier: `${NAME}-writer`,
        DBClusterIdentifier: NAME,
        Engine: 'aurora-postgresql',
        DBInstanceClass: 'db.r7g.xlarge',
        DBParameterGroupName: 'crm-writer',
        PubliclyAccessible: false,
        Tags: [RESTORED_FROM],
      },
    ]);
    expect(output).toContain('restored.example:5432');
    expect(output).toContain(
      `aws rds modify-db-cluster --db-cluster-identifier ${NAME} --new-db-cluster-identifier crm-db`,
    );
    expect(output).toContain('Add readers where the old one has any');
  });

  it('goes on between the cluster and its writer, and asks for nothing twice', async () => {
    expect(await restore('--no-wait')).toBe(0);
    expect(output).toContain('makes its writer: until then nobody can connect');
    expect(await restore()).toBe(0);
    expect(await restore()).toBe(0);

    expect([restores().length, creations().length]).toEqual([1, 1]);
  });

  it.each<[string, () => void]>([
    [
      'a cluster',
      () => {
        clusters[NAME] = { DBClusterIdentifier: NAME, Status: 'available', DBClusterArn: 'arn:other' };
      },
    ],
    [
      'an instance called as its writer',
      () => {
        writers[`${NAME}-writer`] = {
          DBInstanceIdentifier: `${NAME}-writer`,
          DBInstanceStatus: 'available',
          DBInstanceArn: 'arn:other',
        };
      },
    ],
  ])('refuses a name that is another’s, and touches nothing: %s', async (_what, prepare) => {
    prepare();

    await expect(restore()).rejects.toThrow(/already \(arn:other\), which this command has not made/);
    expect([...restores(), ...creations()]).toEqual([]);
  });

  it('does without a source that is gone, once it is told what only that knew', async () => {
    clusters = {};

    await expect(restore()).rejects.toThrow(
      /no such DB cluster.*restore-db-cluster-from-snapshot .*--engine aurora-postgresql --engine-version 16\.4.*create-db-instance/,
    );
    const given = ['--instance-class', 'db.r7g.large', '--subnet-group', 'crm-private'];
    expect(await restore(...given, '--security-group', 'sg-1')).toBe(0);

    expect(restores()).toEqual([
      {
        DBClusterIdentifier: NAME,
        SnapshotIdentifier: SNAPSHOT,
        Engine: 'aurora-postgresql',
        EngineVersion: '16.4',
        DBSubnetGroupName: 'crm-private',
        VpcSecurityGroupIds: ['sg-1'],
        EnableIAMDatabaseAuthentication: false,
        Tags: [RESTORED_FROM],
      },
    ]);
    expect(creations()).toMatchObject([{ DBInstanceClass: 'db.r7g.large', PubliclyAccessible: false }]);
  });

  it('keeps the range of a serverless cluster, and refuses a serverless writer without one', async () => {
    const ServerlessV2ScalingConfiguration = { MinCapacity: 0.5, MaxCapacity: 8 };
    writers['crm-db-1'] = { ...writers['crm-db-1'], DBInstanceClass: 'db.serverless' };

    await expect(restore()).rejects.toThrow(/no capacity range is known/);
    clusters['crm-db'] = { ...SOURCE, ServerlessV2ScalingConfiguration };
    expect(await restore()).toBe(0);

    expect(restores()).toMatchObject([{ ServerlessV2ScalingConfiguration }]);
  });

  it('takes the default groups for a snapshot from before an upgrade', async () => {
    clusters['crm-db'] = { ...SOURCE, EngineVersion: '17.4' };

    expect(await restore()).toBe(0);

    expect(restores()[0]).not.toHaveProperty('DBClusterParameterGroupName');
    expect(creations()[0]).not.toHaveProperty('DBParameterGroupName');
  });

  it('refuses a name that leaves no room for the writer’s', async () => {
    await expect(restore('--as', 'x'.repeat(57))).rejects.toThrow(/expected at most 56 letters/);
    expect(restores()).toEqual([]);
  });
});
