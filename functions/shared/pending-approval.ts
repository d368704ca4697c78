/** What is kept below `approvals/` while a run waits: written by `approve`, read and deleted by `api`. */
export interface PendingApproval {
  token: string;
  runId: string;
  executionArn: string;
  requestedBy?: string;
  expiresAt: string;
}
