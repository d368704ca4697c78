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

export interface ServiceState {
  name: string;
  server: string;
  /** As the server's own service manager said it. */
  state: 'active' | 'inactive' | 'failed' | 'changing' | 'unknown';
}

/** A large database that is read by several calls side by side: what the workflow's Map goes through. */
export interface Spread {
  /** `distributed`: the list of batches is in the evidence bucket, since it would be too large for the state. */
  mode: 'inline' | 'distributed';
  count: number;
  /** A batch an entry; `inline` only. */
  items?: { batch: number }[];
  /** Object key of that list; `distributed` only. */
  itemsKey?: string;
}
