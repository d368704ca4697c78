import { EnvironmentVariable } from '../../contract/environment.ts';
import type { CleanUpInput } from '../../contract/recovery.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import { runIdOf } from '../../runtime/run.ts';
import { heldLock, isClosed, livingHolder } from '../lock.ts';
import { endedLately } from './ended-executions.ts';
import type { Ended, Hint } from './events.ts';
import { startOnce } from './start-once.ts';

/**
 * Has a run cleaned up that is over and was not closed: one that still holds the lock, since a run gives it back in its last act, or one that
 * ended before it held any, and nobody was told. An execution of CleanUp that died itself is followed by another for the same run.
 *
 * @returns the run's id, when there is one to clean up after.
 */
export async function cleanUpAfterDead(system: string, { ended, hourly }: Hint): Promise<string | undefined> {
  const lock = await heldLock(system);
  const named = lock !== undefined && lock.executionArn === ended?.executionArn;
  // What Step Functions says of an execution may be behind its own event: CleanUp, which is patient, finds out.
  const dead = lock !== undefined && (named || (await livingHolder(system)) === undefined);
  if (dead) await start(lock.cleaning ?? lock.executionArn, named ? ended?.endedAt : undefined);
  const untold: string[] = [];
  for (const each of ended === undefined ? (hourly ? await endedLately() : []) : [ended]) {
    const seenTo = [lock?.executionArn, lock?.cleaning].includes(each.executionArn);
    const runId = seenTo ? undefined : await closeUntold(system, each);
    if (runId !== undefined) untold.push(runId);
  }
  return dead ? lock.runId : untold[0];
}

/** Has a run closed that held no lock, if it is not. */
async function closeUntold(system: string, ended: Ended): Promise<string | undefined> {
  const runId = runIdOf({ id: ended.executionArn, name: '', startTime: ended.startedAt });
  if (await isClosed(system, { runId })) return undefined;
  await start(ended.executionArn, ended.endedAt);
  return runId;
}

/** An execution that is redriven may end a second time within the hour, so that it ended then is part of what it is about. */
async function start(executionArn: string, endedAt: string | undefined): Promise<void> {
  const input: CleanUpInput = { executionArn };
  await startOnce('clean-up', environmentVariable(EnvironmentVariable.CleanUpArn), input, endedAt);
}
