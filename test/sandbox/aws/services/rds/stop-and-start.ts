import {
  DescribeDBInstancesCommand,
  RDSClient,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { onTestFinished } from 'vitest';
import type { ServiceEvent } from '../../../../../sandbox/aws/events/bus.ts';
import { RdsEvents } from '../../../../../sandbox/aws/events/rds.ts';
import { startClusterLater } from '../../../../../sandbox/aws/services/rds/clusters.ts';
import { startLater } from '../../../../../sandbox/aws/services/rds/instances.ts';
import { createRds } from '../../../../../sandbox/aws/services/rds/rds.ts';
import { tellOfDatabases } from '../../../../../sandbox/rehearsal/start-faults.ts';
import { isCluster } from '../../../../../sandbox/world/database/cluster-description.ts';
import type { DatabaseWorldOptions } from '../../../../../sandbox/world/database/world-options.ts';
import { parseFaults } from '../../../../../sandbox/world/fault-injection.ts';
import type { WorldFault } from '../../../../../sandbox/world/faults.ts';
import { clientOptions, startWorld } from '../../protocol/world.ts';
import { startTestRds, type TestRds } from './world.ts';

const DB = { DBInstanceIdentifier: 'crm-db' };

/** Ten minutes, in seconds: a stop is over then. */
const STOPS_WITHIN = 600;

/** An RDS of the sandbox behind its endpoint, to be stopped and started by the SDK. */
export interface StoppableRds {
  rds: TestRds;
  client: RDSClient;
  /** Events that EventBridge got. */
  emitted: ServiceEvent[];
  /** Faults that struck. */
  struck: Set<string>;
  /** The DB instance's, as RDS says it. */
  status(): Promise<string | undefined>;
  /** Stops the DB instance and waits until it is. */
  stop(): Promise<void>;
  start(): ReturnType<typeof startInstance>;
}

const startInstance = (client: RDSClient) => client.send(new StartDBInstanceCommand(DB));

/** Begins one with these faults, for one test. */
export async function begin(
  kind: 'instance' | 'cluster' = 'instance',
  faults: object[] = [],
  real: Partial<DatabaseWorldOptions> = {},
): Promise<StoppableRds> {
  const struck = new Set<string>();
  const emitted: ServiceEvent[] = [];
  const rds = await startTestRds(kind, parseFaults(JSON.stringify(faults)) as WorldFault[], {
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
  const client = new RDSClient(clientOptions(endpoint.url));
  onTestFinished(async () => {
    client.destroy();
    await endpoint.close();
  });
  return {
    rds,
    client,
    emitted,
    struck,
    status: async () => {
      const { DBInstances } = await client.send(new DescribeDBInstancesCommand(DB));
      return DBInstances?.[0]?.DBInstanceStatus;
    },
    stop: async () => {
      await client.send(new StopDBInstanceCommand(DB));
      await rds.pass(STOPS_WITHIN);
    },
    start: () => startInstance(client),
  };
}
