import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateDBInstanceCommand,
  type DBInstance,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  RDSClient,
  RestoreDBClusterFromSnapshotCommand,
} from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it, onTestFinished, vi } from 'vitest';
import { restoreCommand } from '../../cli/restore.ts';
import { systems } from '../../systems.ts';
import { allowNothing, awsError, tagsOf } from '../functions/fixtures.ts';

const rds = mockClient(RDSClient);
const [example] = systems;
if (example === undefined) throw new Error('systems.ts holds no example');

const NEW = '20261127-1400-bbbbbbbb';
const named = (run: string): string => `lights-out-crm-${run}`;

allowNothing(rds);

it('restores a cluster, then its writer of the source’s class', async () => {
  let output = '';
  let pauses = 0;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
  vi.spyOn(console, 'error').mockReturnValue();
  const folder = mkdtempSync(join(tmpdir(), 'lights-out-restore-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const database = { ...example.database, kind: 'cluster', testInstance: { instanceClass: 'db.r7g.large' } };
  writeFileSync(
    join(folder, 'systems.mjs'),
    `export const systems = ${JSON.stringify([{ ...example, database }])};\n`,
  );
  vi.stubEnv('LIGHTS_OUT_SYSTEMS', join(folder, 'systems.mjs'));
  const clusters: Record<string, object> = {
    'crm-db': {
      DBClusterIdentifier: 'crm-db',
      Status: 'stopped',
      Engine: 'aurora-postgresql',
      Port: 5432,
      DBSubnetGroup: 'crm-private',
      DBClusterParameterGroup: 'crm-aurora',
      VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-1' }],
      DBClusterMembers: [{ DBInstanceIdentifier: 'crm-db-1', IsClusterWriter: true }],
    },
  };
  const writers: Record<string, DBInstance> = {
    'crm-db-1': { DBInstanceIdentifier: 'crm-db-1', DBInstanceClass: 'db.r7g.xlarge' },
  };
  rds.on(DescribeDBClusterSnapshotsCommand).resolves({
    DBClusterSnapshots: [
      {
        DBClusterSnapshotIdentifier: named(NEW),
        DBClusterIdentifier: 'crm-db',
        Status: 'available',
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
    writers[input.DBInstanceIdentifier] = { ...input, DBInstanceStatus: 'creating' };
    return {};
  });
  const name = `crm-db-restored-${NEW}`;

  const code = await restoreCommand(['--system', 'crm'], async () => {
    pauses += 1;
    if (pauses === 2)
      clusters[name] = { ...clusters[name], Status: 'available', Endpoint: 'restored.example', Port: 5432 };
    if (pauses === 4)
      writers[`${name}-writer`] = { ...writers[`${name}-writer`], DBInstanceStatus: 'available' };
  });

  expect(code).toBe(0);
  expect(
    rds.commandCalls(RestoreDBClusterFromSnapshotCommand).map((call) => call.args[0].input),
  ).toMatchObject([
    {
      DBClusterIdentifier: name,
      SnapshotIdentifier: named(NEW),
      Engine: 'aurora-postgresql',
      EngineVersion: '16.4',
      DBSubnetGroupName: 'crm-private',
      DBClusterParameterGroupName: 'crm-aurora',
      VpcSecurityGroupIds: ['sg-1'],
    },
  ]);
  expect(rds.commandCalls(CreateDBInstanceCommand).map((call) => call.args[0].input)).toMatchObject([
    {
      DBInstanceIdentifier: `${name}-writer`,
      DBClusterIdentifier: name,
      DBInstanceClass: 'db.r7g.xlarge',
    },
  ]);
  expect(output).toContain('restored.example:5432');
  expect(output).toContain('modify-db-cluster');
});
