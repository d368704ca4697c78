import { constants } from 'node:os';
import type { OutputClaim } from './output-claim.ts';
import type { RehearsalEvent } from './run.ts';
import type { Sandbox } from './sandbox.ts';

/** A terminal's Ctrl-C, whoever asks a process to end, and a terminal that is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ends a rehearsal in order when a signal asks for it: its world is stopped, its output folder given back, and the process ends with 128 plus
 * the signal's number, as shells have it. No `run.json` is written: nobody saw how the run would have ended. A second signal changes nothing.
 */
export class Interruption {
  /** The world to stop, from when it stands. Until then the end of the process ends what was started. */
  sandbox: Sandbox | undefined;
  readonly #claim: OutputClaim;
  readonly #tell: (event: RehearsalEvent) => void;
  #hasCome = false;
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.#hasCome) return;
    this.#hasCome = true;
    void this.#end(signal);
  };

  constructor(claim: OutputClaim, tell: (event: RehearsalEvent) => void) {
    this.#claim = claim;
    this.#tell = tell;
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const events = this.sandbox?.executions.first?.history.events ?? [];
    const state = events.findLast((event) => event.stateEnteredEventDetails !== undefined);
    this.#tell({ kind: 'interrupted', signal, state: state?.stateEnteredEventDetails?.name });
    try {
      await this.sandbox?.stop();
      await this.#claim.release();
    } catch (error) {
      // The watchdog finds what this could not end.
      console.error('lights-out: while stopping:', error);
    } finally {
      process.exit(128 + constants.signals[signal]);
    }
  }

  /** The rehearsal is over by itself, well or badly. Never resolves when a signal has come: its end is the process's. */
  async over(): Promise<void> {
    if (this.#hasCome) await new Promise(() => undefined);
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}
