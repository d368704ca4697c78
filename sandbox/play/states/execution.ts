import type { DeployedStateMachine } from '../../deployment.ts';
import type { History } from './history.ts';
import type { Redrives } from './redrive.ts';
import type { Trace } from './trace.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export type Ending = Exclude<ExecutionStatus, 'RUNNING'>;

export interface Execution {
  machine: DeployedStateMachine;
  name: string;
  arn: string;
  input: string;
  status: ExecutionStatus;
  startedAt: number;
  endedAt?: number;
  error?: string;
  cause?: string;
  history: History;
  /** Where it has been, for a redrive. */
  trace: Trace;
  redrives: Redrives;
  /** Resolves when the execution has ended; of one that was redriven, when it has ended again. */
  ended: Promise<void>;
  /** Ends it from outside. @param status - default `ABORTED`. */
  stop(error: string, cause: string, status?: 'ABORTED' | 'TIMED_OUT' | 'FAILED'): void;
}
