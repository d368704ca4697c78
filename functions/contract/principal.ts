/**
 * The person or schedule that asks or answers, as AWS has proved it. The caller's own word does not count.
 *
 * @example
 * { kind: 'session', id: 'arn:aws:sts::123456789012:assumed-role/Ops/anna', name: 'anna', groups: ['arn:aws:iam::123456789012:role/Ops'] }
 */
export interface Principal {
  /**
   * `user`: an IAM user. `session`: a session of an IAM role; people of IAM Identity Center have one too. `federated`: a federated user.
   * `root`: an account's root user. `schedule`: the system's own schedule. `other`: any other form.
   */
  kind: 'user' | 'session' | 'federated' | 'root' | 'schedule' | 'other';
  /** ARN: of the user, of the session, of the schedule. */
  id: string;
  /** The name that people know: of the user, of the session, or the expression of the schedule. */
  name: string;
  /** Of a session: the ARN of its role, without the role's path, which a session's ARN does not hold. */
  groups: string[];
}

/** The requester of a run. `unknown`: no proof, whatever the input says, e.g. after a start in the console. */
export type Requester = Principal | 'unknown';

/** Content of `requests/<execution name>`. The API's function or the planner writes it before the start of that execution. */
export interface RequestRecord {
  executionArn: string;
  /** SHA-256 of the input with its keys sorted, hexadecimal. */
  inputSha256: string;
  requester: Principal;
  /** ISO 8601. */
  at: string;
}

/** An answer to a request for approval, as the API received it. */
export interface Answer {
  decision: 'approve' | 'deny';
  by: Principal;
  /** ISO 8601. */
  at: string;
  /** Why not. */
  comment?: string;
}

/** Content of `answers/<run id>/approval.json`. Only the API's role writes there. */
export interface Answers {
  executionArn: string;
  /** How many different people had to approve. */
  needed: 1 | 2;
  answers: Answer[];
}
