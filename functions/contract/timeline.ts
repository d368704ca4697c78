import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { stepOfState } from './step-lookup.ts';
import type { StepName } from './steps.ts';

export interface TimelineStep {
  name: StepName;
  startedAt: string;
  /** Absent while the step is under way. */
  endedAt?: string;
  /** The number of tries: one, and one more for each repeat after a failure. The polls of a loop are not tries. */
  attempts: number;
  outcome: 'succeeded' | 'failed' | 'running';
}

/**
 * The steps of a run with their times, from the execution's history
 * (https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html). States without a step are left out.
 */
export function stepsFromHistory(events: HistoryEvent[]): TimelineStep[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  const steps = new Map<StepName, TimelineStep & { open: number }>();
  for (const event of events) {
    const at = event.timestamp?.toISOString() ?? '';
    const entered = event.stateEnteredEventDetails?.name;
    const exited = event.stateExitedEventDetails?.name;
    if (entered !== undefined) enter(steps, entered, at);
    if (exited !== undefined) leave(steps, exited, at);
    if (isFailure(event.type)) fail(steps, stateOf(event, byId), at);
    if (isTry(event.type)) tryAgain(steps, stateOf(event, byId));
    if (ENDINGS.has(event.type ?? '')) {
      for (const step of steps.values())
        if (step.endedAt === undefined) Object.assign(step, { endedAt: at, outcome: 'failed' });
    }
  }
  return [...steps.values()].map(({ open: _open, ...step }) => step);
}

function enter(steps: Map<StepName, TimelineStep & { open: number }>, state: string, at: string): void {
  const name = stepOfState(state)?.name;
  if (name === undefined) return;
  const known = steps.get(name);
  if (known === undefined) {
    steps.set(name, { name, startedAt: at, attempts: 1, outcome: 'running', open: 1 });
    return;
  }
  known.open += 1;
  // A Pass state after a failure does not make the step succeed.
  if (known.outcome !== 'failed') Object.assign(known, { outcome: 'running' });
  delete known.endedAt;
}

function leave(steps: Map<StepName, TimelineStep & { open: number }>, state: string, at: string): void {
  const name = stepOfState(state)?.name;
  const step = name === undefined ? undefined : steps.get(name);
  if (step === undefined) return;
  step.open -= 1;
  step.endedAt = at;
  if (step.outcome === 'running') step.outcome = 'succeeded';
}

/** After a failed try the step counts as failed, until it is tried again. */
function fail(
  steps: Map<StepName, TimelineStep & { open: number }>,
  state: string | undefined,
  at: string,
): void {
  const name = state === undefined ? undefined : stepOfState(state)?.name;
  const step = name === undefined ? undefined : steps.get(name);
  if (step === undefined) return;
  step.endedAt = at;
  step.outcome = 'failed';
}

/** A call after a failed one, in the same state, is another try. */
function tryAgain(steps: Map<StepName, TimelineStep & { open: number }>, state: string | undefined): void {
  const name = state === undefined ? undefined : stepOfState(state)?.name;
  const step = name === undefined ? undefined : steps.get(name);
  if (step === undefined || step.outcome !== 'failed') return;
  step.attempts += 1;
  step.outcome = 'running';
  delete step.endedAt;
}

function isTry(type: string | undefined): boolean {
  return type === 'LambdaFunctionScheduled' || type === 'TaskScheduled';
}

/** Ends of an execution that leave states open. No state of that execution still runs. */
const ENDINGS = new Set(['ExecutionAborted', 'ExecutionFailed', 'ExecutionTimedOut']);

/**
 * A branch that is stopped because another one failed has no failure of its own. It has an aborted event instead:
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
const FAILURES = new Set([
  'TaskStateAborted',
  'WaitStateAborted',
  'ParallelStateAborted',
  'MapStateAborted',
  'LambdaFunctionFailed',
  'LambdaFunctionTimedOut',
  'LambdaFunctionScheduleFailed',
  'LambdaFunctionStartFailed',
  'TaskFailed',
  'TaskTimedOut',
  'TaskStartFailed',
  'TaskSubmitFailed',
]);

function isFailure(type: string | undefined): boolean {
  return type !== undefined && FAILURES.has(type);
}

/** The state of an event. The chain of previous events leads to the entry of the state. */
function stateOf(event: HistoryEvent, byId: Map<number | undefined, HistoryEvent>): string | undefined {
  let current: HistoryEvent | undefined = event;
  while (current !== undefined) {
    const name = current.stateEnteredEventDetails?.name;
    if (name !== undefined) return name;
    current = byId.get(current.previousEventId);
  }
  return undefined;
}
