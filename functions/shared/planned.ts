import { ErrorName, LightsOutError } from './contract/errors.ts';
import type { Plan, PlannedDatabase } from './contract/state.ts';

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
