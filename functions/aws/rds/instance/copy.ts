import { type DBInstance, RestoreDBInstanceFromDBSnapshotCommand } from '@aws-sdk/client-rds';
import { defined } from '../../../contract/defined.ts';
import type { PlannedDatabase } from '../../../contract/plan-state.ts';
import { isAwsError } from '../../../runtime/aws-errors.ts';
import { rds } from '../../../runtime/clients.ts';
import type { CopyRequest, FoundCopy, Refusal } from '../kind.ts';
import { NOT_LISTED } from '../kind.ts';
import { copyRefusal } from '../refusals.ts';
import { findInstance } from './find.ts';
import { instancePart, progressOfInstance, requestInstanceDeletion } from './part.ts';

export async function findCopy(identifier: string): Promise<FoundCopy | undefined> {
  const instance = await findInstance(identifier);
  return instance === undefined ? undefined : found(instance);
}

export async function requestCopy(request: CopyRequest): Promise<FoundCopy | Refusal | typeof NOT_LISTED> {
  const { identifier, snapshot, source, securityGroup, iamAuthentication, tags } = request;
  const instanceClass = request.instanceClass ?? source.instanceClass;
  const subnetGroup = request.subnetGroup ?? source.subnetGroup;
  try {
    const answer = await rds().send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        DBInstanceIdentifier: identifier,
        DBSnapshotIdentifier: snapshot,
        DBInstanceClass: instanceClass,
        Port: source.port,
        // Without these values RDS would choose the default VPC and the default groups.
        ...defined({
          DBSubnetGroupName: subnetGroup,
          DBParameterGroupName: source.parameterGroup,
          OptionGroupName: source.optionGroup,
        }),
        ...storageOf(source),
        VpcSecurityGroupIds: [securityGroup],
        PubliclyAccessible: false,
        MultiAZ: false,
        DeletionProtection: false,
        ...(iamAuthentication ? { EnableIAMDatabaseAuthentication: true } : {}),
        AutoMinorVersionUpgrade: false,
        CopyTagsToSnapshot: false,
        // No automated backup for a copy that lives for an hour. A backup would delay both `available` and the deletion.
        BackupRetentionPeriod: 0,
        Tags: tags,
      }),
    );
    return answer.DBInstance === undefined ? NOT_LISTED : found(answer.DBInstance);
  } catch (error) {
    if (isAwsError(error, 'DBInstanceAlreadyExistsFault', 'DBInstanceAlreadyExists')) return NOT_LISTED;
    return copyRefusal(error, instanceClass);
  }
}

/**
 * The source's storage type. A restore to another type would convert the data while they are read. For gp3 nothing is named: a restore
 * takes the backup's type and throughput by itself. With the type named, RDS wants a value for Iops, but refuses one below 400 GiB.
 */
function storageOf({ storageType, iops }: PlannedDatabase): { StorageType?: string; Iops?: number } {
  if (storageType === undefined || storageType === 'gp3') return {};
  return {
    StorageType: storageType,
    ...(storageType.startsWith('io') && iops !== undefined ? { Iops: iops } : {}),
  };
}

export async function requestCopyDeletion(copy: FoundCopy): Promise<void> {
  const instance = copy.parts.find((part) => part.status !== 'deleting');
  if (instance !== undefined) await requestInstanceDeletion(instance.identifier);
}

function found(instance: DBInstance): FoundCopy {
  const part = instancePart(instance);
  const address = instance.Endpoint?.Address;
  const port = instance.Endpoint?.Port;
  return {
    identifier: part.identifier,
    arn: instance.DBInstanceArn ?? '',
    status: part.status,
    progress: progressOfInstance(part.status, address !== undefined && port !== undefined),
    publiclyAccessible: instance.PubliclyAccessible === true,
    securityGroups: (instance.VpcSecurityGroups ?? []).map((group) => group.VpcSecurityGroupId ?? ''),
    parts: [part],
    ...defined({ resourceId: instance.DbiResourceId, address, port }),
  };
}
