import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { StartupInput } from '../../contract/startup-input.ts';
import type { DatabaseStarted, ServersStarted, StartupState } from '../../contract/startup-state.ts';
import { defineStep, type StepEvent } from '../../runtime/step.ts';
import { startDatabase } from './database.ts';
import { planStartup } from './plan.ts';
import { startServers } from './servers.ts';

export type WakeEvent =
  | StepEvent<'plan', unknown>
  | StepEvent<
      'database' | 'servers',
      Pick<StartupState, 'run' | 'config' | 'wake' | 'database' | 'confirmation' | 'servers'>
    >;

type Answer =
  | (StartupInput & Pick<StartupState, 'run' | 'config' | 'wake' | 'alreadyOn'>)
  | DatabaseStarted
  | ServersStarted;

/**
 * Finds out what is to come up, takes the lock and marks the system as meant to be on (`plan`). Starts the database and sees it available
 * (`database`). Starts the servers and sees each one running, healthy and reachable (`servers`).
 *
 * Trigger: the start-up's states "Plan the start-up", "Start database" and "Start servers"; the latter two are called again until done.
 * Twice is harmless: starting what runs changes nothing, and each looks at the lock before it asks for a start.
 * Rejects with `InvalidInput`, `InvalidConfiguration`, `PlanRejected`, `RunInProgress`, `LockLost`, `DatabaseDidNotStart`. A server that
 * does not start is named in the answer, so that the others go on.
 */
export const handler = defineStep('wake', async (event: WakeEvent): Promise<Answer> => {
  if (event.action === 'plan') return planStartup(event.execution, event.state);
  if (event.action === 'database') return startDatabase(event.execution, event.state);
  if (event.action === 'servers') return startServers(event.execution, event.state);
  throw new LightsOutError(ErrorName.InvalidInput, 'action: expected "plan", "database" or "servers"');
});
