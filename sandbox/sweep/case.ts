import type { RunInput } from '../../functions/contract/input.ts';
import type { AfterStep } from '../rehearsal/aftermath.ts';
import type { AnyOutcome } from '../rehearsal/run-record.ts';
import type { SeenConnection } from '../world/database/connection-faults.ts';

/** One run of the sweep: what goes wrong in it. */
export interface SweepCase {
  /** Says which call and which fault, e.g. `snapshot rds.CreateDBSnapshot #1 drop-after`; what `--only` takes. */
  id: string;
  /** For `--faults`. */
  faults: object[];
  /** When the run does not succeed, what was broken is mended and it is redriven. */
  redrive?: boolean;
  /** It is about a start-up after a clean shutdown, and what its second start-up comes to where that cannot be everything on. */
  startup?: { again?: AnyOutcome };
  /** What comes after the run, by its name (`sandbox/sweep/sequels.ts`), and whether what was broken is mended then, as it would last for ever. */
  sequel?: { name: string; mends: boolean };
  input?: RunInput;
  /** How it has to end, where the fault is one that a run stands. Default: as it likes, so long as it tells the truth. */
  outcome?: AnyOutcome;
  /** What happens once the run is over. */
  after?: AfterStep[];
}

/** What became of a case. */
export interface CaseResult {
  id: string;
  outcome: string;
  error?: string;
  /** A sentence for each thing that does not hold. */
  broken: string[];
  /** False when a fault never happened, so that the run tested nothing. */
  happened: boolean;
  /** Where everything lies, when it was kept. */
  out?: string;
  /** Wall-clock and processor time, in seconds. */
  seconds: number;
  cpuSeconds: number;
}

/** One invocation of a function in the recorded clean run. */
export interface RecordedInvocation {
  function: string;
  /** It counts, but no fault is to hit it: the sweep is about others. */
  spared?: true;
}

/** One call of a function in the recorded clean run. */
export interface RecordedCall extends RecordedInvocation {
  service: string;
  operation: string;
}

/** What a clean run did: everything that can be hit. */
export interface Recording {
  calls: RecordedCall[];
  invocations: RecordedInvocation[];
  /** Connections between functions and databases, in order. */
  connections: SeenConnection[];
  /** Names of the states that were entered, in order, each once. */
  states: string[];
  /** Those of them that call a function. */
  tasks: string[];
}
