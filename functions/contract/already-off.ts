/** The proof that a system was off before the run began: an earlier run's record, and what this run sees now. */
export interface AlreadyOff {
  /** The run that switched the system off. Its certificate holds the proof of the backup. */
  run: string;
  /** Since when the system is meant to be off, ISO 8601. */
  since: string;
  /** That run's snapshot, seen in RDS now. */
  snapshot: string;
  /** Whether that run restored and compared the snapshot. False where its input said not to. */
  verified: boolean;
  /** When everything was seen stopped, ISO 8601. */
  seenAt: string;
  /** RDS or a person started the database since, and it was stopped again. That run's backup lacks what was written meanwhile. */
  startedSince: boolean;
}
