import { messageOf } from '../../contract/errors.ts';
import { isAwsError } from '../../runtime/aws-errors.ts';
import { log } from '../../runtime/log.ts';

/** The names under which RDS refuses a call for the state that something is in. */
export const STATE_REFUSALS = [
  'InvalidDBInstanceStateFault',
  'InvalidDBInstanceState',
  'InvalidDBClusterStateFault',
  'InvalidDBShardGroupStateFault',
];

/**
 * Makes a call that switches a database, and takes a refusal for its state as an answer: on its way or there already, or busy for a
 * moment. The status, read next, tells which.
 */
export async function unlessRefusedForState(
  what: string,
  identifier: string,
  call: () => Promise<unknown>,
): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!isAwsError(error, ...STATE_REFUSALS)) throw error;
    log('info', `database: ${what} was refused; its status decides`, {
      identifier,
      reason: messageOf(error),
    });
  }
}
