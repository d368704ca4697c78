import { createHash } from 'node:crypto';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { sfn } from '../shared/aws/clients.ts';
import { isAwsError } from '../shared/aws/errors.ts';
import { EnvironmentVariable } from '../shared/contract/environment.ts';
import type { KeepInput } from '../shared/contract/watch.ts';
import { environmentVariable } from '../shared/environment.ts';
import { log } from '../shared/log.ts';

/**
 * Starts KeepStopped, once an hour at most for one start of one thing: the name holds what it is about, and Step Functions knows a name only
 * once. An execution that failed is so tried again by the next hour's look.
 */
export async function startKeeping(input: KeepInput): Promise<void> {
  const hour = new Date(Date.now()).toISOString().slice(0, 13).replaceAll(/[-T]/g, '');
  const about = createHash('sha256').update(JSON.stringify(input)).digest('hex').slice(0, 16);
  const name = `${input.cause}-${hour}-${about}`;
  try {
    await sfn().send(
      new StartExecutionCommand({
        stateMachineArn: environmentVariable(EnvironmentVariable.KeepStoppedArn),
        name,
        input: JSON.stringify(input),
      }),
    );
  } catch (error) {
    if (!isAwsError(error, 'ExecutionAlreadyExists')) throw error;
    log('info', 'watch: it is stopped again already, or was tried within this hour', { execution: name });
  }
}
