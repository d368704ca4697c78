import type { DBInstance } from '@aws-sdk/client-rds';
import type { SystemConfig } from '../../../contract/config.ts';
import { defined } from '../../../contract/defined.ts';
import type { PlannedDatabase } from '../../../contract/plan-state.ts';
import { copyable } from '../../ownership.ts';
import { blueGreenDeploymentsOf } from '../blue-green.ts';
import type { LookedAt } from '../kind.ts';
import { pendingMaintenance, pendingModifications } from '../maintenance.ts';
import { changesAtTheNextStart } from '../next-start.ts';
import { findInstance } from './find.ts';
import { whyNotStoppable } from './stoppable.ts';

/** All facts about a DB instance for the plan. */
export async function lookAtInstance(
  identifier: string,
  config: SystemConfig,
): Promise<LookedAt | undefined> {
  const instance = await findInstance(identifier);
  if (instance === undefined) return undefined;
  const resource = `database ${identifier}`;
  return {
    status: instance.DBInstanceStatus ?? 'unknown',
    arn: instance.DBInstanceArn,
    planned: planned(instance, config),
    ...defined({ kmsKey: instance.KmsKeyId }),
    findings: whyNotStoppable(instance, config),
    warnings: [
      ...(await blueGreenDeployments(instance)).map(
        (name) =>
          `it is part of the blue/green deployment ${name}, whose replication stands still while it is stopped`,
      ),
      ...changesAtTheNextStart(instance),
    ],
    pendingUpdates: [
      ...pendingModifications(instance.PendingModifiedValues, resource),
      ...(await pendingMaintenance(instance.DBInstanceArn, resource)),
    ],
  };
}

/**
 * This page names no limit to a stop:
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-considerations.html
 */
async function blueGreenDeployments({ DBInstanceArn: arn }: DBInstance): Promise<string[]> {
  return arn === undefined ? [] : blueGreenDeploymentsOf(arn);
}

function planned(instance: DBInstance, { copyTags }: SystemConfig): PlannedDatabase | undefined {
  const {
    DBInstanceIdentifier,
    DBInstanceArn,
    DbiResourceId,
    Engine,
    EngineVersion,
    DBInstanceClass,
    Endpoint,
    StorageType,
    Iops,
  } = instance;
  if (DBInstanceIdentifier === undefined || DBInstanceArn === undefined || DbiResourceId === undefined)
    return undefined;
  // A stopped or creating instance has no endpoint. Its status is a reason of its own.
  if (Endpoint?.Address === undefined || Endpoint.Port === undefined) return undefined;
  const subnetGroup = instance.DBSubnetGroup?.DBSubnetGroupName;
  const parameterGroup = instance.DBParameterGroups?.[0]?.DBParameterGroupName;
  const optionGroup = instance.OptionGroupMemberships?.[0]?.OptionGroupName;
  return {
    identifier: DBInstanceIdentifier,
    arn: DBInstanceArn,
    resourceId: DbiResourceId,
    engine: Engine ?? 'unknown',
    engineVersion: EngineVersion ?? 'unknown',
    instanceClass: DBInstanceClass ?? 'unknown',
    address: Endpoint.Address,
    port: Endpoint.Port,
    allocatedStorageGib: instance.AllocatedStorage ?? 0,
    multiAz: instance.MultiAZ ?? false,
    ...defined({ storageType: StorageType, iops: Iops, subnetGroup, parameterGroup, optionGroup }),
    ...(copyTags ? { tags: copyable(instance.TagList) } : {}),
  };
}
