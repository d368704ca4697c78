import { DescribeInstancePatchStatesCommand } from '@aws-sdk/client-ssm';
import { readInvocation, sendToServer } from '../../aws/commands.ts';
import type { Server, SystemConfig } from '../../contract/config.ts';
import type { Plan } from '../../contract/plan-state.ts';
import type { CommandInFlight } from '../../contract/state.ts';
import { ssm } from '../../runtime/clients.ts';
import type { NotInstalled } from './failure.ts';

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-manager-aws-runpatchbaseline.html */
const PATCH_DOCUMENT = 'AWS-RunPatchBaseline';

/** The servers on which the plan found patches missing. */
export function serversToPatch(config: SystemConfig, plan: Plan): Server[] {
  return config.servers.filter((server) =>
    plan.pendingUpdates.some((update) => update.resource === `server ${server.name}`),
  );
}

/** Installs the missing patches, and reboots the server if a patch asks for it. A second command finds nothing missing. */
export async function patch(config: SystemConfig, server: Server): Promise<CommandInFlight> {
  const id = await sendToServer({
    document: PATCH_DOCUMENT,
    instanceId: server.instanceId,
    server: server.name,
    parameters: { Operation: ['Install'], RebootOption: ['RebootIfNeeded'] },
    comment: `install patches of ${config.name} on ${server.name}`,
  });
  return { server: server.name, instanceId: server.instanceId, id };
}

/** What became of a patch command. */
export type Patching = 'pending' | 'patched' | NotInstalled;

/** `patched` when the command has ended and Patch Manager finds nothing missing. Exit code 0 alone does not prove that. */
export async function readPatching(command: CommandInFlight): Promise<Patching> {
  const invocation = await readInvocation(command.id, command.instanceId);
  if (invocation.status === 'pending') return 'pending';
  const resource = `server ${command.server} (${command.instanceId})`;
  if (invocation.status === 'failed') {
    const found = `${invocation.problem}; see command ${command.id} in Systems Manager`;
    return { resource, found };
  }
  const answer = await ssm().send(
    new DescribeInstancePatchStatesCommand({ InstanceIds: [command.instanceId] }),
  );
  const state = answer.InstancePatchStates?.[0];
  const failed = state?.FailedCount ?? 0;
  const missing = state?.MissingCount ?? 0;
  if (failed + missing === 0) return 'patched';
  return { resource, found: `${missing} patches are still missing and ${failed} failed` };
}
