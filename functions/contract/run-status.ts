import type { RunKind } from './run-kinds.ts';

/** The state of a run's approval. */
export interface ApprovalState {
  /** How many different people must approve. */
  needed: 1 | 2;
  /** ARNs of the people who approved. */
  approvedBy: string[];
}

/** What `GET /runs/{id}` answers. */
export interface RunStatus {
  run: string;
  action: RunKind;
  /** The run's id in evidence, mails and resource names. */
  runId: string;
  /** The status in the words of Step Functions: `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`. */
  status: string;
  /** The outcome of a run that succeeded, e.g. `planned` for a dry run. */
  outcome?: string;
  startedAt: string;
  endedAt?: string;
  error?: string;
  cause?: string;
  /** Present if the run waits for approval or had an answer. */
  approval?: ApprovalState;
}
