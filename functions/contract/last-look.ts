import type { CommandInFlight, Progress, ServiceState, Spread } from './progress.ts';

/** A service that the run had stopped and found up again before the point of no return. */
export interface CameBack {
  name: string;
  server: string;
  /** The state by the service manager of its server. */
  state: ServiceState['state'];
  /** When the service was seen up, ISO 8601. */
  at: string;
}

/** Answer of "Confirm the services": every service is still stopped, or was stopped again. */
export interface ServicesLook extends Progress {
  /** When all services were seen stopped, ISO 8601. Absent until then. */
  at?: string;
  services: ServiceState[];
  commands: CommandInFlight[];
  /** The action of the commands in flight. */
  asked: 'status' | 'stop';
  /** When that action was first asked for, ISO 8601. Its deadline counts from here. */
  askedSince: string;
  /** How often services were found up again. */
  rounds: number;
  cameBack: CameBack[];
}

/** What the source's own counters say about the time since its manifest was recorded. */
export type WriteSign =
  | 'nothing'
  /** Something wrote to the databases in the backup. */
  | 'something'
  /** The counters moved, or do not answer. They do not show who wrote. */
  | 'unclear';

/** Answer of "Confirm the source": the verified backup holds what the source holds. */
export interface SourceLook extends Progress {
  /** Set when the workflow has to read batches before the next call. */
  spread?: Spread;
  /** The source held the verified data until this time, ISO 8601. Absent until the look is over. */
  at?: string;
  /** When the look was over, ISO 8601. */
  endedAt?: string;
  wrote: WriteSign;
  /** The counters or readings behind `wrote`. */
  detail: string;
  /** Objects that were written to, e.g. tables, as far as the server tells: at most 20. */
  objects: string[];
  /** The later manifest of the source for this look. Absent when its counters were enough. */
  reading?: string;
  /** Object key of this look in the evidence bucket. */
  key: string;
}
