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
  if (!principals.some((principal) => matches(principal, caller))) {
    throw new HttpError(403, `${caller} is not among the approvers of "${config.name}"`);
  }
  const key = EvidenceKey.approval(config.name, await runIdOfExecution(id));
  const pending = await readEvidence<PendingApproval>(key);
  if (pending === undefined) throw new HttpError(409, 'the run does not wait for an approval');
  if (pending.value.requestedBy !== undefined && samePerson(pending.value.requestedBy, caller)) {
    throw new HttpError(403, 'a run cannot be approved by the person who requested it');
  }
  await answer(pending.value.token, parsed.data, caller);
  await deleteEvidence(key);
  log('info', 'api: approval answered', { run: id, decision: parsed.data.decision, by: caller });
  return { run: id, decision: parsed.data.decision };
}

async function answer(
  taskToken: string,
  { decision, comment }: z.infer<typeof Decision>,
  caller: string,
): Promise<void> {
  const approval: Approval = { approvedBy: caller, approvedAt: new Date(Date.now()).toISOString() };
  try {
    if (decision === 'approve') {
      await sfn().send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(approval) }));
    } else {
      const cause = `${caller} said no${comment === undefined ? '' : `: ${comment}`}`;
      await sfn().send(new SendTaskFailureCommand({ taskToken, error: ErrorName.ApprovalDenied, cause }));
    }
  } catch (error) {
    if (isAwsError(error, 'TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken')) {
      throw new HttpError(
        409,
        'the run no longer waits for this approval: it was answered, or its time is up',
      );
    }
    throw error;
  }
}

/** A role in the configuration stands for every session of it: `arn:aws:sts::1:assumed-role/Name/session`. */
function matches(principal: string, caller: string): boolean {
  return principal === caller || roleOf(principal) === roleOf(caller);
}

/** Two sessions of one role may be two people: only the whole ARN tells a person. */
function samePerson(requester: string, caller: string): boolean {
  return requester === caller;
}

/** `account/role name` of a role's or a session's ARN; anything else stands for itself. */
function roleOf(arn: string): string {
  const role = /^arn:[^:]+:(?:iam::(\d+):role|sts::(\d+):assumed-role)\/(.+)$/.exec(arn);
  if (role === null) return arn;
  const [, iamAccount, stsAccount, path = ''] = role;
  const name = iamAccount === undefined ? path.split('/')[0] : path.split('/').at(-1);
  return `${iamAccount ?? stsAccount}/${name}`;
}
