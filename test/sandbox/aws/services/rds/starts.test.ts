import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeEventsCommand,
  RDSClient,
  StartDBClusterCommand,
  StartDBInstanceCommand,
  StopDBClusterCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ServiceEvent } from '../../../../../sandbox/aws/events/bus.ts';
import { RdsEvents } from '../../../../../sandbox/aws/events/rds.ts';
import { startClusterLater } from '../../../../../sandbox/aws/services/rds/clusters.ts';
import { startLater } from '../../../../../sandbox/aws/services/rds/instances.ts';
import { createRds } from '../../../../../sandbox/aws/services/rds/rds.ts';
import { letIntakeWrite, tellOfDatabases } from '../../../../../sandbox/rehearsal/start-faults.ts';
import { giveToServerUser } from '../../../../../sandbox/world/database/binaries.ts';
import { makeCertificates } from '../../../../../sandbox/world/database/certificates.ts';
import { isCluster } from '../../../../../sandbox/world/database/cluster-description.ts';
import { FEW_ROWS } from '../../../../../sandbox/world/database/crm.ts';
import { sandboxEngine } from '../../../../../sandbox/world/database/engines.ts';
import type { DatabaseWorldOptions } from '../../../../../sandbox/world/database/world-options.ts';
import { parseFaults } from '../../../../../sandbox/world/fault-injection.ts';
import type { WorldFault } from '../../../../../sandbox/world/faults.ts';
import type { ServerWorld } from '../../../../../sandbox/world/servers/world.ts';
import { system } from '../../../../functions/fixtures.ts';
import { hasMariadb } from '../../../../support/mariadb-server.ts';
import { clientOptions, startWorld } from '../../protocol/world.ts';
import { type QuietServer, startTestRds, type TestRds } from './world.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DB = { DBInstanceIdentifier: 'crm-db' };
const CLUSTER = { DBClusterIdentifier: 'crm-db' };

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

let rds: TestRds;
let client: RDSClient;
/** Events that EventBridge got. */
let emitted: ServiceEvent[];
/** Faults that struck. */
let struck: Set<string>;

async function begin(
  kind: 'instance' | 'cluster' = 'instance',
  faults: object[] = [],
  real: Partial<DatabaseWorldOptions> = {},
): Promise<void> {
  struck = new Set();
  emitted = [];
  rds = await startTestRds(kind, parseFaults(JSON.stringify(faults)) as WorldFault[], {
    onFault: (name) => struck.add(name),
    ...real,
  });
  const events = new RdsEvents({
    clock: rds.clock,
    emit: (event) => emitted.push(event),
    start: (resource) =>
      isCluster(resource) ? startClusterLater(rds.world, resource) : startLater(rds.world, resource),
  });
  tellOfDatabases(rds.world, events);
  const { endpoint } = await startWorld({ rds: { ...createRds(rds.world), ...events.operations() } });
  client = new RDSClient(clientOptions(endpoint.url));
  cleanUps.push(
    () => endpoint.close(),
    () => client.destroy(),
  );
}

async function status(): Promise<string | undefined> {
  const { DBInstances } = await client.send(new DescribeDBInstancesCommand(DB));
  return DBInstances?.[0]?.DBInstanceStatus;
}

async function clusterStatus(): Promise<(string | undefined)[]> {
  const { DBClusters } = await client.send(new DescribeDBClustersCommand(CLUSTER));
  const { DBInstances } = await client.send(new DescribeDBInstancesCommand({}));
  return [DBClusters?.[0]?.Status, ...(DBInstances ?? []).map((each) => each.DBInstanceStatus)];
}

async function stop(): Promise<void> {
  await client.send(new StopDBInstanceCommand(DB));
  await rds.pass(10 * MINUTE);
}

const start = () => client.send(new StartDBInstanceCommand(DB));
const eventIds = (): unknown[] => emitted.map(({ detail }) => detail['EventID']);

describe('a stopped instance', () => {
  it('is starting, then available, with its server up; not from another state', async () => {
    await begin();
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
    expect(eventIds()).toEqual(['RDS-EVENT-0087', 'RDS-EVENT-0088']);
  });

  it('database-starts-slowly: starting for an hour', async () => {
    await begin('instance', [{ world: 'database-starts-slowly' }]);
    await stop();
    await start();

    await rds.pass(59 * MINUTE);
    expect(await status()).toBe('starting');
    await rds.pass(2 * MINUTE);
    expect(await status()).toBe('available');
    expect(struck).toContain('database-starts-slowly');
  });

  it('database-starts-by-itself: in the night, once, and says why', async () => {
    await begin('instance', [{ world: 'database-starts-by-itself', hours: 9 }]);
    await stop();

    await rds.pass(8.5 * HOUR);
    expect([await status(), [...struck]]).toEqual(['stopped', []]);
    await rds.pass(HOUR);

    expect(await status()).toBe('available');
    expect(eventIds()).toEqual(['RDS-EVENT-0087', 'RDS-EVENT-0154', 'RDS-EVENT-0088']);
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
    await begin('instance', [{ world: 'database-starts-by-itself', hours: 9 }]);
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
    await begin('cluster');
    const startCluster = () => client.send(new StartDBClusterCommand(CLUSTER));
    await expect(startCluster()).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
    await client.send(new StopDBClusterCommand(CLUSTER));
    await rds.pass(10 * MINUTE);

    await startCluster();

    expect(await clusterStatus()).toEqual(['starting', 'starting', 'starting']);
    await expect(startCluster()).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
    await rds.pass(10 * MINUTE);
    expect(await clusterStatus()).toEqual(['available', 'available', 'available']);
  });

  it('starts slowly and by itself, as an instance does', async () => {
    await begin('cluster', [
      { world: 'database-starts-slowly', minutes: 90 },
      { world: 'database-starts-by-itself', hours: 2 },
    ]);
    await client.send(new StopDBClusterCommand(CLUSTER));
    await rds.pass(2.5 * HOUR);
    expect(await clusterStatus()).toEqual(['starting', 'starting', 'starting']);

    await rds.pass(90 * MINUTE);

    expect(await clusterStatus()).toEqual(['available', 'available', 'available']);
    expect(eventIds()).toEqual(['RDS-EVENT-0150', 'RDS-EVENT-0153', 'RDS-EVENT-0151']);
  });
});

it('is not started while its key is disabled', async () => {
  const key = { arn: 'arn:key', state: 'Disabled' };
  await begin('instance', [], { keys: { database: key, find: () => key } as never });
  await stop();

  await expect(start()).rejects.toMatchObject({ name: 'KMSKeyNotAccessibleFault' });

  expect(await status()).toBe('stopped');
  key.state = 'Enabled';
  await start();
  expect(await status()).toBe('starting');
});

const ENGINES = [
  {
    engine: 'postgres' as const,
    isHere: true,
    heap: "CREATE TABLE heap AS SELECT n, repeat('x', 500) AS filling FROM generate_series(1, 5000) AS n",
    sums: (table: string) => `SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM ${table} AS t`,
  },
  {
    engine: 'mariadb' as const,
    isHere: hasMariadb,
    heap: "CREATE TABLE heap AS SELECT seq AS n, repeat('x', 500) AS filling FROM seq_1_to_5000",
    sums: (table: string) => `CHECKSUM TABLE ${table}`,
  },
];
const TABLES = ['accounts', 'contacts', 'opportunities', 'activities', 'attachments', 'heap'];

describe.each(ENGINES.filter(({ isHere }) => isHere))(
  'the data of a stopped $engine',
  { timeout: 120_000 },
  ({ engine, heap, sums }) => {
    async function beginFor(...faults: object[]): Promise<void> {
      const folder = await mkdtemp(join(tmpdir(), 'lights-out-starts-'));
      await giveToServerUser(folder);
      cleanUps.push(() => rm(folder, { recursive: true, force: true }));
      await begin('instance', faults, {
        engine: await sandboxEngine(engine, folder),
        certificate: await makeCertificates(Date.now()),
        workDirectory: folder,
        rows: FEW_ROWS,
      });
      cleanUps.push(() => rds.world.stop());
      await ask(heap);
    }
    async function ask(sql: string): Promise<unknown> {
      const session = await rds.world.signIn('test');
      const answer = await session.query(sql).finally(() => session.end());
      return Array.isArray(answer) ? answer[0] : (answer as { rows: unknown }).rows;
    }
    const contents = async (): Promise<Record<string, string>> => {
      const found: Record<string, string> = {};
      for (const table of TABLES) found[table] = JSON.stringify(await ask(sums(table)));
      return found;
    };
    /** Stops and starts it; the real server takes real time. */
    async function restart(): Promise<void> {
      await client.send(new StopDBInstanceCommand(DB));
      await rds.pass(10 * MINUTE);
      await vi.waitUntil(async () => (await status()) === 'stopped', { timeout: 20_000 });
      await expect(rds.world.signIn('test')).rejects.toThrow(/ECONNREFUSED/);
      await start();
      await rds.pass(10 * MINUTE);
      await vi.waitUntil(async () => (await status()) === 'available', { timeout: 20_000 });
    }
    const differing = (before: Record<string, string>, after: Record<string, string>): string[] =>
      TABLES.filter((table) => before[table] !== after[table]);

    it('is the same afterwards', async () => {
      await beginFor();
      const before = await contents();

      await restart();

      expect(differing(before, await contents())).toEqual([]);
    });

    it('changed-while-off: one row differs, of a table with a primary key, and once', async () => {
      await beginFor({ world: 'changed-while-off' });
      const before = await contents();

      await restart();

      const changed = await contents();
      expect(differing(before, changed)).toHaveLength(1);
      expect(differing(before, changed)).not.toContain('heap');
      expect(struck).toContain('changed-while-off');
      await restart();
      expect(differing(changed, await contents())).toEqual([]);
    });

    it('intake-writes-at-start: a row changes once the service is up, where the database takes connections', async () => {
      await beginFor({ world: 'intake-writes-at-start', service: 'crm-api', table: 'contacts' });
      const servers = { options: { deployment: { config: system() } } } as unknown as ServerWorld;
      letIntakeWrite(servers, rds.world);
      const before = await contents();

      servers.onServiceBoot('another');
      await rds.world.written;
      expect(differing(before, await contents())).toEqual([]);
      servers.onServiceBoot('crm-api');
      await rds.world.written;

      expect(differing(before, await contents())).toEqual(['contacts']);
      expect(struck).toContain('intake-writes-at-start');
      struck.clear();
      await client.send(new StopDBInstanceCommand(DB));
      await rds.pass(10 * MINUTE);
      await vi.waitUntil(async () => (await status()) === 'stopped', { timeout: 20_000 });
      servers.onServiceBoot('crm-api');
      await rds.world.written;
      expect(struck.size).toBe(0);
    });
  },
);
