import { databaseKindOf } from '../../aws/rds/kinds.ts';
import { pendingActions } from '../../aws/rds/maintenance.ts';
import type { Server, SystemConfig } from '../../contract/config.ts';
import { DEADLINE_SECONDS } from '../../contract/deadlines.ts';
import { ErrorName, LightsOutError, messageOf } from '../../contract/errors.ts';
import { lookAgainIn } from '../../contract/pacing.ts';
import type { CommandInFlight, Updates } from '../../contract/state.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import { requireLock } from '../../guard/lock.ts';
import { requireDatabase } from '../../runtime/plan-results.ts';
import { defineStep, elapsed, type StepEvent } from '../../runtime/step.ts';
import { applyNow } from './database.ts';
import { type NotInstalled, updateFailed } from './failure.ts';
import { patch, readPatching, serversToPatch } from './servers.ts';

export type UpdateEvent = StepEvent<
  'install',
  StateAfter<'drain', 'run' | 'config' | 'plan'> & { updates?: UpdateProgress }
>;

interface UpdateProgress extends Updates {
  /** Patch commands in flight. */
  commands: CommandInFlight[];
  /** Servers, by name, that were told to patch. */
  told: string[];
  /** The database's maintenance actions that were applied; absent until they were looked for. */
  actions?: string[];
  /** Failures that happened while another update was still being installed. */
  failures: NotInstalled[];
}

const POLL_SECONDS = 30;

/**
 * Installs the updates that the plan found pending: patches on the servers (with a reboot if needed) and the database's maintenance
 * actions. The users are out and the services still up, so a failed update is rolled back with everything else.
 *
 * Trigger: the workflow's state "Install updates" (only in systems with the policy `install`), called again until done. A call changes one
 * thing and answers, so that a repeated call finds what was begun; twice is harmless all the same. After a failure nothing more is begun.
 * The failure is thrown only when no update is in progress: a patch reboots its server, and the roll back lets the users in again.
 * Rejects with `UpdateFailed`, `AgentOffline`; before it begins anything, with `LockLost` when the run was cleaned up: no
 * server reboots while people work.
 */
export const handler = defineStep('update', async (event: UpdateEvent): Promise<UpdateProgress> => {
  const { config, plan, run } = event.state;
  const previous = event.state.updates;
  const { since, seconds } = elapsed(previous);
  const progress: UpdateProgress = previous ?? {
    done: false,
    waitSeconds: 0,
    since,
    installed: [],
    commands: [],
    told: [],
    failures: [],
  };
  if (config.updates !== 'install') return { ...progress, done: true, waitSeconds: 0 };

  const next = serversToPatch(config, plan).find((server) => !progress.told.includes(server.name));
  if (next !== undefined && progress.failures.length === 0) {
    await requireLock(run.system, event.execution.id);
    const command = await begin(config, next, progress);
    if ('found' in command) return { ...progress, waitSeconds: POLL_SECONDS, failures: [command] };
    return {
      ...progress,
      waitSeconds: 1,
      commands: [...progress.commands, command],
      told: [...progress.told, next.name],
    };
  }
  const database = requireDatabase(plan);
  const resource = `database ${database.identifier}`;
  if (progress.actions === undefined && progress.failures.length === 0) {
    const actions = await actionNames(database.arn);
    if (actions.length > 0) await requireLock(run.system, event.execution.id);
    for (const action of actions) await applyNow(database.arn, action);
    return { ...progress, waitSeconds: actions.length === 0 ? 1 : POLL_SECONDS, actions };
  }

  const commands: CommandInFlight[] = [];
  const installed = [...progress.installed];
  const failures = [...progress.failures];
  for (const command of progress.commands) {
    const patching = await readPatching(command);
    if (patching === 'patched') installed.push(`server ${command.server}`);
    else if (patching === 'pending') commands.push(command);
    else failures.push(patching);
  }
  const applied = progress.actions ?? [];
  const open = (await actionNames(database.arn)).filter((action) => applied.includes(action));
  const ready =
    open.length === 0 && (await databaseKindOf(config).status(database.identifier)) === 'available';
  if (commands.length === 0 && ready) {
    if (failures.length > 0) throw updateFailed(failures);
    if (applied.length > 0) installed.push(`${resource}: ${applied.join(', ')}`);
    return { ...progress, done: true, waitSeconds: 0, installed, commands };
  }
  if (seconds > DEADLINE_SECONDS.updates) {
    const waiting = [
      ...commands.map((command) => `server ${command.server} (${command.instanceId})`),
      ...(ready ? [] : [`${resource}${open.length === 0 ? '' : ` (${open.join(', ')})`}`]),
    ];
    const found = `not done after ${Math.round(seconds / 60)} min`;
    throw updateFailed([...failures, { resource: waiting.join(', '), found }]);
  }
  return {
    ...progress,
    done: false,
    waitSeconds: lookAgainIn(POLL_SECONDS, seconds),
    installed,
    commands,
    failures,
  };
});

/** Starts patching one server. If a server cannot be told while others patch, its failure is thrown after theirs have ended. */
async function begin(
  config: SystemConfig,
  server: Server,
  { commands }: UpdateProgress,
): Promise<CommandInFlight | NotInstalled> {
  try {
    return await patch(config, server);
  } catch (error) {
    if (commands.length === 0 || !(error instanceof LightsOutError)) throw error;
    if (error.name === ErrorName.AwsTemporarilyUnavailable) throw error;
    return { resource: `server ${server.name} (${server.instanceId})`, found: messageOf(error) };
  }
}

async function actionNames(arn: string): Promise<string[]> {
  return (await pendingActions(arn)).flatMap(({ Action }) => Action ?? []);
}
