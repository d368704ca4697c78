import { EnvironmentVariable } from '../shared/contract/environment.ts';
import type { CleanUpInput } from '../shared/contract/recovery.ts';
import { environmentVariable } from '../shared/environment.ts';
import { heldLock, livingHolder } from '../shared/lock.ts';
import { startOnce } from './start-once.ts';

/**
 * Has a run cleaned up that is over and still holds the lock: a run gives it back in its last act, so what holds it has not closed. An
 * execution of CleanUp that died itself is followed by another for the same run.
 *
 * @returns the run's id, when there is one to clean up after.
 */
export async function cleanUpAfterDead(system: string): Promise<string | undefined> {
  const lock = await heldLock(system);
  if (lock === undefined || (await livingHolder(system)) !== undefined) return undefined;
  const input: CleanUpInput = { executionArn: lock.cleaning ?? lock.executionArn };
  await startOnce('clean-up', environmentVariable(EnvironmentVariable.CleanUpArn), input);
  return lock.runId;
}
