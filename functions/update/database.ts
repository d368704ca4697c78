import { ApplyPendingMaintenanceActionCommand } from '@aws-sdk/client-rds';
import { rds } from '../shared/aws/clients.ts';
import { isAwsError } from '../shared/aws/errors.ts';

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
