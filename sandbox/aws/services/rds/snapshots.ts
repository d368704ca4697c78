import { join } from 'node:path';
import type {
  CreateDBSnapshotCommandInput,
  DeleteDBSnapshotCommandInput,
  DescribeDBSnapshotsCommandInput,
} from '@aws-sdk/client-rds';
import { describeSnapshot, type Snapshot } from '../../../world/database/instance.ts';
import type { DatabaseWorld } from '../../../world/database/world.ts';
import { AwsError, type Operation, type ServiceOperations } from '../../operation.ts';
import { conditionTags, requireIdentifier, requireInstance, requireState, tagging } from './checks.ts';
import { COPIED_AT, DURATIONS } from './durations.ts';
import { later } from './later.ts';

/** Snapshots of DB instances. */
export function snapshotOperations(world: DatabaseWorld): ServiceOperations {
  const create: Operation<CreateDBSnapshotCommandInput, unknown> = {
    resources: (input) => [
      world.arn('db', input.DBInstanceIdentifier ?? ''),
      world.arn('snapshot', input.DBSnapshotIdentifier ?? ''),
    ],
    actions: (input) => ['rds:CreateDBSnapshot', ...tagging(input.Tags)],
    run: (input) => createSnapshot(world, input),
  };
  const describe: Operation<DescribeDBSnapshotsCommandInput, unknown> = {
    resources: (input) => [
      input.DBSnapshotIdentifier === undefined
        ? world.arn('db', input.DBInstanceIdentifier ?? '*')
        : world.arn('snapshot', input.DBSnapshotIdentifier),
    ],
    run: ({ DBSnapshotIdentifier, DBInstanceIdentifier }) => {
      const matching = [...world.snapshots.values()].filter(
        (snapshot) =>
          (DBSnapshotIdentifier === undefined || snapshot.identifier === DBSnapshotIdentifier) &&
          (DBInstanceIdentifier === undefined || snapshot.instanceIdentifier === DBInstanceIdentifier),
      );
      if (DBSnapshotIdentifier !== undefined && matching.length === 0) {
        throw new AwsError('DBSnapshotNotFoundFault', `DBSnapshot ${DBSnapshotIdentifier} not found.`, 404);
      }
      return {
        DBSnapshots: matching.map((snapshot) => describeSnapshot(snapshot, percentOf(world, snapshot))),
      };
    },
  };
  const remove: Operation<DeleteDBSnapshotCommandInput, unknown> = {
    resources: (input) => [world.arn('snapshot', input.DBSnapshotIdentifier ?? '')],
    resourceTags: ({ DBSnapshotIdentifier = '' }) =>
      conditionTags(world.snapshots.get(DBSnapshotIdentifier)?.tags),
    run: ({ DBSnapshotIdentifier = '' }) => {
      const snapshot = world.snapshots.get(DBSnapshotIdentifier);
      if (snapshot === undefined)
        throw new AwsError('DBSnapshotNotFoundFault', `DBSnapshot ${DBSnapshotIdentifier} not found.`, 404);
      // https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBSnapshot.html
      if (snapshot.status !== 'available')
        throw new AwsError(
          'InvalidDBSnapshotStateFault',
          `Cannot delete the snapshot because it is not currently in the available state, it is ${snapshot.status}.`,
        );
      world.snapshots.delete(DBSnapshotIdentifier);
      return { DBSnapshot: describeSnapshot({ ...snapshot, status: 'deleted' }, 100) };
    },
  };
  return { CreateDBSnapshot: create, DescribeDBSnapshots: describe, DeleteDBSnapshot: remove };
}

/** How far a snapshot is, from the time that has passed. */
export function percentOf(world: DatabaseWorld, snapshot: Pick<Snapshot, 'status' | 'begun'>): number {
  if (snapshot.status === 'available') return 100;
  const part = (world.options.clock.now() - snapshot.begun) / DURATIONS.snapshot;
  return Math.max(0, Math.min(99, Math.floor(part * 100)));
}

function createSnapshot(world: DatabaseWorld, input: CreateDBSnapshotCommandInput): unknown {
  const identifier = input.DBSnapshotIdentifier ?? '';
  requireIdentifier('snapshot', identifier);
  if (world.snapshots.has(identifier)) {
    throw new AwsError(
      'DBSnapshotAlreadyExistsFault',
      `Cannot create the snapshot because a snapshot with the identifier ${identifier} already exists.`,
    );
  }
  const instance = requireInstance(world, input.DBInstanceIdentifier);
  if (instance.cluster !== undefined) {
    throw new AwsError(
      'InvalidParameterValue',
      'The specified instance is a member of a cluster and a snapshot cannot be created directly. Please use the CreateDBClusterSnapshot API instead.',
    );
  }
  requireState(instance, 'available', 'storage-optimization');
  if (world.isUsedUp('snapshots'))
    throw new AwsError('SnapshotQuotaExceeded', 'The maximum number of manual snapshots is reached.');
  const snapshot: Snapshot = {
    identifier,
    arn: world.arn('snapshot', identifier),
    instanceIdentifier: instance.identifier,
    status: 'creating',
    begun: world.options.clock.now(),
    tags: input.Tags ?? [],
    directory: join(world.options.workDirectory, 'instances', `snapshot-${world.snapshots.size}`),
    source: {
      engine: instance.engine,
      instanceClass: instance.instanceClass,
      subnetGroup: instance.subnetGroup,
      parameterGroup: instance.parameterGroup,
      optionGroup: instance.optionGroup,
      kmsKey: instance.kmsKey,
    },
  };
  world.snapshots.set(identifier, snapshot);
  const fail = (): void => {
    snapshot.status = 'failed';
  };
  if (world.strikes('snapshot-fails')) {
    later(world, DURATIONS.snapshot / 2, fail, fail);
    return { DBSnapshot: describeSnapshot(snapshot, 0) };
  }
  instance.status = 'backing-up';
  later(
    world,
    DURATIONS.snapshot * COPIED_AT,
    async () => {
      await world.copySource(snapshot.directory);
      later(
        world,
        DURATIONS.snapshot * (1 - COPIED_AT),
        () => {
          snapshot.status = 'available';
          if (instance.status === 'backing-up') instance.status = 'available';
        },
        fail,
      );
    },
    () => {
      fail();
      instance.status = 'available';
    },
  );
  return { DBSnapshot: describeSnapshot(snapshot, 0) };
}
