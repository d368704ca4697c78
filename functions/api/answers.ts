import { EvidenceKey } from '../contract/keys.ts';
import type { Answer, Answers } from '../contract/principal.ts';
import type { ApprovalState } from '../contract/run-status.ts';
import { approvalsNeeded } from '../guard/approvals.ts';
import type { PendingApproval } from '../guard/pending-approval.ts';
import { changeEvidence, readEvidence } from '../runtime/evidence.ts';

type Request = Pick<PendingApproval, 'executionArn' | 'requester'>;

const none = ({ executionArn, requester = 'unknown' }: Request): Answers => ({
  executionArn,
  needed: approvalsNeeded(requester),
  answers: [],
});

/** The answers to a request so far. */
export async function readAnswers(runId: string, request: Request): Promise<Answers> {
  const held = (await readEvidence<Answers>(EvidenceKey.answers(runId)))?.value;
  return held?.executionArn === request.executionArn ? held : none(request);
}

/**
 * Records an answer before the workflow hears of it. The workflow believes no other answer. Repeating an answer changes nothing.
 *
 * @returns all answers to that request.
 */
export async function recordAnswer(runId: string, request: Request, answer: Answer): Promise<Answer[]> {
  const { value } = await changeEvidence<Answers>(EvidenceKey.answers(runId), (held) => {
    const known = held?.executionArn === request.executionArn ? held : none(request);
    const isKnown = known.answers.some(
      ({ by, decision }) => by.id === answer.by.id && decision === answer.decision,
    );
    return isKnown ? undefined : { ...known, answers: [...known.answers, answer] };
  });
  return value?.answers ?? [];
}

/** The state of a run's approval. Undefined if the run waits for none and never had an answer. */
export async function approvalState(
  system: string,
  runId: string,
  executionArn: string,
): Promise<ApprovalState | undefined> {
  const pending = (await readEvidence<PendingApproval>(EvidenceKey.approval(system, runId)))?.value;
  const { needed, answers } = await readAnswers(runId, pending ?? { executionArn });
  if (pending === undefined && answers.length === 0) return undefined;
  return {
    needed,
    approvedBy: answers.filter(({ decision }) => decision === 'approve').map(({ by }) => by.id),
  };
}
