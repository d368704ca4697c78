import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { ExecutionReference } from '../../contract/state.ts';
import type { KeepInput } from '../../contract/watch.ts';
import { defineStep } from '../../runtime/step.ts';
import { type Kept, stopAgain } from './stop.ts';
import { tellOperators } from './tell.ts';

export interface KeepEvent {
  action: 'stop' | 'tell';
  execution: ExecutionReference;
  state: KeepInput & { kept?: Kept };
}

/**
 * Stops again what was started while the system is meant to be off (`stop`, called until done), and tells the operators (`tell`).
 *
 * Trigger: the state machine KeepStopped, which the watch starts. A starting database refuses a stop for minutes, sometimes hours: the
 * state machine waits, not this function. Twice is harmless: only the execution that stopped a resource reports it.
 * It leaves everything as it is as soon as the mark is cleared or a run holds the lock.
 * Rejects with `VerificationImpossible` when the run's proved snapshot is missing, `DatabaseDidNotStop`, `ServerDidNotStop`.
 */
export const handler = defineStep('keep', async (event: KeepEvent): Promise<Kept | { sent: number }> => {
  if (event.action === 'stop') return stopAgain(event.execution, event.state);
  if (event.action === 'tell') return tellOperators(event.state);
  throw new LightsOutError(
    ErrorName.InvalidInput,
    `action "${String(event.action)}": expected "stop" or "tell"`,
  );
});
