import { type Invocation, readInvocation, sendToServer } from '../../aws/commands.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { EnvironmentVariable } from '../../contract/environment.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { HealthCheck } from '../../contract/health-config.ts';
import type { CheckedHealth } from '../../contract/health-state.ts';
import { fingerprint } from '../../contract/server-data.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import type { Look } from './look-result.ts';

type Command = NonNullable<CheckedHealth['command']>;

/** SSM's shortest time for an agent to take a command up, in seconds: API_SendCommand.html, TimeoutSeconds, in functions/aws/commands.ts. */
const DELIVERY_SECONDS = 30;

/** After this time a command counts as unanswered, in seconds: its delivery, the program's 10 s, and the agent's report. */
const ANSWER_SECONDS = DELIVERY_SECONDS + 30;

/** Asks a server to run a check's program. The answer is the command, or the look when the server cannot be asked. */
export async function askScript(check: HealthCheck, config: SystemConfig): Promise<Command | Look> {
  const server = config.servers.find(({ name }) => name === check.script?.server);
  if (server === undefined)
    throw new LightsOutError(
      ErrorName.InvalidConfiguration,
      `startup.health "${check.name}": no server is called "${check.script?.server}"; expected one of servers`,
    );
  try {
    const id = await sendToServer({
      document: environmentVariable(EnvironmentVariable.HealthDocument),
      instanceId: server.instanceId,
      server: server.name,
      parameters: { Check: [fingerprint(check.name)] },
      deliverySeconds: DELIVERY_SECONDS,
      comment: `health of ${config.name} on ${server.name}`,
    });
    return {
      server: server.name,
      instanceId: server.instanceId,
      id,
      sentAt: new Date(Date.now()).toISOString(),
    };
  } catch (error) {
    if (!(error instanceof LightsOutError && error.name === ErrorName.AgentOffline)) throw error;
    return { green: false, answer: `the SSM agent of ${server.name} does not answer` };
  }
}

/** The look that a command gave. Undefined while its answer is still to come. */
export async function readScript(command: Command): Promise<Look | undefined> {
  const invocation = await readInvocation(command.id, command.instanceId);
  if (invocation.status !== 'pending') return judged(invocation);
  const seconds = (Date.now() - Date.parse(command.sentAt)) / 1000;
  return seconds < ANSWER_SECONDS
    ? undefined
    : { green: false, answer: `${command.server} did not answer within ${ANSWER_SECONDS} s` };
}

/** Exit codes that shells give in place of a program's: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02 */
const SHELL: Record<string, string> = { '126': ', cannot be executed', '127': ', not found' };

function judged({ lines, problem, exitCode }: Invocation): Look {
  const code = lines.find((line) => line['health'] !== undefined)?.['health'];
  if (code === 'late') return { green: false, answer: 'the program did not end within 10 s' };
  if (code !== undefined && /^-?\d+$/.test(code))
    return { green: code === '0', answer: `exit code ${code}${SHELL[code] ?? ''}` };
  // Exit code 3 of lib/documents/health.sh and .ps1.
  if (exitCode === 3)
    return { green: false, answer: 'the document is of another configuration; deploy the stack' };
  return { green: false, answer: problem ?? 'the document did not say how the program ended' };
}
