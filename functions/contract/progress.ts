/**
 * The answer of a looping step: done, or call again in `waitSeconds`. `since` is the time of the step's first call (ISO 8601). The next
 * call gets it back, so that deadlines need no clock of their own.
 */
export interface Progress {
  done: boolean;
  waitSeconds: number;
  since: string;
}

/** A command on its way to a server, whose answer has to be read. */
export interface CommandInFlight {
  server: string;
  instanceId: string;
  id: string;
}

export interface ServiceState {
  name: string;
  server: string;
  /** The state by the server's own service manager. */
  state: 'active' | 'inactive' | 'failed' | 'changing' | 'unknown';
}

/** A large database, read by several calls in parallel: the input of the workflow's Map. */
export interface Spread {
  /** `distributed`: the list of batches is too large for the state and lies in the evidence bucket. */
  mode: 'inline' | 'distributed';
  count: number;
  /** One batch per entry. `inline` only. */
  items?: { batch: number }[];
  /** Object key of the list. `distributed` only. */
  itemsKey?: string;
}
