import { createHash } from 'node:crypto';
import { startExecution } from '../../aws/executions.ts';
import { log } from '../../runtime/log.ts';

/**
 * Starts an execution for one matter at most once an hour. The execution's name contains the matter and the hour, and Step Functions
 * accepts a name only once. So a repeated event starts nothing twice, and the next hourly look tries a failed execution again.
 *
 * @param about a further text that tells this matter from another with the same input.
 */
export async function startOnce(
  what: string,
  stateMachineArn: string,
  input: object,
  about = '',
): Promise<void> {
  const text = JSON.stringify(input);
  const hour = new Date(Date.now()).toISOString().slice(0, 13).replaceAll(/[-T]/g, '');
  const digest = createHash('sha256').update(`${text}${about}`).digest('hex').slice(0, 16);
  const name = `${what}-${hour}-${digest}`;
  if ((await startExecution(stateMachineArn, name, text)) === 'taken')
    log('info', 'watch: it is under way already, or was tried within this hour', { execution: name });
}
