import { translateAwsError } from './aws/errors.ts';
import { messageOf } from './contract/errors.ts';
import type { ExecutionReference, Progress, ShutdownState } from './contract/state.ts';
import { log } from './log.ts';

/** What every step's function is called with. */
export interface StepEvent<Action extends string, Keys extends keyof ShutdownState> {
  /** What to do, where a function serves more than one state. */
  action: Action;
  execution: ExecutionReference;
  /** The run's data; a step declares what it reads. */
  state: Pick<ShutdownState, Keys>;
}

/**
 * Wraps a step's logic into a Lambda handler: logs begin and end, and turns the SDK's errors into the names that the
 * workflow knows (`AwsTemporarilyUnavailable` is tried again, the others are not).
 */
export function defineStep<Event extends { action: string }, Result>(
  name: string,
  run: (event: Event) => Promise<Result>,
): (event: Event) => Promise<Result> {
  return async (event) => {
    try {
      const result = await run(event);
      log('info', `${name}: ${event.action}`, { result: summary(result) });
      return result;
    } catch (thrown) {
      const error = translateAwsError(thrown);
      log('error', `${name}: ${event.action} failed`, { error: error.name, reason: messageOf(error) });
      throw error;
    }
  };
}

/** Begins or continues a loop: the time of the step's first call, and how long it has been since, in seconds. */
export function elapsed(previous: Pick<Progress, 'since'> | undefined): { since: string; seconds: number } {
  const now = Date.now();
  if (previous === undefined) return { since: new Date(now).toISOString(), seconds: 0 };
  return { since: previous.since, seconds: (now - Date.parse(previous.since)) / 1000 };
}

function summary(result: unknown): unknown {
  if (typeof result !== 'object' || result === null) return result;
  const shown = ['done', 'waitSeconds', 'identifier', 'state', 'sessions', 'percent', 'outcome', 'equal'];
  return Object.fromEntries(Object.entries(result).filter(([key]) => shown.includes(key)));
}
