import { type DBInstance, RestoreDBInstanceFromDBSnapshotCommand } from '@aws-sdk/client-rds';
import { copyable } from '../../functions/aws/ownership.ts';
import { findInstance } from '../../functions/aws/rds/instance/find.ts';
import { instancePart, progressOfInstance } from '../../functions/aws/rds/instance/part.ts';
import type { SystemConfig } from '../../functions/contract/config.ts';
import { defined } from '../../functions/contract/defined.ts';
import { unlessAwsError } from '../../functions/runtime/aws-errors.ts';
import { rds } from '../../functions/runtime/clients.ts';
import { type Beside, RESTORED_FROM, type RestoringKind } from './beside.ts';
import { isOfSameFamily, tellOtherFamily } from './family.ts';
import { placeholders } from './given.ts';
import { asFarAsKnown, requireGiven } from './gone.ts';

const ALREADY_THERE = ['DBInstanceAlreadyExistsFault', 'DBInstanceAlreadyExists'];

export function restoringInstance(config: SystemConfig): RestoringKind {
  const { identifier: source } = config.database;
  return {
    async find(identifier) {
      const instance = await findInstance(identifier);
      if (instance === undefined) return undefined;
      const { Endpoint, DBInstanceArn: arn = '' } = instance;
      const { status, tags } = instancePart(instance);
      return {
        arn,
        status,
        parts: [{ arn, status, tags }],
        ...defined({ address: Endpoint?.Address, port: Endpoint?.Port }),
        progress: progressOfInstance(status, Endpoint?.Address !== undefined && Endpoint.Port !== undefined),
      };
    },
    async request(beside) {
      const found = await findInstance(source);
      if (found === undefined) requireGiven(source, 'DB instance', beside.given, byHand(beside));
      // Asked for by an earlier call whose answer was lost, or not listed yet.
      await unlessAwsError(ALREADY_THERE, () =>
        rds().send(
          new RestoreDBInstanceFromDBSnapshotCommand(likeSource(found ?? asFarAsKnown(config), beside)),
        ),
      );
    },
    renaming: ({ identifier }) => [
      `aws rds modify-db-instance --db-instance-identifier ${source} --new-db-instance-identifier ${source}-old --apply-immediately`,
      `aws rds modify-db-instance --db-instance-identifier ${identifier} --new-db-instance-identifier ${source} --apply-immediately`,
    ],
  };
}

/**
 * Everything that RDS would take from its defaults, as the source has it. The key and the engine's version are the snapshot's own: the request
 * names neither. Tags are always named: without any, RDS would take those that the snapshot's source had
 * (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html, CopyTagsToSnapshot).
 */
function likeSource(source: DBInstance, { identifier, snapshot, given }: Beside) {
  // A stopped instance may have no endpoint, and RDS names port 0 then. It takes the original's port unless it is told another.
  const port = source.Endpoint?.Port ?? source.DbInstancePort;
  return {
    DBInstanceIdentifier: identifier,
    DBSnapshotIdentifier: snapshot.identifier,
    VpcSecurityGroupIds:
      given.securityGroups.length > 0
        ? given.securityGroups
        : (source.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId: id }) => id ?? []),
    Tags: [...copyable(source.TagList), { Key: RESTORED_FROM, Value: snapshot.identifier }],
    ...defined({
      DBInstanceClass: given.instanceClass ?? source.DBInstanceClass,
      Port: port === 0 ? undefined : port,
      DBSubnetGroupName: given.subnetGroup ?? source.DBSubnetGroup?.DBSubnetGroupName,
      MultiAZ: source.MultiAZ,
      PubliclyAccessible: source.PubliclyAccessible,
      DeletionProtection: source.DeletionProtection,
      EnableIAMDatabaseAuthentication: source.IAMDatabaseAuthenticationEnabled,
      AutoMinorVersionUpgrade: source.AutoMinorVersionUpgrade,
      CopyTagsToSnapshot: source.CopyTagsToSnapshot,
      BackupRetentionPeriod: source.BackupRetentionPeriod,
      EnableCloudwatchLogsExports: source.EnabledCloudwatchLogsExports,
      NetworkType: source.NetworkType,
    }),
    ...groupsOf(source, snapshot.engineVersion),
    ...domainOf(source),
    ...storageOf(source),
  };
}

/** The source's groups of parameters and options, unless an upgrade since the snapshot gave it those of another version. */
function groupsOf(source: DBInstance, version: string | undefined) {
  const { DBInstanceIdentifier = '', Engine, EngineVersion } = source;
  if (!isOfSameFamily(Engine, EngineVersion, version)) {
    tellOtherFamily(DBInstanceIdentifier, EngineVersion, version);
    return {};
  }
  return defined({
    DBParameterGroupName: source.DBParameterGroups?.[0]?.DBParameterGroupName,
    OptionGroupName: source.OptionGroupMemberships?.[0]?.OptionGroupName,
  });
}

/** A directory of AWS is named by its id and a role, one of the company's own by its name and a secret (same page). */
function domainOf({ DomainMemberships }: DBInstance) {
  const [domain] = DomainMemberships ?? [];
  if (domain?.AuthSecretArn === undefined)
    return defined({ Domain: domain?.Domain, DomainIAMRoleName: domain?.IAMRoleName });
  return defined({
    DomainFqdn: domain.FQDN,
    DomainOu: domain.OU,
    DomainAuthSecretArn: domain.AuthSecretArn,
    DomainDnsIps: domain.DnsIps,
  });
}

/**
 * The source's kind of storage. gp3 is not named: a restore takes it over with its throughput, and RDS wants a value for Iops where the type is
 * named but refuses one below 400 GiB (`functions/aws/rds/instance/copy.ts`).
 */
function storageOf({ StorageType, Iops }: DBInstance): { StorageType?: string; Iops?: number } {
  if (StorageType === undefined || StorageType === 'gp3') return {};
  return { StorageType, ...(StorageType.startsWith('io') && Iops !== undefined ? { Iops } : {}) };
}

function byHand({ identifier, snapshot, given }: Beside): string {
  const { instanceClass, subnetGroup, securityGroups } = placeholders(given);
  return `aws rds restore-db-instance-from-db-snapshot --db-instance-identifier ${identifier} --db-snapshot-identifier ${snapshot.identifier} --db-instance-class ${instanceClass} --db-subnet-group-name ${subnetGroup} --vpc-security-group-ids ${securityGroups} --db-parameter-group-name GROUP --no-publicly-accessible`;
}
