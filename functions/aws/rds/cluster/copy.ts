import {
  CreateDBInstanceCommand,
  type DBCluster,
  type DBInstance,
  DeleteDBClusterCommand,
  RestoreDBClusterFromSnapshotCommand,
} from '@aws-sdk/client-rds';
import { defined } from '../../../contract/defined.ts';
import { isAwsError, unlessAwsError } from '../../../runtime/aws-errors.ts';
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

/** Finds the cluster and the writer by name: a cluster does not at once list a new instance. */
export async function findCopy(identifier: string): Promise<FoundCopy | undefined> {
  const [cluster, writer] = await Promise.all([
    findCluster(identifier),
    findInstance(writerName(identifier)),
  ]);
  return cluster === undefined && writer === undefined ? undefined : found(identifier, cluster, writer);
}

/** Asks first for the cluster, which holds the data. Once it is available, asks for the instance that serves them. */
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
      // Without these values RDS would take the Region's default version, parameter group and security group. The version is the
      // snapshot's, since updates may have raised it since the plan.
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
      // The minimum for a cluster. RDS deletes the backups with the cluster.
      BackupRetentionPeriod: 1,
      Tags: tags,
    }),
  );
  return answer.DBCluster === undefined ? NOT_LISTED : found(identifier, answer.DBCluster, undefined);
}

/**
 * The source's capacity range, for a Serverless v2 copy. Its lower end is above 0: a paused copy would have to wake up for the next
 * question.
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
 * Deletes the instance first, and the cluster only once the instance is not listed, so that no forgotten part remains. RDS refuses the
 * cluster's deletion while it has an instance that is not visible yet. The loop tries again.
 */
export async function requestCopyDeletion(copy: FoundCopy): Promise<void> {
  const [writer] = copy.parts.filter(({ identifier }) => identifier === writerName(copy.identifier));
  if (writer !== undefined) {
    if (writer.status !== 'deleting') await requestInstanceDeletion(writer.identifier);
    return;
  }
  if (copy.status === 'deleting') return;
  const deletion = new DeleteDBClusterCommand({
    DBClusterIdentifier: copy.identifier,
    SkipFinalSnapshot: true,
    DeleteAutomatedBackups: true,
  });
  await unlessAwsError([...STATE_REFUSALS, 'DBClusterNotFoundFault'], () => rds().send(deletion));
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

/** Instances that somebody else added to the copy. They lack the tags of the run, so no part of the copy is deleted. */
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
