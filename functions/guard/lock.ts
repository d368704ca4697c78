import { findExecution, isUnderWay } from '../aws/executions.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';
import { EvidenceKey } from '../contract/keys.ts';
import { changeEvidence, deleteEvidence, readEvidence, writeEvidenceIf } from '../runtime/evidence.ts';

/** What `locks/<system>` holds. */
export interface Lock {
  runId: string;
  executionArn: string;
  since: string;
  requestedBy?: string;
  /** The execution that is cleaned up after: then `executionArn` is the one that does it. */
  cleaning?: string;
  /** What CleanUp has begun to do: from then on the run does not get its lock back to go on, whatever becomes of that execution. */
  begun?: 'roll-back' | 'close';
}

/** Two rounds decide any race: whoever loses the second one found a living holder. */
const ATTEMPTS = 3;

/**
 * Takes the system's lock for a run by a conditional write. Held by this very run already (a lost answer) it is taken; held by
 * a run that is over, it is taken over. A run that is over and was never closed may have left the system half stopped: only who cleans up
 * after it, `after`, takes over from it.
 *
 * @param after ARN of the execution that is being cleaned up after.
 * @returns the run it was taken over from, if any.
 * @throws LightsOutError `RunInProgress` naming the run that holds it.
 */
export async function takeLock(system: string, lock: Lock, after?: string): Promise<string | undefined> {
  const key = EvidenceKey.lock(system);
  let holder: Lock | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if ((await writeEvidenceIf(key, lock)) !== undefined) return undefined;
    const held = await readEvidence<Lock>(key);
    if (held === undefined) continue;
    holder = held.value;
    if (holder.executionArn === lock.executionArn) return undefined;
    if (await isRunning(holder.executionArn)) break;
    const own = after !== undefined && [holder.executionArn, holder.cleaning].includes(after);
    if (!own && !(await isClosed(system, holder))) throw notCleanedUp(system, holder);
    if ((await writeEvidenceIf(key, lock, held.etag)) !== undefined) return holder.runId;
  }
  throw inProgress(system, holder);
}

/**
 * Requires that no other run holds the lock. Asked before anything is looked at: what a new run finds while another one is at work, a database
 * that is backed up, servers that are stopping, is that run's doing and no reason of its own.
 *
 * @throws LightsOutError `RunInProgress` naming the run that holds it, or that is not cleaned up after yet.
 */
export async function requireFreeLock(system: string, executionArn: string): Promise<void> {
  const holder = await heldLock(system);
  if (holder === undefined || holder.executionArn === executionArn) return;
  if (await isRunning(holder.executionArn)) throw inProgress(system, holder);
  if (!(await isClosed(system, holder))) throw notCleanedUp(system, holder);
}

function inProgress(system: string, holder: Lock | undefined): LightsOutError {
  const since = `since ${holder?.since ?? 'just now'}`;
  return new LightsOutError(
    ErrorName.RunInProgress,
    holder?.cleaning === undefined
      ? `system ${system}: run ${holder?.runId ?? 'unknown'} (${holder?.executionArn ?? 'unknown'}) holds the lock ${since}; ` +
          'expected no other run: wait until it has ended, or stop that execution'
      : `system ${system}: run ${holder.runId} (${holder.cleaning}) holds the lock ${since}; it ended without closing and is being cleaned up after by ` +
          `${holder.executionArn}; expected no other run: wait until that execution has ended`,
  );
}

/**
 * The certificate is the last but the notices: a run that has one left nothing half done that it does not tell. One that was redriven took its
 * lock again after that: then the certificate has to be newer than the lock.
 */
export async function isClosed(
  system: string,
  { runId, since }: Pick<Lock, 'runId'> & Partial<Pick<Lock, 'since'>>,
): Promise<boolean> {
  const certificate = await readEvidence<{ closedAt?: string }>(EvidenceKey.certificate(system, runId));
  if (certificate === undefined) return false;
  return !(Date.parse(certificate.value.closedAt ?? '') < Date.parse(since ?? ''));
}

function notCleanedUp(system: string, holder: Lock): LightsOutError {
  return new LightsOutError(
    ErrorName.RunInProgress,
    `system ${system}: run ${holder.runId} (${holder.executionArn}) ended without closing and may have left the system half stopped; ` +
      'expected it cleaned up first, which the state machine LightsOut-<system>-CleanUp does within minutes, and again every hour: ' +
      'start the run again when the lock is gone, or see docs/operations.md, "RunAborted"',
  );
}

/** Whether a run holds the lock by its execution, or CleanUp holds it for that run. */
export function isHeldFor(lock: Lock | undefined, executionArn: string): boolean {
  return lock !== undefined && [lock.executionArn, lock.cleaning].includes(executionArn);
}

/** Whoever holds the lock, alive or not. */
export async function heldLock(system: string): Promise<Lock | undefined> {
  return (await readEvidence<Lock>(EvidenceKey.lock(system)))?.value;
}

/**
 * Requires that this run still holds the lock. A run that was stopped, cleaned up and redriven does not: what it had proved was proved
 * before the system was used again. While CleanUp holds it for the run, nothing is lost yet.
 *
 * @throws LightsOutError `LockLost`, `CleanUpUnderWay`.
 */
export async function requireLock(system: string, executionArn: string): Promise<void> {
  const lock = await heldLock(system);
  if (lock?.executionArn === executionArn) return;
  requireNoCleanUp(system, lock, executionArn);
  throw new LightsOutError(
    ErrorName.LockLost,
    `this run no longer holds the lock of ${system} (${lock === undefined ? 'nobody does' : `run ${lock.runId} does`}); expected it to: it was stopped and cleaned up ` +
      'meanwhile, so its backup may be older than the data. Start a new run',
  );
}

/**
 * Requires that nobody cleans up after this run just now: CleanUp gives the lock back when it sees that the run goes on, and is over soon when it has
 * begun to roll back.
 *
 * @throws LightsOutError `CleanUpUnderWay`.
 */
export function requireNoCleanUp(system: string, lock: Lock | undefined, executionArn: string): void {
  if (lock?.cleaning !== executionArn) return;
  throw new LightsOutError(
    ErrorName.CleanUpUnderWay,
    `the lock of ${system} is held by ${lock.executionArn}, which cleans up after this run since it was stopped; expected the run's own: the run was redriven meanwhile, ` +
      'and waits until the lock is given back. Where that takes longer than an hour, wait until that execution has ended and start a new run',
  );
}

/** Notes, before CleanUp touches anything, that it has begun: what the run had proved may be of then from now on. */
export async function noteCleanUpBegun(
  system: string,
  own: string,
  what: NonNullable<Lock['begun']>,
): Promise<void> {
  await changeEvidence<Lock>(EvidenceKey.lock(system), (lock) =>
    // A roll back that another execution had begun stays one.
    lock === undefined || lock.executionArn !== own || lock.begun === what || lock.begun === 'roll-back'
      ? undefined
      : { ...lock, begun: what },
  );
}

/**
 * Gives the lock back to a run that was redriven after CleanUp had taken it over and before any CleanUp had begun. Another execution of CleanUp that is alive keeps it.
 *
 * @param own ARN of the execution of CleanUp that calls.
 */
export async function giveLockBack(system: string, own: string, executionArn: string): Promise<void> {
  const key = EvidenceKey.lock(system);
  const held = await readEvidence<Lock>(key);
  if (held?.value.cleaning !== executionArn || held.value.begun !== undefined) return;
  const { cleaning: _run, ...lock } = held.value;
  if (lock.executionArn !== own && (await isRunning(lock.executionArn))) return;
  await writeEvidenceIf(key, { ...lock, executionArn }, held.etag);
}

/**
 * Requires that a roll back may start services and end maintenance mode: no other run is at work, and nobody has the system back since this
 * one was closed. CleanUp rolls back for a run under its own lock, which names that run. A lock that is simply gone, of a run that nobody has
 * closed, was deleted by hand: then the roll back is all that lets the users in again.
 *
 * @param runId the run that rolls back, `executionArn` its execution.
 * @throws LightsOutError `LockLost`.
 */
export async function requireNoOtherRun(system: string, runId: string, executionArn: string): Promise<void> {
  const lock = await heldLock(system);
  if (lock === undefined && !(await isClosed(system, { runId }))) return;
  if (isHeldFor(lock, executionArn)) return;
  throw new LightsOutError(
    ErrorName.LockLost,
    `run ${runId} no longer holds the lock of ${system} (${lock === undefined ? 'it was closed already' : `run ${lock.runId} does`}), so it left services and maintenance ` +
      'mode as they are; expected its own lock: it was stopped and cleaned up meanwhile. Start a new run',
  );
}

/** Releases the lock if this run holds it, unchanged since it was read; another run's lock stays. */
export async function releaseLock(system: string, executionArn: string): Promise<void> {
  const key = EvidenceKey.lock(system);
  const held = await readEvidence<Lock>(key);
  if (held?.value.executionArn === executionArn) await deleteEvidence(key, held.etag);
}

/** The living run that holds the lock, if any: nothing else may touch the system then. */
export async function livingHolder(system: string): Promise<Lock | undefined> {
  const lock = await heldLock(system);
  return lock !== undefined && (await isRunning(lock.executionArn)) ? lock : undefined;
}

async function isRunning(executionArn: string): Promise<boolean> {
  const execution = await findExecution(executionArn);
  return execution !== undefined && isUnderWay(execution);
}
