import { StopInstancesCommand } from '@aws-sdk/client-ec2';
import { ec2 } from '../shared/aws/clients.ts';
import { isAwsError } from '../shared/aws/errors.ts';
import type { SystemConfig } from '../shared/contract/config.ts';
import { ErrorName, LightsOutError, messageOf } from '../shared/contract/errors.ts';
import { log } from '../shared/log.ts';
import { serverStates } from '../shared/server-states.ts';

/** How long EC2 may take to stop the servers, in seconds. */
const DEADLINE_SECONDS = 60 * 60;

/** A terminated server is not there any more, so there is nothing to stop. */
export const OFF = new Set(['stopped', 'terminated']);

/** What a stop takes for a refusal that the next look interprets. */
const REFUSED = ['IncorrectInstanceState', 'IncorrectState', 'UnsupportedOperation', 'OperationNotPermitted'];

/**
 * One round of stopping the servers that are on, each by a call of its own so that one that is refused keeps no other on.
 *
 * @returns the states before that round, by `server <name>`.
 */
export async function stopServers(config: SystemConfig, seconds: number): Promise<Record<string, string>> {
  const states = await serverStates(config);
  const on = config.servers.filter(({ name }) => !OFF.has(states.get(name) ?? ''));
  if (on.length > 0 && seconds > DEADLINE_SECONDS) {
    throw new LightsOutError(
      ErrorName.ServerDidNotStop,
      `after ${Math.round(seconds / 60)} min: ${on.map(({ name }) => `${name} is "${states.get(name)}"`).join(', ')}; ` +
        'expected "stopped", as the system is meant to be off: stop it by force in the EC2 console',
    );
  }
  for (const { name, instanceId } of on) {
    if (states.get(name) !== 'running') continue;
    try {
      await ec2().send(new StopInstancesCommand({ InstanceIds: [instanceId] }));
    } catch (error) {
      if (!isAwsError(error, ...REFUSED)) throw error;
      log('warn', 'keep: a stop was refused; the next look decides', {
        server: name,
        reason: messageOf(error),
      });
    }
  }
  return Object.fromEntries([...states].map(([name, state]) => [`server ${name}`, state]));
}
