import {
  CreateDBInstanceCommand,
  type DBCluster,
  type DBInstance,
  RestoreDBClusterFromSnapshotCommand,
} from '@aws-sdk/client-rds';
import { copyable } from '../../functions/aws/ownership.ts';
import { findCluster, membersOf } from '../../functions/aws/rds/cluster/find.ts';
import { writerOf } from '../../functions/aws/rds/cluster/stoppable.ts';
import { findInstance } from '../../functions/aws/rds/instance/find.ts';
import { CLUSTER_ON_THE_WAY, INSTANCE_ON_THE_WAY } from '../../functions/aws/rds/status.ts';
import type { SystemConfig } from '../../functions/contract/config.ts';
import { defined } from '../../functions/contract/defined.ts';
import { unlessAwsError } from '../../functions/runtime/aws-errors.ts';
import { rds } from '../../functions/runtime/clients.ts';
import { BadInputError } from '../../sandbox/bad-input.ts';
import {
  type Beside,
  RESTORED_FROM,
  type RestoredDatabase,
  type RestoringKind,
  WRITER_SUFFIX,
} from './beside.ts';

/** The cluster holds the data, and one instance, its writer, serves them. */
export const restoringCluster = ({ database: { identifier: source } }: SystemConfig): RestoringKind => ({
  async find(identifier) {
    const cluster = await findCluster(identifier);
    if (cluster === undefined) return undefined;
    const writer = await findInstance(writerOfRestored(identifier));
    const { DBClusterArn = '', TagList = [], Endpoint, Port, Status = 'unknown' } = cluster;
    return {
      arn: DBClusterArn,
      tags: TagList,
      ...defined({ address: Endpoint, port: Port }),
      ...progressOf(Status, writer?.DBInstanceStatus),
    };
  },
  async request(beside) {
    const cluster = await findCluster(source);
    if (cluster === undefined) throw sourceGone(source, beside);
    const writer = writerOf(cluster, await membersOf(source));
    if (writer === undefined) throw noWriter(source);
    const restored = await findCluster(beside.identifier);
    // Asked for by an earlier call whose answer was lost, or not listed yet.
    await unlessAwsError(ALREADY_THERE, async () => {
      if (restored === undefined)
        await rds().send(new RestoreDBClusterFromSnapshotCommand(likeSource(cluster, beside)));
      else if (restored.Status === 'available')
        await rds().send(new CreateDBInstanceCommand(likeWriter(cluster, writer, beside)));
    });
  },
  renaming: ({ identifier }) => [
    `aws rds modify-db-cluster --db-cluster-identifier ${source} --new-db-cluster-identifier ${source}-old --apply-immediately`,
    `aws rds modify-db-cluster --db-cluster-identifier ${identifier} --new-db-cluster-identifier ${source} --apply-immediately`,
  ],
});

const ALREADY_THERE = [
  'DBClusterAlreadyExistsFault',
  'DBInstanceAlreadyExistsFault',
  'DBInstanceAlreadyExists',
];

const writerOfRestored = (identifier: string): string => `${identifier}${WRITER_SUFFIX}`;

function progressOf(
  cluster: string,
  writer: string | undefined,
): Pick<RestoredDatabase, 'status' | 'progress'> {
  if (cluster !== 'available')
    return { status: cluster, progress: CLUSTER_ON_THE_WAY.has(cluster) ? 'on the way' : 'ended' };
  if (writer === undefined) return { status: cluster, progress: 'further' };
  if (writer === 'available') return { status: writer, progress: 'ready' };
  return { status: writer, progress: INSTANCE_ON_THE_WAY.has(writer) ? 'on the way' : 'ended' };
}

/** Everything that RDS would take from its defaults, as the source has it; the key is the snapshot's own. */
function likeSource(source: DBCluster, { identifier, snapshot }: Beside) {
  const { MinCapacity, MaxCapacity } = source.ServerlessV2ScalingConfiguration ?? {};
  return {
    DBClusterIdentifier: identifier,
    SnapshotIdentifier: snapshot.identifier,
    Engine: source.Engine,
    VpcSecurityGroupIds: (source.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId: id }) => id ?? []),
    Tags: tagsOf(source.TagList, snapshot.identifier),
    ...defined({
      EngineVersion: snapshot.engineVersion ?? source.EngineVersion,
      Port: source.Port,
      DBSubnetGroupName: source.DBSubnetGroup,
      DBClusterParameterGroupName: source.DBClusterParameterGroup,
      StorageType: source.StorageType,
      DeletionProtection: source.DeletionProtection,
      EnableIAMDatabaseAuthentication: source.IAMDatabaseAuthenticationEnabled,
      CopyTagsToSnapshot: source.CopyTagsToSnapshot,
      BackupRetentionPeriod: source.BackupRetentionPeriod,
      EnableCloudwatchLogsExports: source.EnabledCloudwatchLogsExports,
      NetworkType: source.NetworkType,
    }),
    ...(MinCapacity === undefined || MaxCapacity === undefined
      ? {}
      : { ServerlessV2ScalingConfiguration: { MinCapacity, MaxCapacity } }),
  };
}

function likeWriter(source: DBCluster, writer: DBInstance, { identifier, snapshot }: Beside) {
  return {
    DBInstanceIdentifier: writerOfRestored(identifier),
    DBClusterIdentifier: identifier,
    Engine: source.Engine,
    DBInstanceClass: writer.DBInstanceClass,
    Tags: tagsOf(writer.TagList, snapshot.identifier),
    ...defined({
      DBParameterGroupName: writer.DBParameterGroups?.[0]?.DBParameterGroupName,
      PubliclyAccessible: writer.PubliclyAccessible,
      AutoMinorVersionUpgrade: writer.AutoMinorVersionUpgrade,
    }),
  };
}

const tagsOf = (tags: DBCluster['TagList'], snapshot: string) => [
  ...copyable(tags),
  { Key: RESTORED_FROM, Value: snapshot },
];

function noWriter(source: string): BadInputError {
  return new BadInputError(
    `database ${source}: RDS names none of its instances as the writer, so the class of the restored one is not known; expected a cluster with a writer, running or stopped`,
  );
}

function sourceGone(source: string, { identifier, snapshot }: Beside): BadInputError {
  return new BadInputError(
    `database ${source}: RDS knows no such DB cluster, so its subnet group and security groups are not known; expected it to be there, running or stopped. Where it was deleted, type with your own values: ` +
      `aws rds restore-db-cluster-from-snapshot --db-cluster-identifier ${identifier} --snapshot-identifier ${snapshot.identifier} --engine ENGINE --db-subnet-group-name GROUP --vpc-security-group-ids GROUP, ` +
      `then aws rds create-db-instance --db-instance-identifier ${writerOfRestored(identifier)} --db-cluster-identifier ${identifier} --engine ENGINE --db-instance-class CLASS`,
  );
}
