import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { sfn } from './aws/clients.ts';
import { isAwsError } from './aws/errors.ts';
import { deleteEvidence, readEvidence, writeEvidenceIf } from './aws/evidence.ts';
import { ErrorName, LightsOutError } from './contract/errors.ts';
import { EvidenceKey } from './contract/keys.ts';

/** What `locks/<system>` holds. */
export interface Lock {
  runId: string;
  executionArn: string;
  since: string;
  requestedBy?: string;
}

/** Two rounds decide any race: whoever loses the second one found a living holder. */
const ATTEMPTS = 3;

/**
 * Takes the system's lock for a run by a conditional write. Held by this very run already (a lost answer) it is taken; held by
 * a run that is over, it is taken over.
 *
 * @returns the run it was taken over from, if any.
 * @throws LightsOutError `RunInProgress` naming the run that holds it.
 */
export async function takeLock(system: string, lock: Lock): Promise<string | undefined> {
  const key = EvidenceKey.lock(system);
  let holder: Lock | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if ((await writeEvidenceIf(key, lock)) !== undefined) return undefined;
    const held = await readEvidence<Lock>(key);
    if (held === undefined) continue;
    holder = held.value;
    if (holder.executionArn === lock.executionArn) return undefined;
    if (await isRunning(holder.executionArn)) break;
    if ((await writeEvidenceIf(key, lock, held.etag)) !== undefined) return holder.runId;
  }
  throw new LightsOutError(
    ErrorName.RunInProgress,
    `system ${system}: run ${holder?.runId ?? 'unknown'} (${holder?.executionArn ?? 'unknown'}) holds the lock since ${holder?.since ?? 'just now'}; ` +
      'expected no other run: wait until it has ended, or stop that execution',
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
  const held = await readEvidence<Lock>(EvidenceKey.lock(system));
  return held !== undefined && (await isRunning(held.value.executionArn)) ? held.value : undefined;
}

async function isRunning(executionArn: string): Promise<boolean> {
  try {
    const execution = await sfn().send(new DescribeExecutionCommand({ executionArn }));
    return execution.status === 'RUNNING' || execution.status === 'PENDING_REDRIVE';
  } catch (error) {
    if (isAwsError(error, 'ExecutionDoesNotExist')) return false;
    throw error;
  }
}
