import { SendTaskFailureCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { sfn } from '../shared/aws/clients.ts';
import { isAwsError } from '../shared/aws/errors.ts';
import { deleteEvidence, readEvidence } from '../shared/aws/evidence.ts';
import { readConfiguration } from '../shared/configuration.ts';
import { ErrorName } from '../shared/contract/errors.ts';
import { describeIssues } from '../shared/contract/input.ts';
import { EvidenceKey } from '../shared/contract/keys.ts';
import type { Approval } from '../shared/contract/state.ts';
import { log } from '../shared/log.ts';
import type { PendingApproval } from '../shared/pending-approval.ts';
import { HttpError } from './http-error.ts';
import { isSamePerson, mayApprove } from './principals.ts';
import { runIdOfExecution } from './runs.ts';

const Decision = z.strictObject({
  decision: z.enum(['approve', 'deny'], { error: 'expected "approve" or "deny"' }),
  /** Kept with a denial. */
  comment: z.string().max(500).optional(),
});

/**
 * Answers a run that waits for approval. Only the principals of the configuration may, and never the one who asked for
 * the run.
 */
export async function answerApproval(
  id: string,
  body: unknown,
  caller: string,
): Promise<{ run: string; decision: string }> {
  const parsed = Decision.safeParse(body);
  if (!parsed.success)
    throw new HttpError(400, 'the body is not a valid answer', describeIssues(parsed.error, 'body'));
  const config = await readConfiguration();
  const principals = config.approval?.principals ?? [];
  if (!principals.some((principal) => mayApprove(principal, caller))) {
    throw new HttpError(403, `${caller} is not among the approvers of "${config.name}"`);
  }
  const key = EvidenceKey.approval(config.name, await runIdOfExecution(id));
  const pending = await readEvidence<PendingApproval>(key);
  if (pending === undefined) throw new HttpError(409, 'the run does not wait for an approval');
  if (pending.value.requestedBy !== undefined && isSamePerson(pending.value.requestedBy, caller)) {
    throw new HttpError(403, 'a run cannot be approved by the person who requested it');
  }
  const taken = await answer(pending.value.token, parsed.data, caller);
  // Either way the token is of no more use; a newer one, of a repeated request, stays.
  await deleteEvidence(key, pending.etag);
  if (!taken) {
    throw new HttpError(409, 'the run no longer waits for this approval: it was answered, or its time is up');
  }
  log('info', 'api: approval answered', { run: id, decision: parsed.data.decision, by: caller });
  return { run: id, decision: parsed.data.decision };
}

/** Hands the answer to the workflow; false when it no longer waits for one. */
async function answer(
  taskToken: string,
  { decision, comment }: z.infer<typeof Decision>,
  caller: string,
): Promise<boolean> {
  const approval: Approval = { approvedBy: caller, approvedAt: new Date(Date.now()).toISOString() };
  try {
    if (decision === 'approve') {
      await sfn().send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(approval) }));
    } else {
      const cause = `${caller} said no${comment === undefined ? '' : `: ${comment}`}`;
      await sfn().send(new SendTaskFailureCommand({ taskToken, error: ErrorName.ApprovalDenied, cause }));
    }
    return true;
  } catch (error) {
    if (isAwsError(error, 'TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken')) return false;
    throw error;
  }
}
