import type { Requester } from '../contract/principal.ts';

/** What is kept below `approvals/` while a run waits: written by `approve`, read and deleted by `api`. */
export interface PendingApproval {
  token: string;
  runId: string;
  executionArn: string;
  /** Absent of a request that was made before it was proved: unknown. */
  requester?: Requester;
  /** ISO 8601. */
  expiresAt: string;
}
