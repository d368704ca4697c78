import { ApplyPendingMaintenanceActionCommand } from '@aws-sdk/client-rds';
import { isAwsError } from '../../runtime/aws-errors.ts';
import { rds } from '../../runtime/clients.ts';

/** Opts in to an action at once. An action that RDS already works on needs no second call. */
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
