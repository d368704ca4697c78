import { EnvironmentVariable } from '../contract/environment.ts';
import { ErrorName, LightsOutError, messageOf } from '../contract/errors.ts';
import { FUNCTIONS, type FunctionName, functionFacts } from '../contract/functions.ts';
import type { ExecutionReference, Failure, Progress } from '../contract/state.ts';
import { translateAwsError } from './aws-errors.ts';
import { environmentVariable } from './environment.ts';
import { type LogContext, log, logged } from './log.ts';
import { runIdOf } from './run.ts';
import { fetchStoredParts, storeLargeParts } from './run-state.ts';
import { shorten } from './shorten.ts';

/** What every step's function is called with. `State` says what the step reads: a `StateAfter` the step before it. */
export interface StepEvent<Action extends string, State> {
  /** What to do, where a function serves more than one state. */
  action: Action;
  execution: ExecutionReference;
  state: State;
}

/**
 * Wraps a step's logic into a Lambda handler. The handler logs the result or the error. It turns the SDK's errors into the names that the
 * workflow knows: it tries `AwsTemporarilyUnavailable` again, the others not. Large parts of a run's state lie in the evidence bucket. The
 * logic gets the whole state, and the handler stores the large parts of its answer.
 *
 * An execution of a run that was redriven does nothing: its steps fail with `RedriveRefused`, before anything else.
 */
export function defineStep<Event extends { action: string }, Result>(
  name: string,
  run: (event: Event) => Promise<Result>,
): (event: Event) => Promise<Result> {
  const once = async (event: Event): Promise<Result> => {
    try {
      refuseRedriven(name, event);
      const whole = 'state' in event ? { ...event, state: await fetchStoredParts(event.state) } : event;
      const result = await run(whole);
      log('info', `${name}: ${event.action}`, { result: summary(result) });
      const runId = runOf(whole) ?? runOf({ state: result });
      return runId === undefined ? result : await storeLargeParts(result, runId);
    } catch (thrown) {
      const error = translateAwsError(thrown);
      log('error', `${name}: ${event.action} failed`, { error: error.name, reason: messageOf(error) });
      throw withShortMessage(error);
    }
  };
  return (event) => logged(contextOf(name, event), () => once(event));
}

/**
 * A redrive goes on at the state where the execution ended (https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html),
 * with a proof that may be older than the data by then. CleanUp may have rolled the run back meanwhile, and people may use the system.
 * CleanUp's calls for a run name no redrive, and its own redriven execution goes on: it looks at everything anew.
 *
 * @throws LightsOutError `RedriveRefused`, which no state tries again.
 */
function refuseRedriven(name: string, event: object): void {
  const { execution } = event as { execution?: ExecutionReference };
  const isOfARun = name in FUNCTIONS && functionFacts(name as FunctionName).calledBy === 'run';
  if (!isOfARun || (execution?.redriveCount ?? 0) === 0) return;
  throw new LightsOutError(
    ErrorName.RedriveRefused,
    `execution ${execution?.name ?? 'unknown'} was redriven; expected its first try, since an execution that was redriven does nothing: what it left is finished by ` +
      `lights-out finish --system ${environmentVariable(EnvironmentVariable.SystemName)}, or start a new run`,
  );
}

function contextOf(step: string, event: { action: string }): LogContext {
  const { execution } = event as { execution?: ExecutionReference };
  const run = runOf(event) ?? (execution === undefined ? undefined : runIdOf(execution));
  return {
    step,
    action: event.action,
    ...(run === undefined ? {} : { run }),
  };
}

/** The run of an event or an answer. Undefined for work between runs. */
function runOf(value: unknown): string | undefined {
  const { state } = value as { state?: { run?: { id?: unknown } } };
  return typeof state?.run?.id === 'string' ? state.run.id : undefined;
}

/** Lambda hands on the message twice, the second time in the trace, so {@link shorten} cuts both. The log has the whole message. */
function withShortMessage(error: Error): Error {
  const short = shorten(error.message);
  if (short === error.message) return error;
  const { message, stack = '' } = error;
  return Object.assign(error, { message: short, stack: stack.replace(message, () => short) });
}

/** Begins or continues a loop: the time of the step's first call, and the seconds since then. */
export function elapsed(previous: Pick<Progress, 'since'> | undefined): { since: string; seconds: number } {
  const now = Date.now();
  if (previous === undefined) return { since: new Date(now).toISOString(), seconds: 0 };
  return { since: previous.since, seconds: (now - Date.parse(previous.since)) / 1000 };
}

/** The loop's earlier answer: none before its first call, and none where a failure stands in its place. */
export function progressOf<Answer extends Pick<Progress, 'since'>>(
  answer: Answer | Failure | undefined,
): Answer | undefined {
  return answer !== undefined && 'since' in answer ? answer : undefined;
}

function summary(result: unknown): unknown {
  if (typeof result !== 'object' || result === null) return result;
  const shown = ['done', 'waitSeconds', 'identifier', 'state', 'sessions', 'percent', 'outcome', 'equal'];
  return Object.fromEntries(Object.entries(result).filter(([key]) => shown.includes(key)));
}
