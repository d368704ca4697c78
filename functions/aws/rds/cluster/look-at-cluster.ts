import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';
import type { SystemConfig } from '../../../contract/config.ts';
import { defined } from '../../../contract/defined.ts';
import type { PlannedDatabase } from '../../../contract/plan-state.ts';
import { copyable } from '../../ownership.ts';
import { blueGreenDeploymentsOf } from '../blue-green.ts';
import type { LookedAt } from '../kind.ts';
import { pendingMaintenance, pendingModifications } from '../maintenance.ts';
import { changesAtTheNextStart, clusterChangesAtTheNextStart } from '../next-start.ts';
import { findCluster, membersOf } from './find.ts';
import { globalDatabaseOf } from './global.ts';
import { whyNotStoppable, writerOf } from './stoppable.ts';

/** All facts about a DB cluster and its members for the plan. */
export async function lookAtCluster(identifier: string, config: SystemConfig): Promise<LookedAt | undefined> {
  const cluster = await findCluster(identifier);
  if (cluster === undefined) return undefined;
  const { DBClusterArn: arn } = cluster;
  const [members, globalDatabase, blueGreenDeployments] = await Promise.all([
    membersOf(identifier),
    globalDatabaseOf(cluster),
    arn === undefined ? [] : blueGreenDeploymentsOf(arn),
  ]);
  const resource = `database ${identifier}`;
  const ofMembers = await Promise.all(
    members.map((member) =>
      pendingMaintenance(member.DBInstanceArn, `${resource}, member ${member.DBInstanceIdentifier}`),
    ),
  );
  return {
    status: cluster.Status ?? 'unknown',
    arn,
    planned: planned(cluster, members, config),
    ...defined({ kmsKey: cluster.KmsKeyId }),
    findings: whyNotStoppable(cluster, { members, globalDatabase, blueGreenDeployments }, config),
    warnings: [
      ...(config.updates === 'install' && ofMembers.some((updates) => updates.length > 0)
        ? [
            'the pending maintenance of its members is not installed by the run, only that of the cluster: install it by hand, or leave it to the maintenance window',
          ]
        : []),
      ...clusterChangesAtTheNextStart(cluster),
      ...members.flatMap((member) =>
        changesAtTheNextStart(member).map((warning) => `member ${member.DBInstanceIdentifier}: ${warning}`),
      ),
    ],
    pendingUpdates: [
      ...pendingModifications(cluster.PendingModifiedValues, resource),
      ...members.flatMap((member) =>
        pendingModifications(
          member.PendingModifiedValues,
          `${resource}, member ${member.DBInstanceIdentifier}`,
        ),
      ),
      ...(await pendingMaintenance(arn, resource)),
      ...ofMembers.flat(),
    ],
  };
}

function planned(
  cluster: DBCluster,
  members: DBInstance[],
  { copyTags }: SystemConfig,
): PlannedDatabase | undefined {
  const { DBClusterIdentifier, DBClusterArn, DbClusterResourceId, Endpoint, Port, StorageType } = cluster;
  if (DBClusterIdentifier === undefined || DBClusterArn === undefined || DbClusterResourceId === undefined)
    return undefined;
  if (Endpoint === undefined || Port === undefined) return undefined;
  const writer = writerOf(cluster, members);
  const parameterGroup = writer?.DBParameterGroups?.[0]?.DBParameterGroupName;
  const { DBSubnetGroup: subnetGroup, DBClusterParameterGroup: clusterParameterGroup } = cluster;
  const capacity = cluster.ServerlessV2ScalingConfiguration;
  return {
    identifier: DBClusterIdentifier,
    arn: DBClusterArn,
    resourceId: DbClusterResourceId,
    engine: cluster.Engine ?? 'unknown',
    engineVersion: cluster.EngineVersion ?? 'unknown',
    instanceClass: writer?.DBInstanceClass ?? 'unknown',
    address: Endpoint,
    port: Port,
    allocatedStorageGib: cluster.AllocatedStorage ?? 0,
    multiAz: cluster.MultiAZ ?? false,
    ...(StorageType === undefined || StorageType === '' ? {} : { storageType: StorageType }),
    ...defined({ subnetGroup, parameterGroup, clusterParameterGroup }),
    ...(capacity?.MinCapacity === undefined || capacity.MaxCapacity === undefined
      ? {}
      : { capacity: { minimum: capacity.MinCapacity, maximum: capacity.MaxCapacity } }),
    ...(copyTags ? { tags: copyable(cluster.TagList) } : {}),
  };
}
