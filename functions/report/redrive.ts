import { databaseKindOf } from '../aws/rds/kinds.ts';
import { isShutOut } from '../contract/errors.ts';
import { EvidenceKey } from '../contract/keys.ts';
import type { ExecutionReference, Redriven } from '../contract/state.ts';
import { heldLock, isHeldFor, releaseLock, takeLock } from '../guard/lock.ts';
import { askedBy, requesterInWords } from '../notices/requester.ts';
import { readEvidence } from '../runtime/evidence.ts';
import type { Certificate } from './certificate.ts';
import { failureOf, isTouched, lostLock, type ReachedState } from './outcome.ts';
import { type EndedRun, refused, requireNobodySince, requireStillProved } from './redrive-conditions.ts';

/**
 * Where a redriven run goes on, under its own lock, which it takes again; undefined when nothing is left for it to do. Past the point of no
 * return it switches off what is still on, as long as what it had proved holds, for which a database that is on is looked at once more; a roll back that was not complete is made again; what was not closed is
 * closed.
 *
 * The lock is given back unless the run goes on. A call that is lost in between leaves it with an execution that fails, which CleanUp then closes.
 *
 * @throws LightsOutError `RunInProgress` naming who holds the lock, `RedriveRefused`, `VerificationImpossible`.
 */
export async function wayOn(
  execution: ExecutionReference,
  state: ReachedState,
  count: number,
): Promise<Redriven | undefined> {
  const { run, config, acceptance } = state;
  // It never began: no lock, nothing touched.
  if (run === undefined || config === undefined || acceptance === undefined) return undefined;
  const at = new Date(Date.now()).toISOString();
  const read = async (): Promise<EndedRun> => ({
    run,
    config,
    state,
    certificate: (await readEvidence<Certificate>(EvidenceKey.certificate(run.system, run.id)))?.value,
  });
  const answer = (next: Redriven['next'], { certificate }: EndedRun): Redriven => {
    // That it was shut out is not what had ended it.
    const wasShutOut = isShutOut(state.failure?.Error) || (next === 'roll-back' && lostLock(state));
    const earlier = next === 'roll-back' ? state.redriven?.failure : undefined;
    const failure = wasShutOut ? (certificate?.failure ?? failureOf(state)) : earlier;
    return { count, at, next, ...(failure === undefined ? {} : { failure }) };
  };
  if (run.dryRun) {
    const ended = await read();
    return answer(ended.certificate === undefined ? 'close' : 'succeeded', ended);
  }
  const lock = await heldLock(run.system);
  // Of a CleanUp that died: one that is alive keeps it.
  const begun = lock?.cleaning === execution.id ? lock.begun : undefined;
  const isUnbroken = isHeldFor(lock, execution.id);
  await takeLock(
    run.system,
    {
      runId: run.id,
      executionArn: execution.id,
      since: at,
      requestedBy: requesterInWords(askedBy(run), 'en'),
    },
    execution.id,
  );
  let next: Redriven['next'] | undefined;
  try {
    const ended = await read();
    next = await nextOf(ended, isUnbroken, begun === 'roll-back');
    return next === undefined ? undefined : answer(next, ended);
  } finally {
    if (next === undefined || next === 'succeeded') await releaseLock(run.system, execution.id);
  }
}

/**
 * @param isUnbroken the lock was this run's all the time, or CleanUp's for it.
 * @param isRollingBack CleanUp had begun to roll back, and died.
 */
async function nextOf(
  ended: EndedRun,
  isUnbroken: boolean,
  isRollingBack: boolean,
): Promise<Redriven['next'] | undefined> {
  const { run, state, certificate } = ended;
  const outcome = certificate?.outcome;
  if (certificate === undefined && !isUnbroken)
    throw refused(run, 'its lock was gone, and nobody had closed it: somebody took it away by hand');
  if (outcome === 'succeeded') return 'succeeded';
  if (outcome !== undefined && outcome !== 'partly-off' && outcome !== 'failed') return undefined;
  if (!isTouched(state)) return outcome === undefined ? 'close' : undefined;
  // CleanUp has found all of it on, and could not bring the rest back, or the run found its lock gone: nothing is off, so back is the way to go on.
  const wasRolledBack = outcome === 'failed' && certificate?.cleanedUp !== undefined;
  const isPast = state.lock !== undefined && state.rollback === undefined && !wasRolledBack && !isRollingBack;
  if (isPast && state.failure !== undefined)
    throw refused(run, 'it failed past the point of no return in a way that it has no way on from');
  await requireNobodySince(ended);
  if (!isPast) return 'roll-back';
  await requireStillProved(ended);
  // Until it is stopped it may be written to, and what was seen of it last is of then.
  const status = await databaseKindOf(ended.config).status(ended.config.database.identifier);
  const isOff = status === 'stopped' || status === 'stopping';
  return isOff || run.verification === 'none' ? 'switch-off' : 'confirm-source';
}
