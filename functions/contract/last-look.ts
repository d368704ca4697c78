import type { CommandInFlight, Progress, ServiceState, Spread } from './progress.ts';

/** A service that the run had stopped and that was found up again before the point of no return. */
export interface CameBack {
  name: string;
  server: string;
  /** As its server's own service manager said it. */
  state: ServiceState['state'];
  /** When it was seen, ISO 8601. */
  at: string;
}

/** Answer of "Confirm the services": every service is still stopped, or was stopped again. */
export interface ServicesLook extends Progress {
  /** When all of them were seen stopped, ISO 8601. Absent until then. */
  at?: string;
  services: ServiceState[];
  commands: CommandInFlight[];
  /** What the commands in flight are to do. */
  asked: 'status' | 'stop';
  /** When that was first asked for, ISO 8601: its deadline counts from here. */
  askedSince: string;
  /** How often services were found up again. */
  rounds: number;
  cameBack: CameBack[];
}

/** What the source's own counters say of the time since its manifest was recorded. */
export type WriteSign =
  /** Nothing was written. */
  | 'nothing'
  /** Something was written to the databases that were backed up. */
  | 'something'
  /** They moved, or do not answer, and cannot tell whose write it was. */
  | 'unclear';

/** Answer of "Confirm the source": the verified backup holds what the source holds. */
export interface SourceLook extends Progress {
  /** Set when batches are to be read before the next call. */
  spread?: Spread;
  /** Up to when the source is known to hold what was verified, ISO 8601. Absent until the look is over. */
  at?: string;
  /** When the look was over, ISO 8601. */
  endedAt?: string;
  wrote: WriteSign;
  /** What that was taken from. */
  detail: string;
  /** Tables and other objects that were written to, as far as the server tells: at most 20. */
  objects: string[];
  /** Which manifest of the source is recorded for this look; absent when its counters were enough. */
  reading?: string;
  /** Where all of it stands in the evidence bucket. */
  key: string;
}

/** Begins the names of the states in which a redriven run looks at the source once more, past the point of no return. */
export const CONFIRM_REDRIVEN = 'Confirm the source (redriven)';
