import { type Invocation, onlineInstances, readInvocation, sendToServer } from '../../aws/commands.ts';
import type { Server, SystemConfig } from '../../contract/config.ts';
import { DEADLINE_SECONDS } from '../../contract/deadlines.ts';
import { EnvironmentVariable } from '../../contract/environment.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { lookAgainIn } from '../../contract/pacing.ts';
import type { Reason, ServersLook } from '../../contract/plan-state.ts';
import { asData, listAsData } from '../../contract/server-data.ts';
import type { CommandInFlight, ShutdownState } from '../../contract/state.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import { sideBySide } from '../../runtime/parallel-work.ts';
import { elapsed } from '../../runtime/step.ts';
import { readAnswer } from './server-answers.ts';

type State = Pick<ShutdownState, 'run' | 'config' | 'plan' | 'serversLook'>;

const POLL_SECONDS = 3;

/** Services that one command asks for, as in the stop commands: the answer for each is short. */
const SERVICES_A_COMMAND = 40;

/**
 * One round of asking the servers what the run would meet: whether the services exist, what a stop of each takes with it, what starts them
 * again, whether the flag file can be made. Reads only. A problem is one of the plan's reasons, not an error. A server that does not run,
 * or whose agent does not answer, has its reason already.
 *
 * Twice is harmless: the servers are asked again.
 */
export async function askServers({ run, config, serversLook: previous }: State): Promise<ServersLook> {
  const { since, seconds } = elapsed(previous);
  // A run that only proves a backup does nothing on a server.
  if (run.onlyProve === true)
    return { since, done: true, waitSeconds: 0, commands: [], reasons: [], warnings: [] };
  if (previous === undefined) {
    const asked = await askAll(config);
    const commands = asked.flatMap((each) => ('id' in each ? [each] : []));
    const isDone = commands.length === 0;
    return {
      since,
      done: isDone,
      waitSeconds: isDone ? 0 : POLL_SECONDS,
      commands,
      reasons: asked.flatMap((each) => ('id' in each ? [] : [each])),
      warnings: [],
    };
  }
  const answers = await sideBySide(previous.commands, async (command) => ({
    command,
    invocation: await readInvocation(command.id, command.instanceId),
  }));
  const isLate = seconds >= DEADLINE_SECONDS.askServers;
  const pending = isLate ? [] : answers.filter(({ invocation }) => invocation.status === 'pending');
  const found = answers
    .filter((answer) => !pending.includes(answer))
    .map(({ command, invocation }) => findingsOf(config, command, invocation));
  return {
    since,
    done: pending.length === 0,
    waitSeconds: pending.length === 0 ? 0 : lookAgainIn(POLL_SECONDS, seconds),
    commands: pending.map(({ command }) => command),
    reasons: [...previous.reasons, ...found.flatMap(({ reasons }) => reasons)],
    warnings: [...previous.warnings, ...found.flatMap(({ warnings }) => warnings)],
  };
}

/** The question that one command asks one server. */
interface Question {
  server: Server;
  parameters: Record<string, string[]>;
}

async function askAll(config: SystemConfig): Promise<(CommandInFlight | Reason)[]> {
  const questions = config.servers.flatMap((server) => questionsFor(config, server));
  const online = await onlineInstances([...new Set(questions.map(({ server }) => server.instanceId))]);
  const open = questions.filter(({ server }) => online.has(server.instanceId));
  return sideBySide(open, async ({ server, parameters }): Promise<CommandInFlight | Reason> => {
    try {
      const id = await sendToServer({
        document: environmentVariable(EnvironmentVariable.LookDocument),
        instanceId: server.instanceId,
        server: server.name,
        parameters,
        comment: `look at ${server.name} of ${config.name}`,
      });
      return { server: server.name, instanceId: server.instanceId, id };
    } catch (error) {
      // The server went offline since it was seen online.
      if (!(error instanceof LightsOutError && error.name === ErrorName.AgentOffline)) throw error;
      return {
        resource: nameOf(server),
        problem: 'it could not be asked what runs on it: its SSM agent does not answer any more',
        remedy: 'check that the server runs and that its agent is started',
      };
    }
  });
}

const nameOf = ({ name, instanceId }: Pick<Server, 'name' | 'instanceId'>): string =>
  `server ${name} (${instanceId})`;

function questionsFor(config: SystemConfig, server: Server): Question[] {
  const own = config.services.filter((service) => service.server === server.name);
  const flagFile =
    config.maintenance?.servers.includes(server.name) === true ? config.maintenance.flagFile : '';
  // Without a configured check server, each server reads the copies of its own volumes.
  const { backup, checkServer = server.name } = config.files;
  const Files = backup === 'verify' && checkServer === server.name ? 'yes' : 'no';
  if (own.length === 0 && flagFile === '' && Files === 'no') return [];
  const lists = Array.from({ length: Math.max(1, Math.ceil(own.length / SERVICES_A_COMMAND)) }, (_, index) =>
    own.slice(index * SERVICES_A_COMMAND, (index + 1) * SERVICES_A_COMMAND).map(({ name }) => name),
  );
  return lists.map((names, index) => ({
    server,
    parameters: {
      ...(names.length === 0 ? {} : { Services: [listAsData(names)] }),
      ...(index === 0 && flagFile !== '' ? { FlagFile: [asData(flagFile)] } : {}),
      Files: [Files],
    },
  }));
}

function findingsOf(
  config: SystemConfig,
  command: CommandInFlight,
  { status, lines, problem }: Invocation,
): { reasons: Reason[]; warnings: string[] } {
  const resource = nameOf({ name: command.server, instanceId: command.instanceId });
  const server = config.servers.find(({ name }) => name === command.server);
  const silent = (found: string): { reasons: Reason[]; warnings: string[] } => ({
    reasons: [
      {
        resource,
        problem: `it did not say what runs on it: ${found}`,
        remedy: `see command ${command.id} in Systems Manager, and whether its agent works`,
      },
    ],
    warnings: [],
  });
  if (status === 'pending') return silent(`no answer within ${DEADLINE_SECONDS.askServers} s`);
  if (status === 'failed') return silent(problem ?? 'no reason given');
  if (server === undefined || lines.length === 0) return silent('its answer is empty');
  return readAnswer(config, server, lines);
}
