import { findExecution, isRunning, isUnderWay } from '../aws/executions.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';
import { EvidenceKey } from '../contract/keys.ts';
import { deleteEvidence, readEvidence, writeEvidenceIf } from '../runtime/evidence.ts';

/** What `locks/<system>` holds. */
export interface Lock {
  runId: string;
  executionArn: string;
  since: string;
  requestedBy?: string;
  /** The execution whose run is being cleaned up. If it is set, `executionArn` is the CleanUp execution. */
  cleaning?: string;
}

/** Two rounds decide any race: the loser of the second round found a living holder. */
const ATTEMPTS = 3;

/**
 * Takes the system's lock for a run by a conditional write. If this run holds the lock already (an answer was lost), the lock counts as
 * taken. A lock whose run is over is taken over.
 * A run that ended without closing may have left the system half stopped. Only the CleanUp execution for that run (`after`) may take its
 * lock.
 *
 * @param after ARN of the execution that is being cleaned up.
 * @returns the run from which the lock was taken over, if any.
 * @throws LightsOutError `RunInProgress` naming the run that holds the lock.
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
    if (await isAlive(holder)) break;
    const own = after !== undefined && [holder.executionArn, holder.cleaning].includes(after);
    if (!own && !(await isClosed(system, holder))) throw notCleanedUp(system, holder);
    if ((await writeEvidenceIf(key, lock, held.etag)) !== undefined) return holder.runId;
  }
  throw inProgress(system, holder);
}

/**
 * Requires that no other run holds the lock. A new run asks before it looks at anything: a database in backup and stopping servers are then
 * the other run's work, no reasons to refuse.
 *
 * @throws LightsOutError `RunInProgress` naming the run that holds the lock, or the run that is not cleaned up yet.
 */
export async function requireFreeLock(system: string, executionArn: string): Promise<void> {
  const holder = await heldLock(system);
  if (holder === undefined || holder.executionArn === executionArn) return;
  if (await isAlive(holder)) throw inProgress(system, holder);
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
 * Tells whether a run has closed: only the notices follow the certificate, so a run with a certificate reports all that it left half done.
 */
export async function isClosed(system: string, { runId }: Pick<Lock, 'runId'>): Promise<boolean> {
  return (await readEvidence(EvidenceKey.certificate(system, runId))) !== undefined;
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

/** The holder of the lock, alive or not. */
export async function heldLock(system: string): Promise<Lock | undefined> {
  return (await readEvidence<Lock>(EvidenceKey.lock(system)))?.value;
}

/**
 * Requires that this run still holds the lock. A call may outlive its execution, and come to this place when CleanUp has taken the lock over:
 * the system may be used again after the run's proof.
 *
 * @throws LightsOutError `LockLost`.
 */
export async function requireLock(system: string, executionArn: string): Promise<void> {
  const lock = await heldLock(system);
  if (lock?.executionArn === executionArn) return;
  throw new LightsOutError(
    ErrorName.LockLost,
    `this run no longer holds the lock of ${system} (${lock === undefined ? 'nobody does' : `run ${lock.runId} does`}); expected it to: it was stopped and cleaned up ` +
      'meanwhile, so its backup may be older than the data. Start a new run',
  );
}

/**
 * Requires that a roll back may start services and end maintenance mode. No other run may be at work, and nobody may have taken the system
 * back since this run was closed.
 * CleanUp rolls back a run under its own lock, which names that run. If the lock of an unclosed run is missing, a person deleted it. Then
 * only the roll back lets the users in again.
 *
 * @param runId the run that rolls back; `executionArn` is its execution.
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

/** Releases the lock if this run holds it and the lock is unchanged since it was read. Another run's lock stays. */
export async function releaseLock(system: string, executionArn: string): Promise<void> {
  const key = EvidenceKey.lock(system);
  const held = await readEvidence<Lock>(key);
  if (held?.value.executionArn === executionArn) await deleteEvidence(key, held.etag);
}

/** The living run that holds the lock, if any. While it lives, nothing else may touch the system. */
export async function livingHolder(system: string): Promise<Lock | undefined> {
  const lock = await heldLock(system);
  return lock !== undefined && (await isAlive(lock)) ? lock : undefined;
}

async function isAlive({ executionArn, cleaning }: Lock): Promise<boolean> {
  const execution = await findExecution(executionArn);
  if (execution === undefined) return false;
  // CleanUp goes on where it ended, also when it was redriven.
  return isUnderWay(execution) || (cleaning !== undefined && isRunning(execution));
}
