import type {
  DeleteDBInstanceCommandInput,
  DescribeDBInstancesCommandInput,
  StartDBInstanceCommandInput,
  StopDBInstanceCommandInput,
} from '@aws-sdk/client-rds';
import { describeInstance, type Instance } from '../../../world/database/instance.ts';
import type { DatabaseWorld } from '../../../world/database/world.ts';
import { AwsError, type Operation, type ServiceOperations } from '../../operation.ts';
import {
  conditionTags,
  requireFilters,
  requireFinalSnapshotChoice,
  requireInstance,
  requireState,
} from './checks.ts';
import { DURATIONS } from './durations.ts';
import { later } from './later.ts';
import { requireEnabledKey, startStopped } from './starts.ts';

/** What RDS does with DB instances. */
export function instanceOperations(world: DatabaseWorld): ServiceOperations {
  const database = (input: { DBInstanceIdentifier?: string | undefined }): string[] => [
    world.arn('db', input.DBInstanceIdentifier ?? '*'),
  ];
  const describe: Operation<DescribeDBInstancesCommandInput, unknown> = {
    resources: database,
    run: ({ DBInstanceIdentifier, Filters, Marker, MaxRecords }) => {
      requireFilters(Filters, 'db-cluster-id', 'db-instance-id', 'dbi-resource-id', 'engine');
      if (DBInstanceIdentifier !== undefined)
        return { DBInstances: [describeInstance(requireInstance(world, DBInstanceIdentifier))] };
      const clusters = Filters?.find(({ Name }) => Name === 'db-cluster-id')?.Values;
      const all = [...world.instances.values()]
        .filter((instance) => world.isListed(instance))
        .filter(({ cluster }) => clusters?.includes(cluster?.identifier ?? '') !== false)
        .map(describeInstance);
      const first = Number(Marker ?? 0);
      const size = MaxRecords ?? 100;
      return {
        DBInstances: all.slice(first, first + size),
        ...(first + size < all.length ? { Marker: String(first + size) } : {}),
      };
    },
  };
  const stop: Operation<StopDBInstanceCommandInput, unknown> = {
    resources: database,
    run: ({ DBInstanceIdentifier }) => {
      const instance = requireInstance(world, DBInstanceIdentifier);
      requireOutsideClusters(instance);
      requireState(instance, 'available');
      if (stopping.has(instance))
        throw new AwsError(
          'InvalidDBInstanceStateFault',
          `Instance ${instance.identifier} is not in available state.`,
        );
      stopping.add(instance);
      later(
        world,
        DURATIONS.eventualConsistency,
        () => {
          instance.status = 'stopping';
        },
        () => undefined,
      );
      later(
        world,
        DURATIONS.stop,
        () => finishStop(world, instance),
        () => {
          instance.status = 'failed';
        },
      );
      return { DBInstance: describeInstance(instance) };
    },
  };
  const start: Operation<StartDBInstanceCommandInput, unknown> = {
    resources: database,
    run: ({ DBInstanceIdentifier }) => {
      const instance = requireInstance(world, DBInstanceIdentifier);
      requireOutsideClusters(instance);
      requireState(instance, 'stopped');
      requireEnabledKey(world, instance.kmsKey);
      startLater(world, instance);
      return { DBInstance: describeInstance(instance) };
    },
  };
  const remove: Operation<DeleteDBInstanceCommandInput, unknown> = {
    resources: database,
    resourceTags: ({ DBInstanceIdentifier }) =>
      conditionTags(world.instances.get(DBInstanceIdentifier ?? '')?.tags),
    run: (input) => deleteInstance(world, input),
  };
  return {
    DescribeDBInstances: describe,
    StopDBInstance: stop,
    StartDBInstance: start,
    DeleteDBInstance: remove,
  };
}

/** Instances whose stop was accepted but does not show yet. */
const stopping = new WeakSet<Instance>();

/** World fault `started-by-someone-else`: once. */
const startedAgain = new WeakSet<Instance>();

async function finishStop(world: DatabaseWorld, instance: Instance): Promise<void> {
  await world.track(() => instance.server.stop());
  stopping.delete(instance);
  if (!startedAgain.has(instance) && world.strikes('started-by-someone-else')) {
    startedAgain.add(instance);
    startLater(world, instance);
    return;
  }
  instance.status = 'stopped';
  world.onEvent('stopped', instance);
}

/** Starts a stopped instance: a person's call, or RDS itself after seven days. */
export function startLater(world: DatabaseWorld, instance: Instance): void {
  startStopped(world, instance, (status) => {
    instance.status = status;
  });
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-cluster-stop-start.html: "You can't stop an individual Aurora DB instance". */
function requireOutsideClusters({ cluster, engine }: Instance): void {
  if (cluster === undefined) return;
  throw new AwsError(
    'InvalidParameterCombination',
    `${engine.engine} DB instances are not eligible for stopping and starting.`,
  );
}

function requireDeletable({ cluster }: Instance, input: DeleteDBInstanceCommandInput): void {
  if (cluster === undefined) {
    requireFinalSnapshotChoice(input);
    return;
  }
  if (input.FinalDBSnapshotIdentifier !== undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      'FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance.',
    );
  }
  if (cluster.status === 'stopped' || cluster.status === 'stopping') {
    throw new AwsError(
      'InvalidDBClusterStateFault',
      `DbCluster ${cluster.identifier} is in ${cluster.status} state.`,
    );
  }
}

function deleteInstance(world: DatabaseWorld, input: DeleteDBInstanceCommandInput): unknown {
  const instance = requireInstance(world, input.DBInstanceIdentifier);
  requireDeletable(instance, input);
  if (instance.deletionProtection) {
    throw new AwsError(
      'InvalidParameterCombination',
      'Cannot delete protected DB Instance, please disable deletion protection and try again.',
    );
  }
  if (instance.status === 'deleting' || instance.status === 'creating') {
    throw new AwsError(
      'InvalidDBInstanceStateFault',
      `Instance ${instance.identifier} is ${instance.status}.`,
    );
  }
  instance.status = 'deleting';
  later(
    world,
    DURATIONS.delete,
    async () => {
      world.instances.delete(instance.identifier);
      // The instances of a cluster share its server: the last one ends it.
      const shared = [...world.instances.values()].some(({ server }) => server === instance.server);
      if (!shared) await world.track(() => instance.server.stop());
    },
    () => {
      instance.status = 'failed';
    },
  );
  return { DBInstance: describeInstance(instance) };
}
