import { DescribeDBClustersCommand, RDSClient, StopDBClusterCommand } from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DatabaseEvent, handler } from '../../../../functions/steps/database/handler.ts';
import {
  allowNothing,
  awsError,
  Bucket,
  execution,
  planned,
  standStill,
  system,
  systemInput,
} from '../../fixtures.ts';

const rds = mockClient(RDSClient);
const NOW = '2026-11-27T15:00:00.000Z';
const proved = {
  backup: { snapshot: { done: true } },
  comparison: { done: true, equal: true },
  testInstance: { done: true },
};
const config = system({ database: { ...systemInput().database, kind: 'cluster' } });
const event = (state: object): DatabaseEvent =>
  ({
    action: 'stop',
    execution,
    state: planned({ config, ...state }),
  }) as unknown as DatabaseEvent;
const status = (Status: string) => ({ DBClusters: [{ Status }] });
const underWay = { off: { database: { done: false, since: NOW } } };

standStill(NOW);
allowNothing(rds);
beforeEach(() => {
  new Bucket().lock();
});

describe('stop of a cluster', () => {
  it('stops nothing without a verified snapshot', async () => {
    await expect(handler(event({ backup: { snapshot: { done: true } } }))).rejects.toMatchObject({
      name: 'VerificationImpossible',
    });
    expect(rds.calls()).toHaveLength(0);
  });

  it('stops first, though the status still reads as before, and is done only when it is seen stopped', async () => {
    rds.on(StopDBClusterCommand).resolves({});
    rds
      .on(DescribeDBClustersCommand)
      .resolvesOnce(status('available'))
      .resolvesOnce(status('stopping'))
      .resolvesOnce(status('stopped'));

    expect(await handler(event(proved))).toMatchObject({ done: false, state: 'available' });
    expect(await handler(event({ ...proved, ...underWay }))).toMatchObject({ done: false });
    expect(await handler(event({ ...proved, ...underWay }))).toMatchObject({ done: true, state: 'stopped' });
    expect(rds.commandCalls(StopDBClusterCommand).map((call) => call.args[0].input)).toEqual([
      { DBClusterIdentifier: 'crm-db' },
    ]);
  });

  it.each(['InvalidDBClusterStateFault', 'InvalidDBInstanceStateFault', 'InvalidDBShardGroupStateFault'])(
    'reads the status when RDS refuses with %s, and asks again',
    async (error) => {
      rds.on(StopDBClusterCommand).rejects(awsError(error));
      rds.on(DescribeDBClustersCommand).resolves(status('available'));

      expect(await handler(event(proved))).toMatchObject({ done: false });
      expect(await handler(event({ ...proved, ...underWay }))).toMatchObject({ done: false });
      expect(rds.commandCalls(StopDBClusterCommand)).toHaveLength(2);
    },
  );

  it.each(['inaccessible-encryption-credentials-recoverable', 'migration-failed', 'deleting'])(
    'does not wait for a cluster that is "%s"',
    async (state) => {
      rds.on(DescribeDBClustersCommand).resolves(status(state));

      await expect(handler(event({ ...proved, ...underWay }))).rejects.toMatchObject({
        name: 'DatabaseDidNotStop',
        message: expect.stringContaining(`"${state}"`),
      });
    },
  );

  it('says so when the cluster is gone', async () => {
    rds.on(DescribeDBClustersCommand).rejects(awsError('DBClusterNotFoundFault', 404));

    await expect(handler(event({ ...proved, ...underWay }))).rejects.toMatchObject({
      name: 'DatabaseDidNotStop',
      message: expect.stringContaining('knows no DB cluster'),
    });
  });
});
