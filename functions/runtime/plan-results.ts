import { ErrorName, LightsOutError } from '../contract/errors.ts';
import type { Plan, PlannedDatabase, Reason } from '../contract/plan-state.ts';
import type { ShutdownState } from '../contract/state.ts';

/**
 * The database that the plan found. The plan refuses a run without a database, so this fails only for a state made by hand.
 *
 * @throws LightsOutError `InvalidInput`.
 */
export function requireDatabase(plan: Pick<Plan, 'database'>): PlannedDatabase {
  if (plan.database !== undefined) return plan.database;
  throw new LightsOutError(
    ErrorName.InvalidInput,
    'plan.database: missing; expected the database that the plan found: start the run from its beginning',
  );
}

type Looked = Partial<Pick<ShutdownState, 'plan' | 'inspection' | 'serversLook'>>;

/** Every reason not to begin: from the plan's look, the inspection of the database, and the look at the servers. */
export function reasonsOf({ plan, inspection, serversLook }: Looked): Reason[] {
  return [plan, inspection, serversLook].flatMap((part) => part?.reasons ?? []);
}

/** Every warning for people, before a run begins. */
export function warningsOf({ plan, serversLook }: Looked): string[] {
  return [plan, serversLook].flatMap((part) => part?.warnings ?? []);
}
