import { writeEvidence } from '../shared/aws/evidence.ts';
import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import { EvidenceKey } from '../shared/contract/keys.ts';
import type { ExecutionReference, ShutdownState } from '../shared/contract/state.ts';
import { requireLock } from '../shared/lock.ts';
import { sendNotice } from '../shared/notices/send.ts';
import type { PendingApproval } from '../shared/pending-approval.ts';
import { defineStep } from '../shared/step.ts';

export interface ApproveEvent {
  action: 'request';
  execution: ExecutionReference;
  /** The task token of `$$.Task.Token`: whoever holds it can approve, so it is kept out of evidence and logs. */
  token: string;
  state: Pick<ShutdownState, 'run' | 'config' | 'plan'>;
}

/**
 * Asks the approvers and keeps the task token for the API, which answers the workflow.
 *
 * Trigger: the workflow's state "Await approval", which waits for the token. Called again (a retry), it stores the newer token
 * and asks again: an approver may get two mails, but never answers a dead token.
 * The lock is looked at first: nobody is asked for a run that was cleaned up and redriven.
 * Rejects with `LockLost`, `CleanUpUnderWay`, with `AnnouncementFailed` when no approver could be asked.
 */
export const handler = defineStep('approve', async (event: ApproveEvent): Promise<{ asked: number }> => {
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
    ...(run.requestedBy === undefined ? {} : { requestedBy: run.requestedBy }),
  };
  await writeEvidence(EvidenceKey.approval(config.name, run.id), pending);
  const { sent } = await sendNotice(config, {
    kind: 'approval-request',
    audience: 'approvers',
    // A later request of the same run, after a redrive, is another one.
    occurrence: String(event.execution.redriveCount ?? 0),
    facts: {
      runId: run.id,
      system: config.name,
      displayName: config.displayName,
      timeZone: config.timeZone,
      at: run.at,
      expectedSeconds: plan.expected.totalSeconds,
      expiresAt,
      warnings: [
        ...plan.warnings,
        ...plan.pendingUpdates.map((update) => `${update.resource}: ${update.description} (${update.kind})`),
      ],
      answerPath: `/runs/${event.execution.name}/approval`,
      ...(run.reason === undefined ? {} : { reason: run.reason }),
      ...(run.requestedBy === undefined ? {} : { requestedBy: run.requestedBy }),
    },
  });
  if (sent === 0) {
    throw new LightsOutError(
      ErrorName.AnnouncementFailed,
      'no approver could be asked by any channel; expected at least one: check notices.from and approval.approvers, and the webhooks that serve "approvers". Nothing was touched',
    );
  }
  return { asked: sent };
});
