import { createHash } from 'node:crypto';
import { startExecution } from '../../aws/executions.ts';
import { log } from '../../runtime/log.ts';

/**
 * Starts an execution, once an hour at most for one thing: the name holds what it is about, and Step Functions knows a name only once. So an
 * event that comes twice starts nothing twice, and what failed is tried again by the next hour's look.
 *
 * @param about what else tells it from another thing of the same input.
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
