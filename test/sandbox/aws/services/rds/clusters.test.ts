import { beforeEach, describe, expect, it } from 'vitest';
import type { WorldFault } from '../../../../../sandbox/world/faults.ts';
import { QuietServer, startTestRds, type TestRds } from './world.ts';

const HOUR = 3600;
const COPY = 'lights-out-crm-1';
const cluster = { DBClusterIdentifier: 'crm-db' };
const copy = { DBClusterIdentifier: COPY };
const snapshot = { DBClusterSnapshotIdentifier: COPY };
const writer = {
  DBInstanceIdentifier: `${COPY}-writer`,
  DBClusterIdentifier: COPY,
  DBInstanceClass: 'db.r7g.large',
  Engine: 'aurora-postgresql',
};
const restored = {
  ...copy,
  SnapshotIdentifier: COPY,
  Engine: 'aurora-postgresql',
  EngineVersion: '18.4',
  VpcSecurityGroupIds: ['sg-own'],
};

let rds: TestRds;
const begin = async (...faults: WorldFault[]): Promise<void> => {
  rds = await startTestRds('cluster', faults);
};
beforeEach(() => begin());

const statusOf = async (identifier = 'crm-db'): Promise<string | undefined> => {
  const answer: { DBClusters?: { Status?: string }[] } = await rds.call('DescribeDBClusters', {
    DBClusterIdentifier: identifier,
  });
  return answer.DBClusters?.[0]?.Status;
};
const snapshotted = async (): Promise<void> => {
  await rds.call('CreateDBClusterSnapshot', { ...cluster, ...snapshot });
  await rds.pass(HOUR);
};
const copied = async (): Promise<void> => {
  await snapshotted();
  await rds.call('RestoreDBClusterFromSnapshot', restored);
  await rds.pass(HOUR);
  await rds.call('CreateDBInstance', writer);
  await rds.pass(HOUR);
};

describe('a cluster of the sandbox', () => {
  it('is stopped and started with all of its instances; the status reads as before for a moment', async () => {
    await rds.call('StopDBCluster', cluster);
    expect(await statusOf()).toBe('available');
    await rds.pass(10);
    expect(await statusOf()).toBe('stopping');
    await rds.pass(HOUR);
    expect(await statusOf()).toBe('stopped');
    expect([...rds.world.instances.values()].map(({ status }) => status)).toEqual(['stopped', 'stopped']);

    await rds.call('StartDBCluster', cluster);
    expect(await statusOf()).toBe('starting');
    await rds.pass(HOUR);
    expect(await statusOf()).toBe('available');
    expect(rds.events).toEqual(['crm-db stopped', 'crm-db started']);
  });

  it('refuses a stop while it stops, and once it is stopped', async () => {
    await rds.call('StopDBCluster', cluster);
    for (const seconds of [0, 10, HOUR]) {
      await rds.pass(seconds);
      await expect(rds.call('StopDBCluster', cluster)).rejects.toMatchObject({
        code: 'InvalidDBClusterStateFault',
      });
    }
  });

  it('refuses a stop while an instance of it is busy, and what only a DB instance can', async () => {
    const [, reader] = rds.world.instances.values();
    if (reader === undefined) throw new Error('no reader');
    const member = { DBInstanceIdentifier: reader.identifier };
    await expect(rds.call('StopDBInstance', member)).rejects.toMatchObject({
      code: 'InvalidParameterCombination',
    });
    await expect(
      rds.call('CreateDBSnapshot', { ...member, DBSnapshotIdentifier: 'mine' }),
    ).rejects.toMatchObject({ code: 'InvalidParameterValue' });

    reader.status = 'rebooting';
    await expect(rds.call('StopDBCluster', cluster)).rejects.toMatchObject({
      code: 'InvalidDBInstanceStateFault',
    });
  });

  it('is started again by somebody else, once', async () => {
    await begin({ world: 'started-by-someone-else' });

    for (const expected of ['available', 'stopped']) {
      await rds.call('StopDBCluster', cluster);
      await rds.pass(HOUR);
      expect(await statusOf()).toBe(expected);
    }
  });

  it('lists its instances by filter, the writer first', async () => {
    const Filters = [{ Name: 'db-cluster-id', Values: ['crm-db'] }];
    expect(await rds.call('DescribeDBInstances', { Filters })).toEqual({
      DBInstances: [
        expect.objectContaining({ DBInstanceIdentifier: 'crm-db-instance-1', DBClusterIdentifier: 'crm-db' }),
        expect.objectContaining({ DBInstanceIdentifier: 'crm-db-instance-2', DBClusterIdentifier: 'crm-db' }),
      ],
    });
    await expect(
      rds.call('DescribeDBInstances', { Filters: [{ Name: 'status', Values: ['available'] }] }),
    ).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });
});

describe('a copy of a cluster', () => {
  it('is a cluster first, then an instance that begins the server on the snapshot', async () => {
    await snapshotted();
    await rds.call('RestoreDBClusterFromSnapshot', restored);
    // Accepted, and not to be seen yet.
    await expect(statusOf(COPY)).rejects.toMatchObject({ code: 'DBClusterNotFoundFault' });
    await rds.pass(10);
    expect(await statusOf(COPY)).toBe('creating');
    await expect(rds.call('CreateDBInstance', writer)).rejects.toMatchObject({
      code: 'InvalidDBClusterStateFault',
    });
    await rds.pass(HOUR);
    expect(await statusOf(COPY)).toBe('available');

    await rds.call('CreateDBInstance', writer);
    await expect(rds.call('CreateDBInstance', writer)).rejects.toMatchObject({
      code: 'DBInstanceAlreadyExistsFault',
    });
    await rds.pass(HOUR);
    const made = rds.world.instances.get(writer.DBInstanceIdentifier);
    expect(made).toMatchObject({ status: 'available', securityGroups: ['sg-own'] });
    expect(made?.server).toBeInstanceOf(QuietServer);
    expect(made?.server).toMatchObject({
      running: true,
      laidOut: expect.stringContaining('cluster-snapshot'),
    });
    expect(rds.world.resources()).toEqual({
      database: 'available',
      testInstances: [writer.DBInstanceIdentifier, COPY],
    });
  });

  it.each<[string, object, string]>([
    ['a name that is taken', { DBClusterIdentifier: 'crm-db' }, 'DBClusterAlreadyExistsFault'],
    ['a name that is none', { DBClusterIdentifier: '1' }, 'InvalidParameterValue'],
    ['a snapshot that is not there', { SnapshotIdentifier: 'other' }, 'DBClusterSnapshotNotFoundFault'],
    ['another engine', { Engine: 'aurora-mysql' }, 'InvalidParameterValue'],
    ['no backups at all', { BackupRetentionPeriod: 0 }, 'InvalidParameterValue'],
  ])('is refused with %s', async (_name, change, code) => {
    await snapshotted();

    await expect(rds.call('RestoreDBClusterFromSnapshot', { ...restored, ...change })).rejects.toMatchObject({
      code,
    });
  });

  it('is refused of a snapshot that is not available yet, or failed', async () => {
    await begin({ world: 'snapshot-fails' });
    await rds.call('CreateDBClusterSnapshot', { ...cluster, ...snapshot });
    for (const seconds of [0, HOUR]) {
      await rds.pass(seconds);
      await expect(rds.call('RestoreDBClusterFromSnapshot', restored)).rejects.toMatchObject({
        code: 'InvalidDBClusterSnapshotStateFault',
      });
    }
  });

  it.each<[string, object, string]>([
    ['storage of its own', { StorageType: 'gp3' }, 'InvalidParameterCombination'],
    ['security groups of its own', { VpcSecurityGroupIds: ['sg-1'] }, 'InvalidParameterCombination'],
    ['another engine', { Engine: 'postgres' }, 'InvalidParameterCombination'],
    ['Serverless v2 without a range', { DBInstanceClass: 'db.serverless' }, 'InvalidParameterCombination'],
    ['a cluster that is not there', { DBClusterIdentifier: 'other' }, 'DBClusterNotFoundFault'],
  ])('gets no instance with %s', async (_name, change, code) => {
    await snapshotted();
    await rds.call('RestoreDBClusterFromSnapshot', restored);
    await rds.pass(HOUR);

    await expect(rds.call('CreateDBInstance', { ...writer, ...change })).rejects.toMatchObject({ code });
  });

  it('is deleted only without instances, and ends its server with the last one', async () => {
    await copied();
    const { server } = rds.world.clusters.get(COPY) ?? {};
    const remove = () => rds.call('DeleteDBCluster', { ...copy, SkipFinalSnapshot: true });

    await expect(remove()).rejects.toMatchObject({
      code: 'InvalidDBClusterStateFault',
      message: expect.stringContaining('still contains DB instances'),
    });
    await rds.call('DeleteDBInstance', {
      DBInstanceIdentifier: writer.DBInstanceIdentifier,
      SkipFinalSnapshot: true,
    });
    await rds.pass(HOUR);
    expect(server).toMatchObject({ running: false });
    await remove();
    await expect(remove()).rejects.toMatchObject({ code: 'InvalidDBClusterStateFault' });
    await rds.pass(HOUR);
    await expect(statusOf(COPY)).rejects.toMatchObject({ code: 'DBClusterNotFoundFault' });
    expect(rds.world.resources().testInstances).toEqual([]);
  });

  it('is not deleted without a word about a final snapshot, nor when it is protected', async () => {
    await copied();
    await expect(rds.call('DeleteDBCluster', copy)).rejects.toMatchObject({
      code: 'InvalidParameterCombination',
    });
    await expect(rds.call('DeleteDBCluster', { ...cluster, SkipFinalSnapshot: true })).rejects.toMatchObject({
      code: 'InvalidParameterCombination',
      message: expect.stringContaining('protected'),
    });
  });

  it('may fail', async () => {
    await begin({ world: 'restore-fails' });
    await snapshotted();
    await rds.call('RestoreDBClusterFromSnapshot', restored);
    await rds.pass(HOUR);

    expect(await statusOf(COPY)).toBe('migration-failed');
  });
});
