import { ErrorName, isShutOut, LightsOutError, messageOf } from '../contract/errors.ts';
import { EvidenceKey } from '../contract/keys.ts';
import type { ExecutionReference, Outcome, RunContext } from '../contract/state.ts';
import { heldLock, isHeldFor, requireNoCleanUp } from '../guard/lock.ts';
import { readEvidence, writeEvidenceIf } from '../runtime/evidence.ts';
import { log } from '../runtime/log.ts';
import type { Certificate } from './certificate.ts';
import { failureOf, outcomeOf, type ReachedState, summaryOf } from './outcome.ts';
import type { Told } from './tell.ts';

export interface ReportResult {
  outcome: Outcome;
  /** One sentence, for the execution's own cause. */
  summary: string;
  certificateKey: string;
  reportKey: string;
  mailsSent: number;
  /** Redrives of the execution when it was closed. */
  redrives: number;
}

/**
 * Answers for a run that was closed already and whose lock was released. Either an earlier call of this closing did both and its answer was
 * lost, or CleanUp did both before the run was redriven. The certificate then tells how the system was left, the people were told, and the
 * system belongs to others. So nothing is stored and nobody is told again.
 *
 * If a clean-up is under way, it releases the lock or closes the run itself: the workflow waits for it.
 *
 * @param byCleanUp CleanUp asks, under its own lock.
 * @returns undefined when the run has to be closed. An unreadable bucket does not prevent the closing.
 * @throws LightsOutError `CleanUpUnderWay`.
 */
export async function closedBy(
  execution: ExecutionReference,
  state: ReachedState,
  byCleanUp: boolean,
): Promise<ReportResult | undefined> {
  const { run, acceptance, failure } = state;
  if (run === undefined || run.dryRun) return undefined;
  // A run that never held the lock is closed without it.
  if (acceptance === undefined && !isShutOut(failure?.Error)) return undefined;
  let certificate: Certificate | undefined;
  let told: Told | undefined;
  try {
    const lock = await heldLock(run.system);
    if (!byCleanUp) requireNoCleanUp(run.system, lock, execution.id);
    if (isHeldFor(lock, execution.id)) return undefined;
    certificate = (await readEvidence<Certificate>(EvidenceKey.certificate(run.system, run.id)))?.value;
    told = (await readEvidence<Told>(EvidenceKey.closed(run.system, run.id)))?.value;
  } catch (error) {
    if (error instanceof LightsOutError && error.name === ErrorName.CleanUpUnderWay) throw error;
    log('warn', 'report: whether the run was closed before could not be seen; it is closed', {
      reason: messageOf(error),
    });
    return undefined;
  }
  if (certificate === undefined) return undefined;
  // Later failures of the run, for example that it was shut out, are not part of the certificate.
  const outcome = outcomeOf(state) === certificate.outcome ? certificate.outcome : 'failed';
  return {
    outcome,
    summary: summaryOf(outcome, failureOf(state)),
    certificateKey: EvidenceKey.certificate(run.system, run.id),
    reportKey: EvidenceKey.report(run.system, run.id),
    mailsSent: told?.sent ?? 0,
    redrives: execution.redriveCount ?? 0,
  };
}

/** Keeps the certificate from before a redrive under a name of its own, once a redrive. */
export async function keepEarlier({ system, id }: RunContext, redrives: number): Promise<void> {
  const earlier = await readEvidence<Certificate>(EvidenceKey.certificate(system, id));
  if (earlier === undefined || (earlier.value.redrives ?? 0) >= redrives) return;
  await writeEvidenceIf(EvidenceKey.certificateBefore(system, id, redrives), earlier.value);
}
