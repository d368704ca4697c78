import {
  CreateDBInstanceCommand,
  type DBCluster,
  type DBInstance,
  DeleteDBClusterCommand,
  RestoreDBClusterFromSnapshotCommand,
} from '@aws-sdk/client-rds';
import { defined } from '../../../contract/defined.ts';
import { isAwsError } from '../../../runtime/aws-errors.ts';
import { rds } from '../../../runtime/clients.ts';
import { findInstance } from '../instance/find.ts';
import { instancePart, progressOfInstance, requestInstanceDeletion } from '../instance/part.ts';
import type { CopyPart, CopyRequest, FoundCopy, Refusal } from '../kind.ts';
import { NOT_LISTED } from '../kind.ts';
import { STATE_REFUSALS } from '../power.ts';
import { copyRefusal } from '../refusals.ts';
import { CLUSTER_ON_THE_WAY } from '../status.ts';
import { findCluster } from './find.ts';
import { SERVERLESS_CLASS } from './stoppable.ts';
import { writerName } from './writer-name.ts';

/** Both by name, since a cluster does not list an instance at once that was just asked for. */
export async function findCopy(identifier: string): Promise<FoundCopy | undefined> {
  const [cluster, writer] = await Promise.all([
    findCluster(identifier),
    findInstance(writerName(identifier)),
  ]);
  return cluster === undefined && writer === undefined ? undefined : found(identifier, cluster, writer);
}

/** First the cluster, which holds the data; then, once that is available, the instance that serves them. */
export async function requestCopy(
  request: CopyRequest,
  copy: FoundCopy | undefined,
): Promise<FoundCopy | Refusal | typeof NOT_LISTED> {
  const instanceClass = request.instanceClass ?? request.source.instanceClass;
  try {
    return copy === undefined
      ? await restoreCluster(request, instanceClass)
      : await createWriter(request, instanceClass, copy);
  } catch (error) {
    if (isAwsError(error, 'DBClusterAlreadyExistsFault', 'DBInstanceAlreadyExistsFault')) return NOT_LISTED;
    return copyRefusal(error, instanceClass);
  }
}

async function restoreCluster(
  { identifier, snapshot, source, securityGroup, tags, ...request }: CopyRequest,
  instanceClass: string,
): Promise<FoundCopy | typeof NOT_LISTED> {
  const subnetGroup = request.subnetGroup ?? source.subnetGroup;
  const { clusterParameterGroup, storageType } = source;
  const answer = await rds().send(
    new RestoreDBClusterFromSnapshotCommand({
      DBClusterIdentifier: identifier,
      SnapshotIdentifier: snapshot,
      Engine: source.engine,
      // Left out, RDS would take the Region's default version, parameter group and security group. The version is the snapshot's: updates
      // that were installed since the plan may have raised it.
      EngineVersion: request.engineVersion ?? source.engineVersion,
      Port: source.port,
      ...defined({
        DBSubnetGroupName: subnetGroup,
        DBClusterParameterGroupName: clusterParameterGroup,
        StorageType: storageType,
      }),
      ...capacityOf(source.capacity, instanceClass),
      VpcSecurityGroupIds: [securityGroup],
      DeletionProtection: false,
      ...(request.iamAuthentication ? { EnableIAMDatabaseAuthentication: true } : {}),
      CopyTagsToSnapshot: false,
      // The least that RDS allows for a cluster; the backups go with it when it is deleted.
      BackupRetentionPeriod: 1,
      Tags: tags,
    }),
  );
  return answer.DBCluster === undefined ? NOT_LISTED : found(identifier, answer.DBCluster, undefined);
}

/**
 * The source's capacity range, where the copy is Serverless v2. Its lower end is above 0, since a copy that pauses between two
 * questions would have to be woken for the second.
 */
function capacityOf(
  capacity: CopyRequest['source']['capacity'],
  instanceClass: string,
): { ServerlessV2ScalingConfiguration?: { MinCapacity: number; MaxCapacity: number } } {
  if (instanceClass !== SERVERLESS_CLASS || capacity === undefined) return {};
  const MinCapacity = Math.max(capacity.minimum, SMALLEST_CAPACITY);
  return {
    ServerlessV2ScalingConfiguration: { MinCapacity, MaxCapacity: Math.max(capacity.maximum, MinCapacity) },
  };
}

/** In Aurora capacity units: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html */
const SMALLEST_CAPACITY = 0.5;

async function createWriter(
  { identifier, source, tags }: CopyRequest,
  instanceClass: string,
  copy: FoundCopy,
): Promise<FoundCopy> {
  await rds().send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: writerName(identifier),
      DBClusterIdentifier: identifier,
      DBInstanceClass: instanceClass,
      Engine: source.engine,
      ...defined({ DBParameterGroupName: source.parameterGroup }),
      PubliclyAccessible: false,
      AutoMinorVersionUpgrade: false,
      Tags: tags,
    }),
  );
  return { ...copy, status: 'creating', progress: 'on the way' };
}

/**
 * The instance first; the cluster only when the instance is seen gone, so that nothing is left that nobody looks for. RDS refuses the
 * cluster's deletion while it has an instance that we do not see yet: the loop tries again.
 */
export async function requestCopyDeletion(copy: FoundCopy): Promise<void> {
  const [writer] = copy.parts.filter(({ identifier }) => identifier === writerName(copy.identifier));
  if (writer !== undefined) {
    if (writer.status !== 'deleting') await requestInstanceDeletion(writer.identifier);
    return;
  }
  if (copy.status === 'deleting') return;
  try {
    await rds().send(
      new DeleteDBClusterCommand({
        DBClusterIdentifier: copy.identifier,
        SkipFinalSnapshot: true,
        DeleteAutomatedBackups: true,
      }),
    );
  } catch (error) {
    if (!isAwsError(error, ...STATE_REFUSALS, 'DBClusterNotFoundFault')) throw error;
  }
}

function found(
  identifier: string,
  cluster: DBCluster | undefined,
  writer: DBInstance | undefined,
): FoundCopy {
  const part = writer === undefined ? undefined : instancePart(writer);
  const status = cluster?.Status ?? 'creating';
  const {
    DBClusterArn: arn = '',
    DbClusterResourceId: resourceId,
    Endpoint: address,
    Port: port,
  } = cluster ?? {};
  const groups = [...(cluster?.VpcSecurityGroups ?? []), ...(writer?.VpcSecurityGroups ?? [])];
  return {
    identifier: cluster?.DBClusterIdentifier ?? identifier,
    arn,
    ...defined({ resourceId, address, port }),
    ...progressOf(identifier, cluster, part),
    publiclyAccessible: cluster?.PubliclyAccessible === true || writer?.PubliclyAccessible === true,
    securityGroups: [...new Set(groups.map((group) => group.VpcSecurityGroupId ?? ''))],
    parts: [
      ...(cluster === undefined
        ? []
        : [{ name: `cluster ${identifier}`, identifier, status, tags: cluster.TagList ?? [] }]),
      ...(part === undefined ? [] : [part]),
      ...othersIn(identifier, cluster),
    ],
  };
}

function progressOf(
  identifier: string,
  cluster: DBCluster | undefined,
  writer: CopyPart | undefined,
): Pick<FoundCopy, 'status' | 'progress'> {
  if (cluster === undefined) return { status: writer?.status ?? 'creating', progress: 'on the way' };
  const status = cluster.Status ?? 'creating';
  if (status !== 'available') {
    return { status, progress: CLUSTER_ON_THE_WAY.has(status) ? 'on the way' : 'ended' };
  }
  if (writer !== undefined) {
    const hasEndpoint = cluster.Endpoint !== undefined && cluster.Port !== undefined;
    return { status: writer.status, progress: progressOfInstance(writer.status, hasEndpoint) };
  }
  const listed = memberNames(cluster).includes(writerName(identifier));
  return listed ? { status: 'creating', progress: 'on the way' } : { status, progress: 'incomplete' };
}

function memberNames(cluster: DBCluster | undefined): string[] {
  return (cluster?.DBClusterMembers ?? []).map((member) => member.DBInstanceIdentifier ?? '');
}

/** Instances that somebody else put into the copy: they carry no tags of the run, so nothing of the copy is deleted. */
function othersIn(identifier: string, cluster: DBCluster | undefined): CopyPart[] {
  return memberNames(cluster)
    .filter((name) => name !== writerName(identifier))
    .map((name) => ({
      name: `instance ${name} of cluster ${identifier}`,
      identifier: name,
      status: 'unknown',
      tags: [],
      foreign: true,
    }));
}
