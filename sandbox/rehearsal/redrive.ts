import { ExecutionNotRedrivable, RedriveExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { BadInputError } from '../bad-input.ts';
import { mendStatus } from '../world/database/status-fault.ts';
import { OPERATOR_KEY } from './machinery.ts';
import type { Sandbox } from './sandbox.ts';

/**
 * An operator redrives the run, as `aws stepfunctions redrive-execution` does, and waits until it has ended.
 *
 * @throws BadInputError when Step Functions refuses that.
 */
export async function redrive({ url, executions }: Sandbox): Promise<void> {
  const { first } = executions;
  if (first === undefined) throw new BadInputError('--after: there is no run to redrive');
  const operator = new SFNClient({
    endpoint: url,
    region: executions.deployment.account.region,
    credentials: { accessKeyId: OPERATOR_KEY, secretAccessKey: 'sandbox' },
  });
  try {
    await operator.send(new RedriveExecutionCommand({ executionArn: first.arn }));
  } catch (error) {
    if (!(error instanceof ExecutionNotRedrivable)) throw error;
    throw new BadInputError(
      `--after: the run cannot be redriven (${error.message}); expected one that failed`,
    );
  } finally {
    operator.destroy();
  }
  await first.ended;
}

/** Whatever was broken is mended: no fault strikes any more, and what only waited for that goes on. */
export function mend({ injector, databases, keys, servers }: Sandbox): void {
  injector.lift();
  databases.usedUp.clear();
  databases.isMended = true;
  keys.mend();
  servers.mend();
  mendStatus(databases);
  for (const server of servers.servers) {
    server.agentOnline = true;
    server.willNotStop = false;
    if (server.state === 'stopping')
      void server.supervisor.stop().then(() => {
        server.state = 'stopped';
        servers.onState(server);
      });
  }
}
