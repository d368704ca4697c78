import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { Answers } from '../../contract/principal.ts';
import type { Approval, ExecutionReference, ShutdownState } from '../../contract/state.ts';
import { type Verdict, weigh } from '../../guard/approvals.ts';
import { readEvidence } from '../../runtime/evidence.ts';

/**
 * Believes a yes only if it is recorded. Anybody who may read the execution's history finds the task token there and may tell the workflow
 * that the run is approved. Only the API's role can write the record. The workflow's answer is not looked at.
 *
 * @throws LightsOutError `ApprovalDenied` when the records hold too few yeses, or a no.
 */
export async function confirmApproval(
  execution: ExecutionReference,
  { run, config }: Pick<ShutdownState, 'run' | 'config'>,
): Promise<Approval> {
  const held = (await readEvidence<Answers>(EvidenceKey.answers(run.id)))?.value;
  const answers = held?.executionArn === execution.id ? held.answers : [];
  const verdict = weigh(answers, run.requester ?? 'unknown', config.approval ?? { principals: [] });
  if (!verdict.isApproved) throw notApproved(run.id, verdict);
  const { approvals } = verdict;
  return {
    approvedBy: approvals.map(({ by }) => by.id).join(', '),
    approvedAt: approvals.at(-1)?.at ?? '',
    approvals,
  };
}

function notApproved(runId: string, { needed, approvals, denied }: Verdict): LightsOutError {
  const key = EvidenceKey.answers(runId);
  const found =
    denied === undefined
      ? `holds ${approvals.length} of ${needed} approvals${approvals.length === 0 ? '' : ` (${approvals.map(({ by }) => by.id).join(', ')})`}`
      : `holds a no of ${denied.by.id}`;
  return new LightsOutError(
    ErrorName.ApprovalDenied,
    `the workflow was told that run ${runId} is approved, and the record ${key} ${found}; expected each yes on record, where only the operator API writes. ` +
      'Somebody who knows the task token may have answered in the place of the approvers: find out who called SendTaskSuccess. Nothing was touched',
  );
}
