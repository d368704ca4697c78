import type { CommandInFlight, Progress } from './progress.ts';

/** One health check, as far as it was looked at. */
export interface CheckedHealth {
  name: string;
  /** It was green `inARow` times, and not seen red since. */
  green: boolean;
  /** Green looks in a row, up to the last one. */
  inARow: number;
  /** Looks so far. */
  looks: number;
  /** Time of its first look (ISO 8601). */
  since: string;
  /** Time at which it became green. Stays when it is seen red later. */
  greenAt?: string;
  /** What was seen last, safe to show: without secrets and control characters. Empty before the first answer. */
  lastAnswer: string;
  /** Time of its last answer. */
  lookedAt?: string;
  /** The program on a server that has not answered yet, and the time it was asked for. */
  command?: CommandInFlight & { sentAt: string };
}

/** The answer of the step that checks the health: done when all checks were green in one last round. */
export interface HealthResult extends Progress {
  checks: CheckedHealth[];
  /** All checks are green and are looked at once more, since this time. */
  lastRound?: string;
}

/** What `health.json` holds. */
export interface HealthEvidence {
  system: string;
  run: string;
  /** ISO 8601. */
  at: string;
  outcome: 'green' | 'not-green';
  checks: Omit<CheckedHealth, 'command'>[];
}
