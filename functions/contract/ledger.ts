import type { RunInput } from './input.ts';
import type { RunKind } from './run-kinds.ts';
import type { StartupInput } from './startup-input.ts';

/** Why nothing runs at a time of the schedule. */
export type LeftOut =
  | { why: 'clocks' }
  | { why: 'exception'; reason: string }
  | { why: 'hold'; by: string; until: string; reason: string }
  /** There was no time left to tell users. */
  | { why: 'too-late' }
  /** Users would be out only after the time at which they were to be back. */
  | { why: 'back-before-out' }
  /** Of a start-up: users can work. */
  | { why: 'is-on' }
  /** Of a start-up: users were told of a shutdown that lasts until later. */
  | { why: 'off-until'; until: string }
  /** Of a start-up: another run held the system for a day. */
  | { why: 'held'; run: string };

/**
 * What `schedule/<system>/<occurrence>.json` holds: what became of one time of the schedule. It is decided once, so that a time which ran or
 * was left out is never made up for.
 */
export interface LedgerEntry {
  action: RunKind;
  /** When users are out or back, ISO 8601. */
  at: string;
  expression: string;
  /** `begin`: a run is started. `skipped`: it was not to run. `missed`: it was to run, and could not begin in time. */
  decision: 'begin' | 'skipped' | 'missed';
  /** ISO 8601. */
  decidedAt: string;
  /** Why it was skipped or missed. */
  reason?: LeftOut;
  /** The input of the run that begins. */
  input?: RunInput | StartupInput;
  /** When Step Functions took the start, ISO 8601. Absent: the next look makes it. */
  begunAt?: string;
  /** When the operators were told, ISO 8601. Absent: the next look tells them, where there is something to tell. */
  toldAt?: string;
}
