import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { ServicesLook } from '../../contract/last-look.ts';
import type { StartupState } from '../../contract/startup-state.ts';
import type { ServicesResult } from '../../contract/state.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import { requireLock, requireNoOtherRun } from '../../guard/lock.ts';
import { defineStep, type StepEvent } from '../../runtime/step.ts';
import { bringUpServices } from './bring-up.ts';
import { confirmServices } from './confirm.ts';
import { startServices } from './start.ts';
import { stopServices } from './stop.ts';

export type ServicesEvent =
  | StepEvent<
      'stop' | 'confirm' | 'start',
      StateAfter<'plan', 'run' | 'config' | 'services' | 'servicesLook' | 'rollback'>
    >
  | StepEvent<'bring-up', Pick<StartupState, 'run' | 'config' | 'wake' | 'servers' | 'services'>>;

/**
 * Stops the CRM's services tier by tier and sees each one inactive (`stop`). Just before the point of no return sees that they still are
 * inactive, and stops again each one that came back (`confirm`). In a roll back, starts in reverse order the services that this run stopped
 * (`start`). In a start-up, starts in reverse order what belongs up (`bring-up`).
 *
 * Trigger: the workflow's states "Stop services", "Confirm the services", "Roll back: start services" and "Start services", called again until done. Twice is
 * harmless: stopping a stopped service and starting a started one change nothing.
 * Each looks at the lock before it sends anything: a run that was cleaned up must not touch a system that people or another run use.
 * Rejects with `ServiceDidNotStop`, `ServiceDidNotStart`, `ServerDidNotStart`, `AgentOffline`, `LockLost`.
 */
export const handler = defineStep(
  'services',
  async (event: ServicesEvent): Promise<ServicesResult | ServicesLook> => {
    const { execution } = event;
    if (event.action === 'bring-up') {
      await requireLock(event.state.run.system, execution.id);
      return bringUpServices(event.state);
    }
    const { state } = event;
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
      `action "${String(event.action)}": expected "stop", "confirm", "start" or "bring-up"`,
    );
  },
);
