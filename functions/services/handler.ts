import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import type { ServicesResult } from '../shared/contract/state.ts';
import { defineStep, type StepEvent } from '../shared/step.ts';
import { startServices } from './start.ts';
import { stopServices } from './stop.ts';

export type ServicesEvent = StepEvent<'stop' | 'start', 'run' | 'config' | 'services' | 'rollback'>;

/**
 * Stops the CRM's services tier by tier and sees each one inactive; as part of a roll back, starts again what this run
 * stopped, in reverse.
 *
 * Trigger: the workflow's states "Stop services" (`stop`) and "Roll back: start services" (`start`), called again until done.
 * Twice is harmless: stopping a stopped service and starting a started one change nothing.
 * Rejects with `ServiceDidNotStop`, `ServiceDidNotStart`, `AgentOffline`.
 */
export const handler = defineStep('services', async (event: ServicesEvent): Promise<ServicesResult> => {
  if (event.action === 'stop') return stopServices(event.state);
  if (event.action === 'start') return startServices(event.state);
  throw new LightsOutError(
    ErrorName.InvalidInput,
    `action "${String(event.action)}": expected "stop" or "start"`,
  );
});
