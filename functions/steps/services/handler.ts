import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { ServicesLook } from '../../contract/last-look.ts';
import type { ServicesResult } from '../../contract/state.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import { requireLock, requireNoOtherRun } from '../../guard/lock.ts';
import { defineStep, type StepEvent } from '../../runtime/step.ts';
import { confirmServices } from './confirm.ts';
import { startServices } from './start.ts';
import { stopServices } from './stop.ts';

export type ServicesEvent = StepEvent<
  'stop' | 'confirm' | 'start',
  StateAfter<'plan', 'run' | 'config' | 'services' | 'servicesLook' | 'rollback'>
>;

/**
 * Stops the CRM's services tier by tier and sees each one inactive (`stop`). Just before the point of no return sees that they still are
 * inactive, and stops again each one that came back (`confirm`). In a roll back, starts in reverse order the services that this run stopped
 * (`start`).
 *
 * Trigger: the workflow's states "Stop services", "Confirm the services" and "Roll back: start services", called again until done. Twice is
 * harmless: stopping a stopped service and starting a started one change nothing.
 * Each looks at the lock before it sends anything: a run that was cleaned up and redriven must not touch a system that people or another
 * run use.
 * Rejects with `ServiceDidNotStop`, `ServiceDidNotStart`, `AgentOffline`, `LockLost`.
 */
export const handler = defineStep(
  'services',
  async (event: ServicesEvent): Promise<ServicesResult | ServicesLook> => {
    const { execution, state } = event;
    if (event.action === 'stop') {
      await requireLock(state.run.system, execution.id);
      return stopServices(state);
    }
    if (event.action === 'confirm') {
      await requireLock(state.run.system, execution.id);
      return confirmServices(state);
    }
    if (event.action === 'start') {
      await requireNoOtherRun(state.run.system, state.run.id, execution.id);
      return startServices(state);
    }
    throw new LightsOutError(
      ErrorName.InvalidInput,
      `action "${String(event.action)}": expected "stop", "confirm" or "start"`,
    );
  },
);
