import type { CommandInFlight, ShutdownState, Updates } from '../shared/contract/state.ts';
import { kindOf } from '../shared/database-kinds/kinds.ts';
import { pendingActions } from '../shared/database-kinds/maintenance.ts';
import { requireDatabase } from '../shared/planned.ts';
import { defineStep, elapsed, type StepEvent } from '../shared/step.ts';
import { applyNow } from './database.ts';
import { updateFailed } from './failure.ts';
import { isPatched, patch, serversToPatch } from './servers.ts';

export type UpdateEvent = StepEvent<'install', 'run' | 'config' | 'plan'> & {
  state: Partial<Pick<ShutdownState, 'updates'>>;
};

interface UpdateProgress extends Updates {
  /** Patch commands in flight. */
  commands: CommandInFlight[];
  /** Servers, by name, that were told to patch. */
  told: string[];
  /** The database's maintenance actions that were applied; absent until they were looked for. */
  actions?: string[];
}

/** How long all updates may take, in seconds. */
const DEADLINE_SECONDS = 2 * 3600;
const POLL_SECONDS = 30;

/**
 * Installs what the plan found pending: patches on the servers (with a reboot where one is needed) and the database's maintenance
 * actions. Runs while the users are out and the services still up, so that a failed update is rolled back with everything else.
 *
 * Trigger: the workflow's state "Install updates" (only in systems with the policy `install`), called again until done. A call changes
 * one thing and answers, so that a repeated one finds what was begun; twice is harmless all the same.
 * Rejects with `UpdateFailed`, `AgentOffline`.
 */
export const handler = defineStep('update', async (event: UpdateEvent): Promise<UpdateProgress> => {
  const { config, plan } = event.state;
  // What this step itself left there at its last call.
  const previous = event.state.updates as UpdateProgress | undefined;
  const { since, seconds } = elapsed(previous);
  const progress: UpdateProgress = previous ?? {
    done: false,
    waitSeconds: 0,
    since,
    installed: [],
    commands: [],
    told: [],
  };
  if (config.updates !== 'install') return { ...progress, done: true, waitSeconds: 0 };

  const next = serversToPatch(config, plan).find((server) => !progress.told.includes(server.name));
  if (next !== undefined) {
    const command = await patch(config, next);
    return {
      ...progress,
      waitSeconds: 1,
      commands: [...progress.commands, command],
      told: [...progress.told, next.name],
    };
  }
  const database = requireDatabase(plan);
  const resource = `database ${database.identifier}`;
  if (progress.actions === undefined) {
    const actions = await actionNames(database.arn);
    for (const action of actions) await applyNow(database.arn, action);
    return { ...progress, waitSeconds: actions.length === 0 ? 1 : POLL_SECONDS, actions };
  }

  const commands: CommandInFlight[] = [];
  const installed = [...progress.installed];
  for (const command of progress.commands) {
    if (await isPatched(command)) installed.push(`server ${command.server}`);
    else commands.push(command);
  }
  const applied = progress.actions;
  const open = (await actionNames(database.arn)).filter((action) => applied.includes(action));
  const ready = open.length === 0 && (await kindOf(config).status(database.identifier)) === 'available';
  if (commands.length === 0 && ready) {
    if (applied.length > 0) installed.push(`${resource}: ${applied.join(', ')}`);
    return { ...progress, done: true, waitSeconds: 0, installed, commands };
  }
  if (seconds > DEADLINE_SECONDS) {
    const waiting = [
      ...commands.map((command) => `server ${command.server} (${command.instanceId})`),
      ...(ready ? [] : [`${resource}${open.length === 0 ? '' : ` (${open.join(', ')})`}`]),
    ];
    throw updateFailed(waiting.join(', '), `not done after ${Math.round(seconds / 60)} min`);
  }
  return { ...progress, done: false, waitSeconds: POLL_SECONDS, installed, commands };
});

async function actionNames(arn: string): Promise<string[]> {
  return (await pendingActions(arn)).flatMap(({ Action }) => Action ?? []);
}
