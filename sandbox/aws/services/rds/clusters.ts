import type {
  DeleteDBClusterCommandInput,
  DescribeDBClustersCommandInput,
  StartDBClusterCommandInput,
  StopDBClusterCommandInput,
} from '@aws-sdk/client-rds';
import type { Cluster } from '../../../world/database/cluster.ts';
import { describeCluster } from '../../../world/database/cluster-description.ts';
import type { DatabaseWorld } from '../../../world/database/world.ts';
import { AwsError, type Operation, type ServiceOperations } from '../../operation.ts';
import { conditionTags, requireCluster, requireClusterState, requireFinalSnapshotChoice } from './checks.ts';
import { DURATIONS } from './durations.ts';
import { later } from './later.ts';
import { requireEnabledKey, startStopped } from './starts.ts';

/** What RDS does with DB clusters; their copies are in cluster-copies.ts. */
export function clusterOperations(world: DatabaseWorld): ServiceOperations {
  const resources = (input: { DBClusterIdentifier?: string | undefined }): string[] => [
    world.arn('cluster', input.DBClusterIdentifier ?? '*'),
  ];
  const described = (cluster: Cluster) => describeCluster(cluster, world.membersOf(cluster));
  const describe: Operation<DescribeDBClustersCommandInput, unknown> = {
    resources,
    run: ({ DBClusterIdentifier }) => ({
      DBClusters:
        DBClusterIdentifier === undefined
          ? [...world.clusters.values()].filter((cluster) => world.isListed(cluster)).map(described)
          : [described(requireCluster(world, DBClusterIdentifier))],
    }),
  };
  const stop: Operation<StopDBClusterCommandInput, unknown> = {
    resources,
    run: ({ DBClusterIdentifier }) => {
      const cluster = requireCluster(world, DBClusterIdentifier);
      stopCluster(world, cluster);
      return { DBCluster: described(cluster) };
    },
  };
  const start: Operation<StartDBClusterCommandInput, unknown> = {
    resources,
    run: ({ DBClusterIdentifier }) => {
      const cluster = requireCluster(world, DBClusterIdentifier);
      requireClusterState(cluster, 'stopped', 'inaccessible-encryption-credentials-recoverable');
      requireEnabledKey(world, cluster.kmsKey);
      startClusterLater(world, cluster);
      return { DBCluster: described(cluster) };
    },
  };
  const remove: Operation<DeleteDBClusterCommandInput, unknown> = {
    resources,
    resourceTags: ({ DBClusterIdentifier }) =>
      conditionTags(world.clusters.get(DBClusterIdentifier ?? '')?.tags),
    run: (input) => {
      const cluster = requireCluster(world, input.DBClusterIdentifier);
      deleteCluster(world, cluster, input);
      return { DBCluster: described(cluster) };
    },
  };
  return {
    DescribeDBClusters: describe,
    StopDBCluster: stop,
    StartDBCluster: start,
    DeleteDBCluster: remove,
  };
}

/** Clusters whose stop was accepted but does not show yet. */
const stopping = new WeakSet<Cluster>();

/** World fault `started-by-someone-else`: once. */
const startedAgain = new WeakSet<Cluster>();

function setStatus(world: DatabaseWorld, cluster: Cluster, status: string): void {
  cluster.status = status;
  for (const member of world.membersOf(cluster)) member.status = status;
}

function stopCluster(world: DatabaseWorld, cluster: Cluster): void {
  requireClusterState(cluster, 'available');
  if (stopping.has(cluster)) {
    throw new AwsError(
      'InvalidDBClusterStateFault',
      `DbCluster ${cluster.identifier} is not in available state.`,
    );
  }
  const busy = world.membersOf(cluster).find((member) => member.status !== 'available');
  if (busy !== undefined) {
    throw new AwsError(
      'InvalidDBInstanceStateFault',
      `Instance ${busy.identifier} is not in available state.`,
    );
  }
  stopping.add(cluster);
  later(
    world,
    DURATIONS.eventualConsistency,
    () => setStatus(world, cluster, 'stopping'),
    () => undefined,
  );
  later(
    world,
    DURATIONS.stop,
    async () => {
      await world.track(() => cluster.server.stop());
      stopping.delete(cluster);
      if (!startedAgain.has(cluster) && world.strikes('started-by-someone-else')) {
        startedAgain.add(cluster);
        startClusterLater(world, cluster);
        return;
      }
      setStatus(world, cluster, 'stopped');
      world.onEvent('stopped', cluster);
    },
    () => setStatus(world, cluster, 'failed'),
  );
}

/** Starts a stopped cluster with all of its instances: a person's call, or RDS itself after seven days. */
export function startClusterLater(world: DatabaseWorld, cluster: Cluster): void {
  startStopped(world, cluster, (status) => setStatus(world, cluster, status));
}

function deleteCluster(world: DatabaseWorld, cluster: Cluster, input: DeleteDBClusterCommandInput): void {
  requireFinalSnapshotChoice(input);
  if (cluster.deletionProtection) {
    throw new AwsError(
      'InvalidParameterCombination',
      'Cannot delete protected Cluster, please disable deletion protection and try again.',
    );
  }
  // What the console does in one step the API does not: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DeleteCluster.html
  if (world.membersOf(cluster).some((member) => member.status !== 'deleting')) {
    throw new AwsError(
      'InvalidDBClusterStateFault',
      'Cluster cannot be deleted, it still contains DB instances in non-deleting state.',
    );
  }
  if (['creating', 'deleting', 'stopped', 'stopping', 'starting'].includes(cluster.status)) {
    throw new AwsError(
      'InvalidDBClusterStateFault',
      `DbCluster ${cluster.identifier} is in ${cluster.status} state.`,
    );
  }
  cluster.status = 'deleting';
  later(
    world,
    DURATIONS.deleteCluster,
    async () => {
      await world.track(() => cluster.server.stop());
      world.clusters.delete(cluster.identifier);
    },
    () => {
      cluster.status = 'failed';
    },
  );
}
