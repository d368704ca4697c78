import { SendTaskFailureCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { ErrorName } from '../contract/errors.ts';
import { EvidenceKey } from '../contract/keys.ts';
import type { Answer, Principal } from '../contract/principal.ts';
import type { ApprovalState } from '../contract/run-status.ts';
import type { Approval } from '../contract/state.ts';
import { describeIssues } from '../contract/wording.ts';
import { type Verdict, weigh, whyNotApprove } from '../guard/approvals.ts';
import type { PendingApproval } from '../guard/pending-approval.ts';
import { type ApprovalPeople, isEntitled } from '../guard/principals.ts';
import { isAwsError } from '../runtime/aws-errors.ts';
import { sfn } from '../runtime/clients.ts';
import { readConfiguration } from '../runtime/configuration.ts';
import { deleteEvidence, readEvidence } from '../runtime/evidence.ts';
import { log } from '../runtime/log.ts';
import { readAnswers, recordAnswer } from './answers.ts';
import { HttpError } from './http-error.ts';
import { runIdOfExecution } from './runs.ts';

const Decision = z.strictObject({
  decision: z.enum(['approve', 'deny'], { error: 'expected "approve" or "deny"' }),
  /** The reason for a denial. */
  comment: z.string().max(500).optional(),
});

export interface Answered extends ApprovalState {
  run: string;
  decision: string;
  /** What comes next, in a sentence. */
  next: string;
}

/**
 * Answers a run that waits for approval. Only the configured principals may answer. The requester's own yes does not count, the requester's
 * no does. The answer is recorded before the workflow hears of it. If a call dies in between, a repeat finishes it and changes nothing
 * twice.
 */
export async function answerApproval(id: string, body: unknown, caller: Principal): Promise<Answered> {
  const parsed = Decision.safeParse(body);
  if (!parsed.success)
    throw new HttpError(400, 'the body is not a valid answer', describeIssues(parsed.error, 'body', body));
  const { decision, comment } = parsed.data;
  const config = await readConfiguration();
  const people: ApprovalPeople = config.approval ?? { principals: [] };
  if (!isEntitled(people.principals, caller))
    throw new HttpError(
      403,
      `${caller.id} is not among the approvers of "${config.name}"; expected one of approval.principals`,
    );
  const runId = await runIdOfExecution(id);
  const key = EvidenceKey.approval(config.name, runId);
  const pending = await readEvidence<PendingApproval>(key);
  if (pending === undefined) throw new HttpError(409, 'the run does not wait for an approval');
  const { requester = 'unknown', token } = pending.value;

  const { answers: known } = await readAnswers(runId, pending.value);
  if (decision === 'approve') {
    const { approvals } = weigh(known, requester, people);
    const refusal = whyNotApprove(caller, requester, approvals, people);
    if (refusal !== undefined) {
      log('warn', 'api: approval refused', { run: id, by: caller.id, ...refusal });
      throw new HttpError(403, `${refusal.problem}: ${refusal.why}`);
    }
  }
  const answer: Answer = {
    decision,
    by: caller,
    at: new Date(Date.now()).toISOString(),
    ...(comment === undefined ? {} : { comment }),
  };
  const verdict = weigh(await recordAnswer(runId, pending.value, answer), requester, people);
  log('info', 'api: approval answered', {
    run: id,
    decision,
    by: caller.id,
    approvals: verdict.approvals.length,
    needed: verdict.needed,
  });
  const state = { needed: verdict.needed, approvedBy: verdict.approvals.map(({ by }) => by.id) };
  if (verdict.denied === undefined && !verdict.isApproved)
    return {
      run: id,
      decision,
      ...state,
      next: `${state.approvedBy.length} of ${state.needed} approvals: another person has to approve until ${pending.value.expiresAt}`,
    };
  const taken = await tellWorkflow(token, verdict);
  // The token is useless now, whatever happened. A newer token, of a repeated request, stays.
  await deleteEvidence(key, pending.etag);
  if (!taken)
    throw new HttpError(409, 'the run no longer waits for this approval: it was answered, or its time is up');
  if (verdict.denied !== undefined && decision === 'approve')
    throw new HttpError(409, `the run was denied already, by ${verdict.denied.by.id}`);
  const next = verdict.denied === undefined ? 'the run goes on' : 'the run ends; nothing was touched';
  return { run: id, decision, ...state, next };
}

/**
 * Hands the answer to the workflow.
 * @returns false when the workflow no longer waits for one.
 */
async function tellWorkflow(taskToken: string, { denied, approvals }: Verdict): Promise<boolean> {
  try {
    if (denied === undefined) {
      const approval: Approval = {
        approvedBy: approvals.map(({ by }) => by.id).join(', '),
        approvedAt: approvals.at(-1)?.at ?? '',
      };
      await sfn().send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(approval) }));
    } else {
      const cause = `${denied.by.id} said no${denied.comment === undefined ? '' : `: ${denied.comment}`}`;
      await sfn().send(new SendTaskFailureCommand({ taskToken, error: ErrorName.ApprovalDenied, cause }));
    }
    return true;
  } catch (error) {
    if (isAwsError(error, 'TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken')) return false;
    throw error;
  }
}
