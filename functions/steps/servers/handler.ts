import { StopInstancesCommand } from '@aws-sdk/client-ec2';
import { describeInstancesById } from '../../aws/servers/instances.ts';
import { DEADLINE_SECONDS } from '../../contract/deadlines.ts';
import { ErrorName, LightsOutError, messageOf } from '../../contract/errors.ts';
import { lookAgainIn } from '../../contract/pacing.ts';
import type { ServersResult } from '../../contract/state.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import { requireLock } from '../../guard/lock.ts';
import { isAwsError } from '../../runtime/aws-errors.ts';
import { ec2 } from '../../runtime/clients.ts';
import { log } from '../../runtime/log.ts';
import { defineStep, elapsed, progressOf, type StepEvent } from '../../runtime/step.ts';

export type ServersEvent = StepEvent<'stop', StateAfter<'plan', 'run' | 'config' | 'off'>>;

const POLL_SECONDS = 15;

/**
 * Servers that one call stops. Every server named in a call costs one of the account's 1,000 tokens, perhaps even in a refused call:
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html, resource rate limiting.
 */
const SERVERS_A_STOP = 50;

/** The state of a server that EC2 no longer lists: it was terminated some time ago. */
const NOT_FOUND = 'not found';

/** Stopped is the aim. A terminated server is gone, which the next run's plan reports. */
const OFF = new Set(['stopped', 'terminated', NOT_FOUND]);

/**
 * Stops the CRM's servers and sees each one `stopped`.
 *
 * Trigger: the workflow's state "Stop servers", past the point of no return, called again until done. A stop is idempotent.
 * The lock is looked at before each request: the servers of a run that was cleaned up are in use again.
 * Rejects with `LockLost`, `ServerDidNotStop` at the deadline, naming each server's state.
 */
export const handler = defineStep('servers', async (event: ServersEvent): Promise<ServersResult> => {
  const { config, run } = event.state;
  const { since, seconds } = elapsed(progressOf(event.state.off?.servers));
  const ids = config.servers.map((server) => server.instanceId);
  const before = await statesOf(ids);
  const stateIn = (states: Map<string, string>, id: string): string => states.get(id) ?? NOT_FOUND;
  const toStop = ids.filter((id) => !OFF.has(stateIn(before, id)) && stateIn(before, id) !== 'stopping');
  if (toStop.length > 0) {
    await requireLock(run.system, event.execution.id);
    for (let first = 0; first < toStop.length; first += SERVERS_A_STOP)
      await requestStop(toStop.slice(first, first + SERVERS_A_STOP));
  }
  const states = toStop.length > 0 ? await statesOf(ids) : before;
  const servers = config.servers.map(({ name, instanceId }) => ({
    name,
    instanceId,
    state: stateIn(states, instanceId),
  }));
  const on = servers.filter((server) => !OFF.has(server.state));
  if (on.length === 0) return { done: true, waitSeconds: 0, since, servers };
  if (seconds > DEADLINE_SECONDS.servers) {
    throw new LightsOutError(
      ErrorName.ServerDidNotStop,
      `after ${Math.round(seconds / 60)} min: ${on.map((server) => `${server.name} (${server.instanceId}) is "${server.state}"`).join(', ')}; ` +
        'expected "stopped": stop it by force in the EC2 console',
    );
  }
  return { done: false, waitSeconds: lookAgainIn(POLL_SECONDS, seconds), since, servers };
});

/**
 * Stops several servers by one call. If EC2 refuses the call because of one server, each half is tried by itself, so that the others stop.
 * One call for each of 500 servers would exceed the account's limit. If EC2 refuses a call as too fast, the next call asks only for the
 * servers still on.
 */
async function requestStop(ids: string[]): Promise<void> {
  try {
    await ec2().send(new StopInstancesCommand({ InstanceIds: ids }));
  } catch (error) {
    if (
      !isAwsError(
        error,
        'IncorrectInstanceState',
        'IncorrectState',
        'UnsupportedOperation',
        'OperationNotPermitted',
      )
    )
      throw error;
    if (ids.length === 1) {
      log('warn', 'servers: a stop was refused; the state decides', {
        instance: ids[0],
        reason: messageOf(error),
      });
      return;
    }
    const half = Math.ceil(ids.length / 2);
    await requestStop(ids.slice(0, half));
    await requestStop(ids.slice(half));
  }
}

async function statesOf(ids: string[]): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  for (const [id, instance] of await describeInstancesById(ids)) {
    states.set(id, instance.State?.Name ?? 'unknown');
  }
  return states;
}
