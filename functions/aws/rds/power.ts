import { messageOf } from '../../contract/errors.ts';
import { isAwsError } from '../../runtime/aws-errors.ts';
import { log } from '../../runtime/log.ts';

/** Errors by which RDS refuses a call because of the state of a resource. */
export const STATE_REFUSALS = [
  'InvalidDBInstanceStateFault',
  'InvalidDBInstanceState',
  'InvalidDBClusterStateFault',
  'InvalidDBShardGroupStateFault',
];

/**
 * Makes a call that stops or starts a database. A refusal for its state is no error: the database may be on its way already, or busy. The caller reads
 * the status next, which tells.
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
