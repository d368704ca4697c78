import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { Acceptance } from '../../contract/plan-state.ts';
import type { ExecutionReference, ShutdownState } from '../../contract/state.ts';
import { requireNoHold } from '../../guard/holds.ts';
import { shutdownBegins } from '../../guard/intent.ts';
import { isClosed, requireFreeLock, takeLock } from '../../guard/lock.ts';
import { askedBy, requesterInWords } from '../../notices/requester.ts';
import { writeEvidence } from '../../runtime/evidence.ts';
import { reasonsOf } from '../../runtime/plan-results.ts';

type State = Pick<ShutdownState, 'run' | 'config' | 'plan' | 'inspection' | 'serversLook'>;

/** Refuses with all reasons, or stores the plan and takes the lock (a dry run takes none). */
export async function accept(execution: ExecutionReference, state: State): Promise<Acceptance> {
  const { run, config, plan, inspection, serversLook } = state;
  const reasons = reasonsOf(state);
  const planKey = EvidenceKey.plan(config.name, run.id);
  await writeEvidence(planKey, {
    run,
    plan,
    inspection,
    ...(serversLook === undefined
      ? {}
      : { servers: { reasons: serversLook.reasons, warnings: serversLook.warnings } }),
    accepted: reasons.length === 0,
  });
  if (reasons.length > 0) {
    // Another run may have begun since this one looked. Then that run is the reason, and it caused the findings.
    if (!run.dryRun) await requireFreeLock(config.name, execution.id);
    const list = reasons.map(
      ({ resource, problem, remedy }, index) => `(${index + 1}) ${resource}: ${problem}; ${remedy}`,
    );
    throw new LightsOutError(
      ErrorName.PlanRejected,
      `${reasons.length === 1 ? '1 reason' : `${reasons.length} reasons`} not to begin, nothing was touched: ${list.join('. ')}`,
    );
  }
  if (run.dryRun) return { planKey };
  await requireNoHold(run, run.at);
  if (await isClosed(config.name, { runId: run.id })) {
    throw new LightsOutError(
      ErrorName.LockLost,
      `run ${run.id} was stopped and closed before its plan was accepted, so the plan is of then; nothing was touched. Start a new run`,
    );
  }
  const takenOverFrom = await takeLock(config.name, {
    runId: run.id,
    executionArn: execution.id,
    since: run.startedAt,
    requestedBy: requesterInWords(askedBy(run), 'en'),
  });
  // Only this run may stop the system now, and a roll back leaves it on. A run that only proves a backup leaves the mark as it is.
  if (run.onlyProve !== true) await shutdownBegins(run);
  return { planKey, ...(takenOverFrom === undefined ? {} : { takenOverFrom }) };
}
