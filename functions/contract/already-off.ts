/** What proves that a system was off before the run began: an earlier run's record, and what was seen now. */
export interface AlreadyOff {
  /** The run that switched it off, and whose certificate holds the proof of the backup. */
  run: string;
  /** Since when it is meant to be off, ISO 8601. */
  since: string;
  /** That run's snapshot, seen in RDS now. */
  snapshot: string;
  /** Whether that run restored and compared it; false where it was told not to. */
  verified: boolean;
  /** When everything was seen stopped, ISO 8601. */
  seenAt: string;
  /** The database was started since, by RDS or a person, and stopped again: what was written meanwhile is in no backup of that run. */
  startedSince: boolean;
}
