/**
 * A looping step's answer: call me again in `waitSeconds`, or done. `since` is when the step's first call was made
 * (ISO 8601), handed back at the next one, so that deadlines need no clock of their own.
 */
export interface Progress {
  done: boolean;
  waitSeconds: number;
  since: string;
}

/** A command that was sent to a server, and whose answer is to be read. */
export interface CommandInFlight {
  server: string;
  instanceId: string;
  id: string;
}
