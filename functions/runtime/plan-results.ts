import { ErrorName, LightsOutError } from '../contract/errors.ts';
import type { Plan, PlannedDatabase, Reason } from '../contract/plan-state.ts';
import type { ShutdownState } from '../contract/state.ts';

/**
 * The database that the plan found. The plan refuses a run without one, so this only fails when a state was put together by hand.
 *
 * @throws LightsOutError `InvalidInput`.
 */
export function requireDatabase(plan: Plan): PlannedDatabase {
  if (plan.database !== undefined) return plan.database;
  throw new LightsOutError(
    ErrorName.InvalidInput,
    'plan.database: missing; expected the database that the plan found: start the run from its beginning',
  );
}

type Looked = Partial<Pick<ShutdownState, 'plan' | 'inspection' | 'serversLook'>>;

/** Every reason not to begin: of the plan's first look, of the database, of the servers themselves. */
export function reasonsOf({ plan, inspection, serversLook }: Looked): Reason[] {
  return [plan, inspection, serversLook].flatMap((part) => part?.reasons ?? []);
}

/** Everything that people had better know before a run begins. */
export function warningsOf({ plan, serversLook }: Looked): string[] {
  return [plan, serversLook].flatMap((part) => part?.warnings ?? []);
}
