/**
 * Who asks or answers, as AWS has proved it; never what somebody says of himself.
 *
 * @example
 * { kind: 'session', id: 'arn:aws:sts::123456789012:assumed-role/Ops/anna', name: 'anna', groups: ['arn:aws:iam::123456789012:role/Ops'] }
 */
export interface Principal {
  /**
   * `user`: an IAM user. `session`: a session of an IAM role, which is how people of IAM Identity Center come too. `federated`: a
   * federated user. `root`: an account's root user. `schedule`: the system's own schedule. `other`: any form that is not known here.
   */
  kind: 'user' | 'session' | 'federated' | 'root' | 'schedule' | 'other';
  /** ARN: of the user, of the session, of the schedule. */
  id: string;
  /** What people know it by: the user's name, the session's name, the schedule's expression. */
  name: string;
  /** What it belongs to: of a session the ARN of its role, without the role's path, which a session's ARN does not hold. */
  groups: string[];
}

/** Who asked for a run. `unknown`: nobody has proved it, whatever the input says, as when it was started in the console. */
export type Requester = Principal | 'unknown';

/** What `requests/<execution name>` holds: written by the API or by the schedule's function before they start that execution. */
export interface RequestRecord {
  executionArn: string;
  /** SHA-256 of the input with its keys sorted, hexadecimal. */
  inputSha256: string;
  requester: Principal;
  /** ISO 8601. */
  at: string;
}

/** Somebody's answer to a request for approval, as the API heard it. */
export interface Answer {
  decision: 'approve' | 'deny';
  by: Principal;
  /** ISO 8601. */
  at: string;
  /** Why not. */
  comment?: string;
}

/** What `answers/<run id>/approval.json` holds: only the API's role writes there. */
export interface Answers {
  executionArn: string;
  /** How many different people had to approve. */
  needed: 1 | 2;
  answers: Answer[];
}
