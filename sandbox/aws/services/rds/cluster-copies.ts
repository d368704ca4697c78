import type {
  CreateDBInstanceCommandInput,
  RestoreDBClusterFromSnapshotCommandInput,
} from '@aws-sdk/client-rds';
import type { Cluster } from '../../../world/database/cluster.ts';
import { describeCluster } from '../../../world/database/cluster-description.ts';
import { describeInstance } from '../../../world/database/instance.ts';
import type { DatabaseWorld } from '../../../world/database/world.ts';
import { AwsError, type Caller, type Operation, type ServiceOperations } from '../../operation.ts';
import { requireCluster, requireClusterState, requireIdentifier, requireKey, tagging } from './checks.ts';
import { DURATIONS } from './durations.ts';
import { later } from './later.ts';

/** Restores of cluster snapshots, and the instances that are put into clusters. */
export function clusterCopyOperations(world: DatabaseWorld): ServiceOperations {
  const restore: Operation<RestoreDBClusterFromSnapshotCommandInput, unknown> = {
    resources: (input) => [
      world.arn('cluster', input.DBClusterIdentifier ?? ''),
      world.arn('cluster-snapshot', input.SnapshotIdentifier ?? ''),
      ...(input.DBSubnetGroupName === undefined ? [] : [world.arn('subgrp', input.DBSubnetGroupName)]),
      ...(input.DBClusterParameterGroupName === undefined
        ? []
        : [world.arn('cluster-pg', input.DBClusterParameterGroupName)]),
      ...(input.OptionGroupName === undefined ? [] : [world.arn('og', input.OptionGroupName)]),
    ],
    actions: (input) => ['rds:RestoreDBClusterFromSnapshot', ...tagging(input.Tags)],
    run: (input, { caller }) => ({ DBCluster: describeCluster(restoreCluster(world, input, caller), []) }),
  };
  const create: Operation<CreateDBInstanceCommandInput, unknown> = {
    resources: (input) => [
      world.arn('db', input.DBInstanceIdentifier ?? ''),
      ...(input.DBClusterIdentifier === undefined ? [] : [world.arn('cluster', input.DBClusterIdentifier)]),
      ...(input.DBParameterGroupName === undefined ? [] : [world.arn('pg', input.DBParameterGroupName)]),
      ...(input.DBSubnetGroupName === undefined ? [] : [world.arn('subgrp', input.DBSubnetGroupName)]),
      ...(input.OptionGroupName === undefined ? [] : [world.arn('og', input.OptionGroupName)]),
    ],
    actions: (input) => ['rds:CreateDBInstance', ...tagging(input.Tags)],
    run: (input, { caller }) => createMember(world, input, caller),
  };
  return { RestoreDBClusterFromSnapshot: restore, CreateDBInstance: create };
}

function restoreCluster(
  world: DatabaseWorld,
  input: RestoreDBClusterFromSnapshotCommandInput,
  caller: Caller,
): Cluster {
  const identifier = input.DBClusterIdentifier ?? '';
  requireIdentifier('cluster', identifier);
  if (world.clusters.has(identifier))
    throw new AwsError('DBClusterAlreadyExistsFault', `DB Cluster already exists: ${identifier}`);
  const snapshot = world.clusterSnapshots.get(input.SnapshotIdentifier ?? '');
  if (snapshot === undefined) {
    throw new AwsError(
      'DBClusterSnapshotNotFoundFault',
      `DBClusterSnapshot ${input.SnapshotIdentifier} not found.`,
      404,
    );
  }
  if (snapshot.status !== 'available') {
    throw new AwsError(
      'InvalidDBClusterSnapshotStateFault',
      `DBClusterSnapshot ${snapshot.identifier} is in state ${snapshot.status}.`,
    );
  }
  if (input.Engine !== snapshot.engine.engine) {
    throw new AwsError(
      'InvalidParameterValue',
      `The engine ${input.Engine} does not match the snapshot's ${snapshot.engine.engine}.`,
    );
  }
  const { BackupRetentionPeriod: days = 1 } = input;
  if (days < 1 || days > 35) {
    throw new AwsError(
      'InvalidParameterValue',
      `Invalid backup retention period: ${days}. Retention period must be between 1 and 35.`,
    );
  }
  requireKey(world, snapshot.kmsKey, caller);
  const cluster = world.addCluster(identifier, {
    // What AWS takes when it is not told: the default version, groups and VPC.
    engine: { ...snapshot.engine, version: input.EngineVersion ?? 'the default of the Region' },
    subnetGroup: input.DBSubnetGroupName ?? 'default',
    parameterGroup: input.DBClusterParameterGroupName ?? `default.${snapshot.engine.family}`,
    securityGroups: input.VpcSecurityGroupIds ?? ['sg-default'],
    deletionProtection: input.DeletionProtection ?? false,
    iamAuthentication: input.EnableIAMDatabaseAuthentication ?? false,
    backupRetentionDays: days,
    storageType: input.StorageType ?? 'aurora',
    kmsKey: snapshot.kmsKey,
    capacity: input.ServerlessV2ScalingConfiguration,
    tags: input.Tags ?? [],
    volume: snapshot.directory,
    listedFrom: world.options.clock.now() + DURATIONS.eventualConsistency,
  });
  const fails = world.strikes('restore-fails');
  const end = (status: string) => (): void => {
    cluster.status = status;
  };
  later(world, DURATIONS.restoreCluster, end(fails ? 'migration-failed' : 'available'), end('failed'));
  return cluster;
}

/** What a member of a cluster takes from it: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html */
const OF_THE_CLUSTER = [
  'AllocatedStorage',
  'BackupRetentionPeriod',
  'CharacterSetName',
  'CopyTagsToSnapshot',
  'DeletionProtection',
  'EnableIAMDatabaseAuthentication',
  'KmsKeyId',
  'MasterUserPassword',
  'MasterUsername',
  'MultiAZ',
  'Port',
  'StorageEncrypted',
  'StorageType',
  'VpcSecurityGroupIds',
] as const satisfies (keyof CreateDBInstanceCommandInput)[];

function createMember(world: DatabaseWorld, input: CreateDBInstanceCommandInput, caller: Caller): unknown {
  const identifier = input.DBInstanceIdentifier ?? '';
  requireIdentifier('database', identifier);
  if (world.instances.has(identifier))
    throw new AwsError('DBInstanceAlreadyExistsFault', `DB instance already exists: ${identifier}`);
  if (input.DBClusterIdentifier === undefined)
    throw new Error('CreateDBInstance without a cluster: the sandbox makes members of clusters only');
  const cluster = requireCluster(world, input.DBClusterIdentifier);
  requireClusterState(cluster, 'available');
  requireOfTheCluster(input, cluster);
  requireKey(world, cluster.kmsKey, caller);
  const instance = world.addInstance(identifier, {
    cluster,
    server: cluster.server,
    engine: cluster.engine,
    instanceClass: input.DBInstanceClass ?? '',
    parameterGroup: input.DBParameterGroupName ?? `default.${cluster.engine.family}`,
    subnetGroup: cluster.subnetGroup,
    securityGroups: cluster.securityGroups,
    publiclyAccessible: input.PubliclyAccessible ?? true,
    deletionProtection: false,
    iamAuthentication: cluster.iamAuthentication,
    kmsKey: cluster.kmsKey,
    tags: input.Tags ?? [],
    listedFrom: world.options.clock.now() + DURATIONS.eventualConsistency,
  });
  later(
    world,
    DURATIONS.createMember,
    async () => {
      if (cluster.volume !== undefined) {
        await world.startCopy(cluster.volume, cluster.server);
        cluster.volume = undefined;
      }
      instance.hasEndpoint = true;
      instance.status = 'available';
    },
    () => {
      instance.status = 'incompatible-parameters';
    },
  );
  return { DBInstance: describeInstance(instance) };
}

function requireOfTheCluster(input: CreateDBInstanceCommandInput, cluster: Cluster): void {
  const given = OF_THE_CLUSTER.find((name) => input[name] !== undefined);
  if (given !== undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      `The requested DB Instance will be a member of a DB Cluster. Set ${given} for the DB Cluster.`,
    );
  }
  if (input.Engine !== cluster.engine.engine) {
    throw new AwsError(
      'InvalidParameterCombination',
      `The engine name requested for your DB instance (${input.Engine}) doesn't match the engine name of your DB cluster (${cluster.engine.engine}).`,
    );
  }
  if (input.DBInstanceClass === 'db.serverless' && cluster.capacity === undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      'Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB instance.',
    );
  }
}
