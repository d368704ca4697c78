import { join } from 'node:path';
import type {
  CreateDBClusterSnapshotCommandInput,
  DescribeDBClusterSnapshotsCommandInput,
} from '@aws-sdk/client-rds';
import { type ClusterSnapshot, describeClusterSnapshot } from '../../../world/database/cluster.ts';
import type { DatabaseWorld } from '../../../world/database/world.ts';
import { AwsError, type Operation, type ServiceOperations } from '../../operation.ts';
import { requireCluster, requireClusterState, requireIdentifier, tagging } from './checks.ts';
import { COPIED_AT, DURATIONS } from './durations.ts';
import { later } from './later.ts';
import { percentOf } from './snapshots.ts';

/** Snapshots of DB clusters. */
export function clusterSnapshotOperations(world: DatabaseWorld): ServiceOperations {
  const create: Operation<CreateDBClusterSnapshotCommandInput, unknown> = {
    resources: (input) => [
      world.arn('cluster', input.DBClusterIdentifier ?? ''),
      world.arn('cluster-snapshot', input.DBClusterSnapshotIdentifier ?? ''),
    ],
    actions: (input) => ['rds:CreateDBClusterSnapshot', ...tagging(input.Tags)],
    run: (input) => ({ DBClusterSnapshot: describeClusterSnapshot(createSnapshot(world, input), 0) }),
  };
  const describe: Operation<DescribeDBClusterSnapshotsCommandInput, unknown> = {
    resources: (input) => [
      input.DBClusterSnapshotIdentifier === undefined
        ? world.arn('cluster', input.DBClusterIdentifier ?? '*')
        : world.arn('cluster-snapshot', input.DBClusterSnapshotIdentifier),
    ],
    run: ({ DBClusterSnapshotIdentifier: identifier, DBClusterIdentifier: cluster }) => {
      const matching = [...world.clusterSnapshots.values()].filter(
        (snapshot) =>
          (identifier === undefined || snapshot.identifier === identifier) &&
          (cluster === undefined || snapshot.clusterIdentifier === cluster),
      );
      if (identifier !== undefined && matching.length === 0) {
        throw new AwsError(
          'DBClusterSnapshotNotFoundFault',
          `DBClusterSnapshot ${identifier} not found.`,
          404,
        );
      }
      return {
        DBClusterSnapshots: matching.map((snapshot) =>
          describeClusterSnapshot(snapshot, percentOf(world, snapshot)),
        ),
      };
    },
  };
  return { CreateDBClusterSnapshot: create, DescribeDBClusterSnapshots: describe };
}

function createSnapshot(world: DatabaseWorld, input: CreateDBClusterSnapshotCommandInput): ClusterSnapshot {
  const identifier = input.DBClusterSnapshotIdentifier ?? '';
  requireIdentifier('snapshot', identifier);
  if (world.clusterSnapshots.has(identifier)) {
    throw new AwsError(
      'DBClusterSnapshotAlreadyExistsFault',
      `Cannot create the snapshot because a snapshot with the identifier ${identifier} already exists.`,
    );
  }
  const cluster = requireCluster(world, input.DBClusterIdentifier);
  requireClusterState(cluster, 'available');
  const snapshot: ClusterSnapshot = {
    identifier,
    arn: world.arn('cluster-snapshot', identifier),
    clusterIdentifier: cluster.identifier,
    status: 'creating',
    begun: world.options.clock.now(),
    tags: input.Tags ?? [],
    directory: join(
      world.options.workDirectory,
      'instances',
      `cluster-snapshot-${world.clusterSnapshots.size}`,
    ),
    engine: cluster.engine,
    kmsKey: cluster.kmsKey,
  };
  world.clusterSnapshots.set(identifier, snapshot);
  const end = (status: string) => (): void => {
    snapshot.status = status;
  };
  if (world.strikes('snapshot-fails')) {
    later(world, DURATIONS.snapshot / 2, end('failed'), end('failed'));
    return snapshot;
  }
  // Aurora's storage makes the snapshot: the cluster goes on and does not show it.
  later(
    world,
    DURATIONS.snapshot * COPIED_AT,
    async () => {
      await world.copySource(snapshot.directory);
      later(world, DURATIONS.snapshot * (1 - COPIED_AT), end('available'), end('failed'));
    },
    end('failed'),
  );
  return snapshot;
}
