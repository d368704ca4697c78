import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { Approval, ExecutionReference, ShutdownState } from '../../contract/state.ts';
import { approvalsNeeded } from '../../guard/approvals.ts';
import { requireLock } from '../../guard/lock.ts';
import type { PendingApproval } from '../../guard/pending-approval.ts';
import { askedBy } from '../../notices/requester.ts';
import { sendNotice } from '../../notices/send.ts';
import { writeEvidence } from '../../runtime/evidence.ts';
import { warningsOf } from '../../runtime/plan-results.ts';
import { defineStep } from '../../runtime/step.ts';
import { confirmApproval } from './confirm.ts';

export interface AskEvent {
  action: 'request';
  execution: ExecutionReference;
  /**
   * The task token of `$$.Task.Token`, kept out of evidence and logs. The execution's history holds the token all the same, in the
   * parameters of the event TaskScheduled
   * (https://docs.aws.amazon.com/step-functions/latest/apireference/API_TaskScheduledEventDetails.html). So the token alone proves no yes.
   */
  token: string;
  state: Pick<ShutdownState, 'run' | 'config' | 'plan' | 'serversLook'>;
}

export type ApproveEvent =
  | AskEvent
  | { action: 'confirm'; execution: ExecutionReference; state: Pick<ShutdownState, 'run' | 'config'> };

/**
 * Asks the approvers and keeps the task token for the API, which answers the workflow (`request`). Afterwards compares the workflow's
 * answer with the API's record (`confirm`).
 *
 * Trigger: the workflow's state "Await approval", which waits for the token, and the state after it. A repeated call stores the newer token
 * and asks again: an approver may get two mails, but never answers a dead token.
 * The lock is looked at first: nobody is asked for a run that was cleaned up.
 * Rejects with `LockLost`, `ApprovalDenied`, with `AnnouncementFailed` when no approver could be asked.
 */
export const handler = defineStep(
  'approve',
  async (event: ApproveEvent): Promise<{ asked: number } | Approval> => {
    if (event.action === 'confirm') return confirmApproval(event.execution, event.state);
    if (event.action === 'request') return ask(event);
    throw new LightsOutError(ErrorName.InvalidInput, 'action: expected "request" or "confirm"');
  },
);

async function ask(event: AskEvent): Promise<{ asked: number }> {
  const { run, config, plan } = event.state;
  if (config.approval === undefined) {
    throw new LightsOutError(
      ErrorName.InvalidConfiguration,
      'approval: not configured, but the workflow waits for one; deploy the stack again',
    );
  }
  await requireLock(run.system, event.execution.id);
  const expiresAt = new Date(Date.now() + config.approval.timeoutMinutes * 60_000).toISOString();
  const pending: PendingApproval = {
    token: event.token,
    runId: run.id,
    executionArn: run.executionArn,
    expiresAt,
    requester: run.requester ?? 'unknown',
  };
  await writeEvidence(EvidenceKey.approval(config.name, run.id), pending);
  const { sent } = await sendNotice(config, {
    kind: 'approval-request',
    audience: 'approvers',
    occurrence: 'request',
    facts: {
      runId: run.id,
      system: config.name,
      displayName: config.displayName,
      timeZone: config.timeZone,
      at: run.at,
      expectedSeconds: plan.expected.totalSeconds,
      expiresAt,
      warnings: [
        ...warningsOf(event.state),
        ...plan.pendingUpdates.map((update) => `${update.resource}: ${update.description} (${update.kind})`),
      ],
      execution: event.execution.name,
      approvalsNeeded: approvalsNeeded(run.requester ?? 'unknown'),
      ...(run.verification === 'none' ? { unverified: true } : {}),
      ...(run.reason === undefined ? {} : { reason: run.reason }),
      ...askedBy(run),
    },
  });
  if (sent === 0) {
    throw new LightsOutError(
      ErrorName.AnnouncementFailed,
      'no approver could be asked by any channel; expected at least one: check notices.from and approval.approvers, and the webhooks that serve "approvers". Nothing was touched',
    );
  }
  return { asked: sent };
}
