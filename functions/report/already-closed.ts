import { defined } from '../contract/defined.ts';
import { isShutOut, messageOf } from '../contract/errors.ts';
import { EvidenceKey } from '../contract/keys.ts';
import type { ExecutionReference, Failure, Outcome } from '../contract/state.ts';
import { heldLock, isHeldFor } from '../guard/lock.ts';
import { readEvidence } from '../runtime/evidence.ts';
import { log } from '../runtime/log.ts';
import type { Certificate } from './certificate.ts';
import { errorOf, failureOf, outcomeOf, type ReachedState, summaryOf } from './outcome.ts';
import type { Told } from './tell.ts';

export interface ReportResult {
  outcome: Outcome;
  /** One sentence, for the execution's own cause. */
  summary: string;
  certificateKey: string;
  reportKey: string;
  mailsSent: number;
  /** The error by which the execution ends. Absent when the run ended well. */
  error?: Failure;
}

/**
 * Answers for a run that was closed already and whose lock was released: an earlier call of this closing, or CleanUp, did both. The
 * certificate then tells how the system was left, the people were told, and the system belongs to others. So nothing is stored and nobody is
 * told again.
 *
 * @returns undefined when the run has to be closed. An unreadable bucket does not prevent the closing.
 */
export async function closedBy(
  execution: ExecutionReference,
  state: ReachedState,
): Promise<ReportResult | undefined> {
  const { run, acceptance, failure } = state;
  if (run === undefined || run.dryRun) return undefined;
  // A run that never held the lock is closed without it.
  if (acceptance === undefined && !isShutOut(failure?.Error)) return undefined;
  let certificate: Certificate | undefined;
  let told: Told | undefined;
  try {
    const lock = await heldLock(run.system);
    if (isHeldFor(lock, execution.id)) return undefined;
    certificate = (await readEvidence<Certificate>(EvidenceKey.certificate(run.system, run.id)))?.value;
    told = (await readEvidence<Told>(EvidenceKey.closed(run.system, run.id)))?.value;
  } catch (error) {
    log('warn', 'report: whether the run was closed before could not be seen; it is closed', {
      reason: messageOf(error),
    });
    return undefined;
  }
  if (certificate === undefined) return undefined;
  // Later failures of the run, for example that it was shut out, are not part of the certificate.
  const outcome = outcomeOf(state) === certificate.outcome ? certificate.outcome : 'failed';
  const summary = summaryOf(outcome, failureOf(state));
  return {
    outcome,
    summary,
    ...defined({ error: errorOf(state, outcome, summary) }),
    certificateKey: EvidenceKey.certificate(run.system, run.id),
    reportKey: EvidenceKey.report(run.system, run.id),
    mailsSent: told?.sent ?? 0,
  };
}
