import { type DBInstance, RestoreDBInstanceFromDBSnapshotCommand } from '@aws-sdk/client-rds';
import { copyable } from '../../functions/aws/ownership.ts';
import { findInstance } from '../../functions/aws/rds/instance/find.ts';
import { instancePart, progressOfInstance } from '../../functions/aws/rds/instance/part.ts';
import type { SystemConfig } from '../../functions/contract/config.ts';
import { defined } from '../../functions/contract/defined.ts';
import { unlessAwsError } from '../../functions/runtime/aws-errors.ts';
import { rds } from '../../functions/runtime/clients.ts';
import { BadInputError } from '../../sandbox/bad-input.ts';
import { type Beside, RESTORED_FROM, type RestoringKind } from './beside.ts';

const ALREADY_THERE = ['DBInstanceAlreadyExistsFault', 'DBInstanceAlreadyExists'];

export const restoringInstance = ({ database: { identifier: source } }: SystemConfig): RestoringKind => ({
  async find(identifier) {
    const instance = await findInstance(identifier);
    if (instance === undefined) return undefined;
    const { Endpoint, DBInstanceArn = '', TagList = [] } = instance;
    const { status } = instancePart(instance);
    return {
      arn: DBInstanceArn,
      status,
      tags: TagList,
      ...defined({ address: Endpoint?.Address, port: Endpoint?.Port }),
      progress: progressOfInstance(status, Endpoint?.Address !== undefined),
    };
  },
  async request(beside) {
    const found = await findInstance(source);
    if (found === undefined) throw sourceGone(source, beside);
    // Asked for by an earlier call whose answer was lost, or not listed yet.
    await unlessAwsError(ALREADY_THERE, () =>
      rds().send(new RestoreDBInstanceFromDBSnapshotCommand(likeSource(found, beside))),
    );
  },
  renaming: ({ identifier }) => [
    `aws rds modify-db-instance --db-instance-identifier ${source} --new-db-instance-identifier ${source}-old --apply-immediately`,
    `aws rds modify-db-instance --db-instance-identifier ${identifier} --new-db-instance-identifier ${source} --apply-immediately`,
  ],
});

/**
 * Everything that RDS would take from its defaults, as the source has it. The key is the snapshot's own: an encrypted snapshot is restored under
 * its key (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RestoreFromSnapshot.html).
 */
function likeSource(source: DBInstance, { identifier, snapshot }: Beside) {
  const [domain] = source.DomainMemberships ?? [];
  return {
    DBInstanceIdentifier: identifier,
    DBSnapshotIdentifier: snapshot.identifier,
    VpcSecurityGroupIds: (source.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId: id }) => id ?? []),
    Tags: [...copyable(source.TagList), { Key: RESTORED_FROM, Value: snapshot.identifier }],
    ...defined({
      DBInstanceClass: source.DBInstanceClass,
      Port: source.Endpoint?.Port ?? source.DbInstancePort,
      DBSubnetGroupName: source.DBSubnetGroup?.DBSubnetGroupName,
      DBParameterGroupName: source.DBParameterGroups?.[0]?.DBParameterGroupName,
      OptionGroupName: source.OptionGroupMemberships?.[0]?.OptionGroupName,
      MultiAZ: source.MultiAZ,
      PubliclyAccessible: source.PubliclyAccessible,
      DeletionProtection: source.DeletionProtection,
      EnableIAMDatabaseAuthentication: source.IAMDatabaseAuthenticationEnabled,
      AutoMinorVersionUpgrade: source.AutoMinorVersionUpgrade,
      CopyTagsToSnapshot: source.CopyTagsToSnapshot,
      BackupRetentionPeriod: source.BackupRetentionPeriod,
      EnableCloudwatchLogsExports: source.EnabledCloudwatchLogsExports,
      NetworkType: source.NetworkType,
      Domain: domain?.Domain,
      DomainIAMRoleName: domain?.IAMRoleName,
    }),
    ...storageOf(source),
  };
}

/**
 * The source's kind of storage. gp3 is not named: a restore takes it over with its throughput, and RDS wants a value for Iops where the type is
 * named but refuses one below 400 GiB (`functions/aws/rds/instance/copy.ts`).
 */
function storageOf({ StorageType, Iops }: DBInstance): { StorageType?: string; Iops?: number } {
  if (StorageType === undefined || StorageType === 'gp3') return {};
  return { StorageType, ...(StorageType.startsWith('io') && Iops !== undefined ? { Iops } : {}) };
}

function sourceGone(source: string, { identifier, snapshot }: Beside): BadInputError {
  return new BadInputError(
    `database ${source}: RDS knows no such DB instance, so its class, subnet group and security groups are not known; expected it to be there, running or stopped. Where it was deleted, type with your own values: ` +
      `aws rds restore-db-instance-from-db-snapshot --db-instance-identifier ${identifier} --db-snapshot-identifier ${snapshot.identifier} --db-instance-class CLASS --db-subnet-group-name GROUP --vpc-security-group-ids GROUP --db-parameter-group-name GROUP --no-publicly-accessible`,
  );
}
