import {
  type DescribePendingMaintenanceActionsCommand,
  type PendingMaintenanceAction,
  paginateDescribePendingMaintenanceActions,
} from '@aws-sdk/client-rds';
import type { PendingUpdate } from '../../contract/plan-state.ts';
import { rds } from '../../runtime/clients.ts';

/** Pending maintenance actions of an instance or a cluster: `system-update`, `db-upgrade` … */
export async function pendingActions(arn: string): Promise<PendingMaintenanceAction[]> {
  const actions: PendingMaintenanceAction[] = [];
  const input: ConstructorParameters<typeof DescribePendingMaintenanceActionsCommand>[0] = {
    ResourceIdentifier: arn,
  };
  for await (const page of paginateDescribePendingMaintenanceActions({ client: rds() }, input)) {
    actions.push(
      ...(page.PendingMaintenanceActions ?? []).flatMap(
        (entry) => entry.PendingMaintenanceActionDetails ?? [],
      ),
    );
  }
  return actions;
}

/** The pending actions of an instance or a cluster, as updates of the plan. */
export async function pendingMaintenance(
  arn: string | undefined,
  resource: string,
): Promise<PendingUpdate[]> {
  if (arn === undefined) return [];
  return (await pendingActions(arn)).map((action) => {
    const forced =
      action.ForcedApplyDate === undefined
        ? ''
        : ` (forced on ${action.ForcedApplyDate.toISOString().slice(0, 10)})`;
    return {
      resource,
      kind: action.Action ?? 'maintenance',
      description: `${action.Description ?? 'pending maintenance'}${forced}`,
    };
  });
}

/** Kind of the updates that a stop discards. */
export const PENDING_MODIFICATION = 'pending modification';

/** Fields of PendingModifiedValues that a stop does not discard: they are no modifications that wait for a restart. */
const NOT_A_MODIFICATION = new Set(['ResumeFullAutomationModeTime', 'AutomationMode']);

/** Modifications that wait for the next maintenance window: the name of each value, never the value, which may be a password. */
export function pendingModifications(values: object | undefined, resource: string): PendingUpdate[] {
  return Object.entries(values ?? {})
    .filter(([name, value]) => value !== undefined && !NOT_A_MODIFICATION.has(name))
    .map(([name]) => ({ resource, kind: PENDING_MODIFICATION, description: name }));
}
