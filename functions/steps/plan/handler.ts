import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { Acceptance } from '../../contract/plan-state.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import { isLookFresh } from '../../databases/last-look.ts';
import { requireLock } from '../../guard/lock.ts';
import { defineStep, type StepEvent } from '../../runtime/step.ts';
import { accept } from './accept.ts';
import { askServers } from './ask-servers.ts';
import { look } from './look-at-system.ts';

export type PlanEvent =
  | StepEvent<'look', unknown>
  | StepEvent<'ask', StateAfter<'plan', 'run' | 'config' | 'plan' | 'serversLook'>>
  | StepEvent<'accept', StateAfter<'inspect', 'run' | 'config' | 'plan' | 'inspection' | 'serversLook'>>
  | StepEvent<'confirm', StateAfter<'services', 'run' | 'servicesLook' | 'sourceLook'>>;

/**
 * Finds out read-only what the run would do (`look`) and asks the servers (`ask`, called again until done). Accepts the plan, stores it and
 * takes the lock, or refuses it with all reasons (`accept`). Nothing is touched before `accept` has answered. Before the point of no return
 * it checks that the run still holds the lock, and that its last look at services and source is fresh (`confirm`).
 *
 * Trigger: the workflow's states "Plan", "Plan: ask the servers", "Plan: accept" and "Confirm the lock". Twice is harmless: the lock knows
 * its run.
 * Rejects with `InvalidInput`, `InvalidConfiguration`, `PlanRejected`, `RunInProgress`, `LockLost`.
 */
export const handler = defineStep('plan', async (event: PlanEvent): Promise<unknown | Acceptance> => {
  if (event.action === 'look') return look(event.execution, event.state);
  if (event.action === 'ask') return askServers(event.state);
  if (event.action === 'accept') return accept(event.execution, event.state);
  if (event.action === 'confirm') {
    await requireLock(event.state.run.system, event.execution.id);
    // A run that was kept waiting since its last look looks again.
    return { held: true, isLookFresh: isLookFresh(event.state) };
  }
  throw new LightsOutError(ErrorName.InvalidInput, 'action: expected "look", "ask", "accept" or "confirm"');
});
