import {
  ApplyPendingMaintenanceActionCommand,
  DescribeDBInstancesCommand,
  DescribePendingMaintenanceActionsCommand,
} from '@aws-sdk/client-rds';
import { rds } from '../shared/aws/clients.ts';
import { readInvocation, sendToServer } from '../shared/commands.ts';
import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import type { CommandInFlight, ShutdownState, Updates } from '../shared/contract/state.ts';
import { requireDatabase } from '../shared/planned.ts';
import { defineStep, elapsed, type StepEvent } from '../shared/step.ts';

export type UpdateEvent = StepEvent<'install', 'run' | 'config' | 'plan' | 'updates'>;

interface UpdateProgress extends Updates {
  commands: CommandInFlight[];
}

/** How long all updates may take, in seconds. */
const DEADLINE_SECONDS = 2 * 3600;
const POLL_SECONDS = 30;

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-manager-aws-runpatchbaseline.html */
const PATCH_DOCUMENT = 'AWS-RunPatchBaseline';

/**
 * Installs what the plan found pending: patches on the servers (with a reboot where one is needed) and the database's maintenance
 * actions. Runs while the users are out and the services still up, so that a failed update is rolled back with everything else.
 *
 * Trigger: the workflow's state "Install updates" (only in systems with the policy `install`), called again until done. Twice is
 * harmless: the patch document installs only what is missing.
 * Rejects with `UpdateFailed`, `AgentOffline`.
 */
export const handler = defineStep('update', async (event: UpdateEvent): Promise<UpdateProgress> => {
  const { config } = event.state;
  const previous: UpdateProgress | undefined = event.state.updates as UpdateProgress | undefined;
  const { since, seconds } = elapsed(previous);
  if (config.updates !== 'install') return { done: true, waitSeconds: 0, since, installed: [], commands: [] };
  if (previous === undefined) {
    const commands = await patchServers(event.state);
    await maintainDatabase(event.state);
    return { done: false, waitSeconds: POLL_SECONDS, since, installed: [], commands };
  }
  const installed = [...previous.installed];
  const pending: CommandInFlight[] = [];
  for (const command of previous.commands) {
    const invocation = await readInvocation(command.id, command.instanceId);
    if (invocation.status === 'pending') pending.push(command);
    else if (invocation.status === 'succeeded') installed.push(`server ${command.server}`);
    else
      throw failed(
        `server ${command.server} (${command.instanceId})`,
        `${invocation.problem}; see command ${command.id} in Systems Manager`,
      );
  }
  const database = await databaseIsUpToDate(event.state);
  if (pending.length === 0 && database.done) {
    return {
      done: true,
      waitSeconds: 0,
      since,
      installed: [...installed, ...database.installed],
      commands: [],
    };
  }
  if (seconds > DEADLINE_SECONDS) {
    const waiting = [
      ...pending.map((command) => `server ${command.server}`),
      ...(database.done ? [] : [`database ${config.database.identifier}`]),
    ];
    throw failed(waiting.join(', '), `not done after ${Math.round(seconds / 60)} min`);
  }
  return { done: false, waitSeconds: POLL_SECONDS, since, installed, commands: pending };
});

type State = Pick<ShutdownState, 'config' | 'plan'>;

async function patchServers({ config, plan }: State): Promise<CommandInFlight[]> {
  const commands: CommandInFlight[] = [];
  for (const server of config.servers) {
    if (!plan.pendingUpdates.some((update) => update.resource === `server ${server.name}`)) continue;
    const id = await sendToServer({
      document: PATCH_DOCUMENT,
      instanceId: server.instanceId,
      server: server.name,
      parameters: { Operation: ['Install'], RebootOption: ['RebootIfNeeded'] },
      comment: `install patches of ${config.name} on ${server.name}`,
    });
    commands.push({ server: server.name, instanceId: server.instanceId, id });
  }
  return commands;
}

async function pendingActions(arn: string): Promise<string[]> {
  const answer = await rds().send(new DescribePendingMaintenanceActionsCommand({ ResourceIdentifier: arn }));
  return (answer.PendingMaintenanceActions ?? [])
    .flatMap((entry) => entry.PendingMaintenanceActionDetails ?? [])
    .flatMap((action) => action.Action ?? []);
}

async function maintainDatabase({ plan }: State): Promise<void> {
  const { arn } = requireDatabase(plan);
  for (const action of await pendingActions(arn)) {
    await rds().send(
      new ApplyPendingMaintenanceActionCommand({
        ResourceIdentifier: arn,
        ApplyAction: action,
        OptInType: 'immediate',
      }),
    );
  }
}

async function databaseIsUpToDate({ config, plan }: State): Promise<{ done: boolean; installed: string[] }> {
  const { arn } = requireDatabase(plan);
  const resource = `database ${config.database.identifier}`;
  const wanted = plan.pendingUpdates.some(
    (update) => update.resource === resource && update.kind !== 'pending modification',
  );
  const answer = await rds().send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: config.database.identifier }),
  );
  const available = answer.DBInstances?.[0]?.DBInstanceStatus === 'available';
  const done = available && (await pendingActions(arn)).length === 0;
  return { done, installed: wanted && done ? [resource] : [] };
}

function failed(resource: string, found: string): LightsOutError {
  return new LightsOutError(
    ErrorName.UpdateFailed,
    `${resource}: updates were not installed (${found}); expected them to be: install them by hand, or set updates to "report" in systems.ts`,
  );
}
