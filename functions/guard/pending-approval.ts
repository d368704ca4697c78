import type { Requester } from '../contract/principal.ts';

/** The content of an object below `approvals/` while a run waits. `approve` writes it, `api` reads and deletes it. */
export interface PendingApproval {
  token: string;
  runId: string;
  executionArn: string;
  /** Absent in a request from before requesters were proved: unknown. */
  requester?: Requester;
  /** ISO 8601. */
  expiresAt: string;
}
