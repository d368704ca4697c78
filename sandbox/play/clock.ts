/**
 * The sandbox's time. It runs `speed` times as fast as real time while nothing works, and at real speed while
 * something does (a function, a copy of a database): so a snapshot of seven minutes passes in two seconds, but a slow
 * machine never makes a run miss a deadline. Shared with worker threads through {@link SimulatedClock.shared}.
 */
export interface SimulatedClock {
  /** Milliseconds since the epoch, simulated. */
  now(): number;
  /** Resolves after `milliseconds` of simulated time; rejects with the signal's reason when aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Calls back after `milliseconds` of simulated time. Returns a function that cancels. */
  after(milliseconds: number, callback: () => void): () => void;
  /** Real work begins: time runs at real speed until the returned function is called. May nest. */
  work(): () => void;
  /** Simulated seconds that pass in a real second while nothing works. */
  readonly speed: number;
  /** For worker threads: [version, simulated ms at the last change, real ms (process-wide monotonic) then, rate]. */
  readonly shared: SharedArrayBuffer;
  /** No timer fires any more. */
  stop(): void;
}
