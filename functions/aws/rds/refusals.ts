import { messageOf } from '../../contract/errors.ts';
import { isAwsError } from '../../runtime/aws-errors.ts';
import type { Refusal } from './kind.ts';
import { STATE_REFUSALS } from './power.ts';

/**
 * The meaning of RDS's refusal of a snapshot.
 * @throws the error itself when it is no known refusal.
 */
export function snapshotRefusal(error: unknown): Refusal {
  if (isAwsError(error, 'SnapshotQuotaExceededFault', 'SnapshotQuotaExceeded')) {
    return {
      refused:
        'the account has reached its quota of manual snapshots: delete old ones or ask for a higher quota',
      passes: false,
    };
  }
  if (isAwsError(error, ...STATE_REFUSALS)) return { refused: messageOf(error), passes: true };
  throw error;
}

/**
 * The meaning of RDS's refusal of a copy.
 * @throws the error itself when it is no known refusal.
 */
export function copyRefusal(error: unknown, instanceClass: string): Refusal {
  // The snapshot was `available` a moment ago, but not everywhere in RDS yet. The step asks again until it shows.
  if (
    isAwsError(
      error,
      'InvalidDBSnapshotStateFault',
      'InvalidDBSnapshotState',
      'InvalidDBClusterSnapshotStateFault',
      ...STATE_REFUSALS,
    )
  ) {
    return { refused: messageOf(error), passes: true };
  }
  if (
    isAwsError(
      error,
      'InstanceQuotaExceededFault',
      'InstanceQuotaExceeded',
      'DBClusterQuotaExceededFault',
      'StorageQuotaExceededFault',
      'StorageQuotaExceeded',
    )
  ) {
    return {
      refused:
        'the account has reached its quota of DB instances, DB clusters or storage: delete unused ones or ask for a higher quota',
      passes: false,
    };
  }
  if (
    isAwsError(
      error,
      'InsufficientDBInstanceCapacityFault',
      'InsufficientDBInstanceCapacity',
      'InsufficientDBClusterCapacityFault',
      'InsufficientStorageClusterCapacityFault',
      'InsufficientStorageClusterCapacity',
    )
  ) {
    return {
      refused: `AWS has no capacity for ${instanceClass} just now: set database.testInstance.instanceClass to another class`,
      passes: false,
    };
  }
  if (isAwsError(error, 'KMSKeyNotAccessibleFault')) {
    return {
      refused: `the KMS key of the snapshot cannot be used (${messageOf(error)}): enable it, and allow the function's role to use it`,
      passes: false,
    };
  }
  throw error;
}
