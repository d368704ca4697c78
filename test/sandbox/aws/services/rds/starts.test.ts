import {
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeEventsCommand,
  type RDSClient,
  StartDBClusterCommand,
  StopDBClusterCommand,
} from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import type { ServiceEvent } from '../../../../../sandbox/aws/events/bus.ts';
import { begin } from './stop-and-start.ts';
import type { QuietServer } from './world.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const CLUSTER = { DBClusterIdentifier: 'crm-db' };

async function clusterStatus(client: RDSClient): Promise<(string | undefined)[]> {
  const { DBClusters } = await client.send(new DescribeDBClustersCommand(CLUSTER));
  const { DBInstances } = await client.send(new DescribeDBInstancesCommand({}));
  return [DBClusters?.[0]?.Status, ...(DBInstances ?? []).map((each) => each.DBInstanceStatus)];
}

const eventIds = (emitted: ServiceEvent[]): unknown[] => emitted.map(({ detail }) => detail['EventID']);

describe('a stopped instance', () => {
  it('is starting, then available, with its server up; not from another state', async () => {
    const { rds, status, stop, start, emitted } = await begin();
    await expect(start()).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
    await stop();
    expect(await status()).toBe('stopped');

    expect((await start()).DBInstance?.DBInstanceStatus).toBe('starting');

    await expect(start()).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
    await rds.pass(5 * MINUTE);
    expect(await status()).toBe('starting');
    expect((rds.world.source.server as QuietServer).running).toBe(false);
    await rds.pass(2 * MINUTE);
    expect(await status()).toBe('available');
    expect((rds.world.source.server as QuietServer).running).toBe(true);
    expect(eventIds(emitted)).toEqual(['RDS-EVENT-0087', 'RDS-EVENT-0088']);
  });

  it('database-starts-slowly: starting for an hour', async () => {
    const { rds, struck, status, stop, start } = await begin('instance', [
      { world: 'database-starts-slowly' },
    ]);
    await stop();
    await start();

    await rds.pass(59 * MINUTE);
    expect(await status()).toBe('starting');
    await rds.pass(2 * MINUTE);
    expect(await status()).toBe('available');
    expect(struck).toContain('database-starts-slowly');
  });

  it('database-starts-by-itself: in the night, once, and says why', async () => {
    const { rds, client, struck, status, stop, emitted } = await begin('instance', [
      { world: 'database-starts-by-itself', hours: 9 },
    ]);
    await stop();

    await rds.pass(8.5 * HOUR);
    expect([await status(), [...struck]]).toEqual(['stopped', []]);
    await rds.pass(HOUR);

    expect(await status()).toBe('available');
    expect(eventIds(emitted)).toEqual(['RDS-EVENT-0087', 'RDS-EVENT-0154', 'RDS-EVENT-0088']);
    const { Events } = await client.send(new DescribeEventsCommand({ Duration: 24 * 60 }));
    expect(Events?.map(({ Message }) => Message)).toContain(
      'DB instance is being started due to it exceeding the maximum allowed time being stopped.',
    );
    expect(struck).toContain('database-starts-by-itself');
    await stop();
    await rds.pass(24 * HOUR);
    expect(await status()).toBe('stopped');
  });

  it('database-starts-by-itself: not one that somebody started meanwhile', async () => {
    const { rds, struck, status, stop, start } = await begin('instance', [
      { world: 'database-starts-by-itself', hours: 9 },
    ]);
    await stop();
    await start();
    await rds.pass(HOUR);
    await stop();

    await rds.pass(20 * HOUR);

    expect([await status(), struck.size]).toEqual(['stopped', 0]);
  });
});

describe('a stopped cluster', () => {
  it('is starting with all of its instances, then available; not from another state', async () => {
    const { rds, client } = await begin('cluster');
    const startCluster = () => client.send(new StartDBClusterCommand(CLUSTER));
    await expect(startCluster()).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
    await client.send(new StopDBClusterCommand(CLUSTER));
    await rds.pass(10 * MINUTE);

    await startCluster();

    expect(await clusterStatus(client)).toEqual(['starting', 'starting', 'starting']);
    await expect(startCluster()).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
    await rds.pass(10 * MINUTE);
    expect(await clusterStatus(client)).toEqual(['available', 'available', 'available']);
  });

  it('starts slowly and by itself, as an instance does', async () => {
    const { rds, client, emitted } = await begin('cluster', [
      { world: 'database-starts-slowly', minutes: 90 },
      { world: 'database-starts-by-itself', hours: 2 },
    ]);
    await client.send(new StopDBClusterCommand(CLUSTER));
    await rds.pass(2.5 * HOUR);
    expect(await clusterStatus(client)).toEqual(['starting', 'starting', 'starting']);

    await rds.pass(90 * MINUTE);

    expect(await clusterStatus(client)).toEqual(['available', 'available', 'available']);
    expect(eventIds(emitted)).toEqual(['RDS-EVENT-0150', 'RDS-EVENT-0153', 'RDS-EVENT-0151']);
  });
});

it('is not started while its key is disabled', async () => {
  const key = { arn: 'arn:key', state: 'Disabled' };
  const { status, stop, start } = await begin('instance', [], {
    keys: { database: key, find: () => key } as never,
  });
  await stop();

  await expect(start()).rejects.toMatchObject({ name: 'KMSKeyNotAccessibleFault' });

  expect(await status()).toBe('stopped');
  key.state = 'Enabled';
  await start();
  expect(await status()).toBe('starting');
});
