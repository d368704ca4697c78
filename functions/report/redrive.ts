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
 * Finds where a redriven run goes on, under its own lock, which the run takes again. Undefined when nothing is left to do. Past the point
 * of no return the run switches off the remaining resources, as long as its proof holds. If the database is on, the source is looked at
 * again first. An incomplete roll back is made again. An unclosed run is closed.
 *
 * The lock is released unless the run goes on. If the call is lost in between, the lock stays with an execution that fails, and CleanUp
 * closes that run.
 *
 * @throws LightsOutError `RunInProgress` naming the holder of the lock, `RedriveRefused`, `VerificationImpossible`.
 */
export async function wayOn(
  execution: ExecutionReference,
  state: ReachedState,
  count: number,
): Promise<Redriven | undefined> {
  const { run, config, acceptance } = state;
  // The run never began: it has no lock and touched nothing.
  if (run === undefined || config === undefined || acceptance === undefined) return undefined;
  const at = new Date(Date.now()).toISOString();
  const read = async (): Promise<EndedRun> => ({
    run,
    config,
    state,
    certificate: (await readEvidence<Certificate>(EvidenceKey.certificate(run.system, run.id)))?.value,
  });
  const answer = (next: Redriven['next'], { certificate }: EndedRun): Redriven => {
    // Being shut out is not the failure that ended the run in the first place.
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
  // The lock of a CleanUp that died. A living CleanUp keeps its lock.
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
 * @param isUnbroken this run, or CleanUp for it, held the lock all the time.
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
  // Nothing is off: CleanUp found every resource on and could not bring the rest back, or the run found its lock gone. So the run goes on
  // with a roll back.
  const wasRolledBack = outcome === 'failed' && certificate?.cleanedUp !== undefined;
  const isPast = state.lock !== undefined && state.rollback === undefined && !wasRolledBack && !isRollingBack;
  if (isPast && state.failure !== undefined)
    throw refused(run, 'it failed past the point of no return in a way that it has no way on from');
  await requireNobodySince(ended);
  if (!isPast) return 'roll-back';
  await requireStillProved(ended);
  // Until the database is stopped, somebody may write to it, so the last look may be out of date.
  const status = await databaseKindOf(ended.config).status(ended.config.database.identifier);
  const isOff = status === 'stopped' || status === 'stopping';
  return isOff || run.verification === 'none' ? 'switch-off' : 'confirm-source';
}
