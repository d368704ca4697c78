import {
  ApplyPendingMaintenanceActionCommand,
  DescribeDBInstancesCommand,
  paginateDescribePendingMaintenanceActions,
} from '@aws-sdk/client-rds';
import { rds } from '../shared/aws/clients.ts';
import { isAwsError } from '../shared/aws/errors.ts';
import type { PlannedDatabase } from '../shared/contract/state.ts';

/** Maintenance actions that RDS holds ready for the instance: `system-update`, `db-upgrade` … */
export async function pendingActions(arn: string): Promise<string[]> {
  const actions: string[] = [];
  for await (const page of paginateDescribePendingMaintenanceActions(
    { client: rds() },
    { ResourceIdentifier: arn },
  )) {
    actions.push(
      ...(page.PendingMaintenanceActions ?? [])
        .flatMap((entry) => entry.PendingMaintenanceActionDetails ?? [])
        .flatMap((action) => action.Action ?? []),
    );
  }
  return actions;
}

/** Whether RDS works on nothing just now. */
export async function isAvailable(database: PlannedDatabase): Promise<boolean> {
  const answer = await rds().send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: database.identifier }),
  );
  return answer.DBInstances?.[0]?.DBInstanceStatus === 'available';
}

/** Opts in to an action at once. One that RDS is at work on already needs no second call. */
export async function applyNow(arn: string, action: string): Promise<void> {
  try {
    await rds().send(
      new ApplyPendingMaintenanceActionCommand({
        ResourceIdentifier: arn,
        ApplyAction: action,
        OptInType: 'immediate',
      }),
    );
  } catch (error) {
    if (!isAwsError(error, 'InvalidDBInstanceStateFault', 'InvalidDBInstanceState')) throw error;
  }
}
