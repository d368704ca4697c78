import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { LARGEST_INLINE_BYTES } from '../../../functions/runtime/run-state.ts';
import { type AslMachine, type AslState, scopesOf } from './machine.ts';

/**
 * Events that a state writes when it is passed once: entered and exited; a task's function is scheduled, started and has succeeded; a Parallel or a Map is
 * started and has succeeded. https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
const EVENTS: Partial<Record<AslState['Type'], number>> = { Task: 5, Parallel: 4, Map: 4, Fail: 1 };

/** Events of a machine that passes each of its states once. */
export function eventsOfStates(machine: AslMachine): number {
  return scopesOf(machine)
    .flatMap(({ States }) => Object.values(States))
    .reduce((sum, { Type }) => sum + (EVENTS[Type] ?? 2), 2);
}

/** As many as AWS would have written: the sandbox leaves out that a function, a Parallel and a Map were started, and that the latter two succeeded. */
export function eventsOnAws(events: readonly HistoryEvent[]): number {
  const count = (type: RegExp): number => events.filter((event) => type.test(event.type ?? '')).length;
  return (
    events.length + count(/^(LambdaFunction|Task)Scheduled$/) + 2 * count(/^(Parallel|Map)StateEntered$/)
  );
}

/** The largest input that a state was given, in bytes. */
export function largestInput(events: readonly HistoryEvent[]): number {
  return Math.max(...events.map((event) => Buffer.byteLength(event.stateEnteredEventDetails?.input ?? '')));
}

/**
 * The most that the data of the last state could hold if the system were larger: each part of an answer that is a list or an object is then as large as it may be before it lies
 * in the bucket. In bytes.
 */
export function mostData(events: readonly HistoryEvent[]): number {
  const last = events.findLast((event) => event.stateEnteredEventDetails?.input !== undefined);
  const data = JSON.parse(last?.stateEnteredEventDetails?.input ?? '{}') as Record<string, unknown>;
  const sizeOf = (value: unknown): number =>
    typeof value === 'object' && value !== null
      ? LARGEST_INLINE_BYTES
      : Buffer.byteLength(JSON.stringify(value));
  return Object.values(data)
    .flatMap((answer) => (typeof answer === 'object' && answer !== null ? Object.values(answer) : [answer]))
    .reduce<number>((sum, part) => sum + sizeOf(part) + 40, 0);
}
