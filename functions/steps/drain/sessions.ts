import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { ShutdownState } from '../../contract/state.ts';
import { engineOfSystem } from '../../databases/system-engine.ts';
import { requireDatabase } from '../../runtime/plan-results.ts';

/** The longest that a count may take, in seconds, so that it does not delay the drain. */
const STATEMENT_TIMEOUT_SECONDS = 30;

/**
 * Counts the people who are signed in.
 *
 * @throws LightsOutError `DatabaseUnreachable` when the database cannot be asked, `InvalidConfiguration` when `drain.sessionQuery` is wrong.
 */
export async function countUsers({ config, plan }: Pick<ShutdownState, 'config' | 'plan'>): Promise<number> {
  const { engine } = await engineOfSystem(config, requireDatabase(plan), STATEMENT_TIMEOUT_SECONDS);
  const { ignoreUsers, ignoreApplications, sessionQuery } = config.drain;
  const { databases } = config.database;
  try {
    return await engine.countSessions({ ignoreUsers, ignoreApplications, sessionQuery, databases });
  } catch (error) {
    if (error instanceof LightsOutError) throw error;
    throw new LightsOutError(
      ErrorName.DatabaseUnreachable,
      `the database at ${engine.endpoint} did not count its sessions (${engine.describe(error)}); ` +
        'expected an answer: check drain.sessionQuery and the database’s log',
    );
  }
}
