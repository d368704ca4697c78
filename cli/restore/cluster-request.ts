import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';
import { copyable } from '../../functions/aws/ownership.ts';
import { writerName } from '../../functions/aws/rds/cluster/writer-name.ts';
import { defined } from '../../functions/contract/defined.ts';
import { type Beside, RESTORED_FROM } from './beside.ts';
import { isOfSameFamily, tellOtherFamily } from './family.ts';

/**
 * Everything that RDS would take from its defaults, as the source has it; the key is the snapshot's own, and so is the version, which has to be
 * named (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBClusterFromSnapshot.html).
 */
export function likeCluster(source: DBCluster, { identifier, snapshot, given }: Beside) {
  const { MinCapacity, MaxCapacity } = source.ServerlessV2ScalingConfiguration ?? {};
  const [domain] = source.DomainMemberships ?? [];
  const fits = isOfSameFamily(source.Engine, source.EngineVersion, snapshot.engineVersion);
  if (!fits) tellOtherFamily(source.DBClusterIdentifier ?? '', source.EngineVersion, snapshot.engineVersion);
  return {
    DBClusterIdentifier: identifier,
    SnapshotIdentifier: snapshot.identifier,
    Engine: source.Engine,
    VpcSecurityGroupIds:
      given.securityGroups.length > 0
        ? given.securityGroups
        : (source.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId: id }) => id ?? []),
    Tags: tagsOf(source.TagList, snapshot.identifier),
    ...defined({
      EngineVersion: snapshot.engineVersion ?? source.EngineVersion,
      Port: source.Port === 0 ? undefined : source.Port,
      DBSubnetGroupName: given.subnetGroup ?? source.DBSubnetGroup,
      DBClusterParameterGroupName: fits ? source.DBClusterParameterGroup : undefined,
      // Of Aurora's standard storage RDS says nothing, or an empty text.
      StorageType: source.StorageType === '' ? undefined : source.StorageType,
      DeletionProtection: source.DeletionProtection,
      EnableIAMDatabaseAuthentication: source.IAMDatabaseAuthenticationEnabled,
      CopyTagsToSnapshot: source.CopyTagsToSnapshot,
      BackupRetentionPeriod: source.BackupRetentionPeriod,
      EnableCloudwatchLogsExports: source.EnabledCloudwatchLogsExports,
      NetworkType: source.NetworkType,
      Domain: domain?.Domain,
      DomainIAMRoleName: domain?.IAMRoleName,
    }),
    ...(MinCapacity === undefined || MaxCapacity === undefined
      ? {}
      : { ServerlessV2ScalingConfiguration: { MinCapacity, MaxCapacity } }),
  };
}

export function likeWriter(source: DBCluster, writer: DBInstance, { identifier, snapshot }: Beside) {
  const fits = isOfSameFamily(source.Engine, source.EngineVersion, snapshot.engineVersion);
  return {
    DBInstanceIdentifier: writerName(identifier),
    DBClusterIdentifier: identifier,
    Engine: source.Engine,
    DBInstanceClass: writer.DBInstanceClass,
    Tags: tagsOf(writer.TagList, snapshot.identifier),
    // RDS chooses by the subnets unless it is told.
    PubliclyAccessible: writer.PubliclyAccessible ?? false,
    ...defined({
      DBParameterGroupName: fits ? writer.DBParameterGroups?.[0]?.DBParameterGroupName : undefined,
      AutoMinorVersionUpgrade: writer.AutoMinorVersionUpgrade,
    }),
  };
}

const tagsOf = (tags: DBCluster['TagList'], snapshot: string) => [
  ...copyable(tags),
  { Key: RESTORED_FROM, Value: snapshot },
];
