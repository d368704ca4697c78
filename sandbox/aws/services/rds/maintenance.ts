import type {
  ApplyPendingMaintenanceActionCommandInput,
  DescribeOrderableDBInstanceOptionsCommandInput,
  DescribePendingMaintenanceActionsCommandInput,
} from '@aws-sdk/client-rds';
import type { DatabaseWorld } from '../../../world/database/world.ts';
import { AwsError, type Operation, type ServiceOperations } from '../../operation.ts';
import { DURATIONS } from './durations.ts';
import { later } from './later.ts';

/** What every account's quotas look like, with room for the test instance. */
const QUOTAS = { DBInstances: 40, ManualSnapshots: 100, DBClusters: 40, ManualClusterSnapshots: 100 };

/** Classes that the sandbox's Region offers, for every engine. */
const ORDERABLE =
  /^db\.(serverless|(t3|t4g|m6g|m7g|m6i|m7i|r6g|r7g|r6i|r7i)\.(micro|small|medium|large|\d*xlarge))$/;

/** Pending maintenance, what can be ordered, and the account's quotas. */
export function maintenanceOperations(world: DatabaseWorld): ServiceOperations {
  let pending = ['system-update'];
  const describe: Operation<DescribePendingMaintenanceActionsCommandInput, unknown> = {
    resources: (input) => [input.ResourceIdentifier ?? world.arn('db', '*')],
    run: ({ ResourceIdentifier = world.sourceDatabase.arn }) => ({
      PendingMaintenanceActions:
        pending.length === 0 || ResourceIdentifier !== world.sourceDatabase.arn
          ? []
          : [
              {
                ResourceIdentifier,
                PendingMaintenanceActionDetails: pending.map((Action) => ({
                  Action,
                  Description: 'New Operating System update is available',
                })),
              },
            ],
    }),
  };
  const apply: Operation<ApplyPendingMaintenanceActionCommandInput, unknown> = {
    resources: (input) => [input.ResourceIdentifier ?? ''],
    run: (input) => {
      if (!pending.includes(input.ApplyAction ?? '')) {
        throw new AwsError(
          'ResourceNotFoundFault',
          `No pending maintenance action ${input.ApplyAction}.`,
          404,
        );
      }
      world.sourceDatabase.status = 'upgrading';
      later(
        world,
        DURATIONS.maintenance,
        () => {
          pending = pending.filter((action) => action !== input.ApplyAction);
          world.sourceDatabase.status = 'available';
        },
        () => undefined,
      );
      return { ResourcePendingMaintenanceActions: { ResourceIdentifier: input.ResourceIdentifier } };
    },
  };
  const quotas: Operation<object, unknown> = {
    resources: () => ['*'],
    run: () => ({
      AccountQuotas: [
        {
          AccountQuotaName: 'DBInstances',
          Used: world.isUsedUp('instances') ? QUOTAS.DBInstances : world.instances.size,
          Max: QUOTAS.DBInstances,
        },
        {
          AccountQuotaName: 'ManualSnapshots',
          Used: world.isUsedUp('snapshots') ? QUOTAS.ManualSnapshots : world.snapshots.size,
          Max: QUOTAS.ManualSnapshots,
        },
        { AccountQuotaName: 'DBClusters', Used: world.clusters.size, Max: QUOTAS.DBClusters },
        {
          AccountQuotaName: 'ManualClusterSnapshots',
          Used: world.clusterSnapshots.size,
          Max: QUOTAS.ManualClusterSnapshots,
        },
      ],
    }),
  };
  const orderable: Operation<DescribeOrderableDBInstanceOptionsCommandInput, unknown> = {
    resources: () => ['*'],
    run: ({ Engine, EngineVersion, DBInstanceClass = '' }) => ({
      OrderableDBInstanceOptions: ORDERABLE.test(DBInstanceClass)
        ? [{ Engine, EngineVersion, DBInstanceClass, Vpc: true }]
        : [],
    }),
  };
  return {
    DescribeOrderableDBInstanceOptions: orderable,
    DescribePendingMaintenanceActions: describe,
    ApplyPendingMaintenanceAction: apply,
    DescribeAccountAttributes: quotas,
  };
}
