import { EnvironmentVariable } from '../../contract/environment.ts';
import type { CleanUpInput } from '../../contract/recovery.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import { runIdOf } from '../../runtime/run.ts';
import { heldLock, isClosed, livingHolder } from '../lock.ts';
import { endedLately } from './ended-executions.ts';
import type { Ended, Hint } from './events.ts';
import { startOnce } from './start-once.ts';

/**
 * Starts CleanUp for a run that ended without closing. There are two kinds: a run that still holds the lock (releasing it is a run's last
 * act), and a run that failed before it took the lock and told nobody. If an execution of CleanUp dies, another one follows for the same
 * run.
 *
 * @returns the run's id, if there is a run to clean up.
 */
export async function cleanUpAfterDead(system: string, { ended, hourly }: Hint): Promise<string | undefined> {
  const lock = await heldLock(system);
  const named = lock !== undefined && lock.executionArn === ended?.executionArn;
  // DescribeExecution may lag behind the event. CleanUp waits and finds out.
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

/** Starts the closing of a run that held no lock, unless the run is closed. */
async function closeUntold(system: string, ended: Ended): Promise<string | undefined> {
  const runId = runIdOf({ id: ended.executionArn, name: '', startTime: ended.startedAt });
  if (await isClosed(system, { runId })) return undefined;
  await start(ended.executionArn, ended.endedAt);
  return runId;
}

/** A redriven execution ends twice, perhaps within the hour, so the time of its end is part of the name. CleanUp finds done what is done. */
async function start(executionArn: string, endedAt: string | undefined): Promise<void> {
  const input: CleanUpInput = { executionArn };
  await startOnce('clean-up', environmentVariable(EnvironmentVariable.CleanUpArn), input, endedAt);
}
