import {
  DescribeStateMachineForExecutionCommand,
  type HistoryEvent,
  paginateGetExecutionHistory,
} from '@aws-sdk/client-sfn';
import { stepsFromHistory, type TimelineStep } from '../contract/timeline.ts';
import { sfn } from '../runtime/clients.ts';

export interface Transition {
  from: string;
  to: string;
}

export interface RunHistory {
  steps: TimelineStep[];
  /** Names of the states that were entered, each once, in order. */
  visited: string[];
  /** The state from which each state was entered. */
  transitions: Transition[];
  /** States whose last try failed. */
  failed: string[];
  /** Amazon States Language. */
  definition: unknown;
}

/** The part of the history that Step Functions knows so far. What a redrive appends is left out, since it does nothing. */
export async function readHistory(executionArn: string): Promise<RunHistory> {
  const all: HistoryEvent[] = [];
  for await (const page of paginateGetExecutionHistory(
    { client: sfn() },
    { executionArn, includeExecutionData: false, maxResults: 1000 },
  )) {
    all.push(...(page.events ?? []));
  }
  const redriven = all.findIndex(({ type }) => type === 'ExecutionRedriven');
  const events = redriven === -1 ? all : all.slice(0, redriven);
  const machine = await sfn().send(new DescribeStateMachineForExecutionCommand({ executionArn }));
  const visited = new Set(events.flatMap((event) => event.stateEnteredEventDetails?.name ?? []));
  return {
    steps: stepsFromHistory(events),
    visited: [...visited],
    transitions: transitionsOf(events),
    failed: failedStates(events),
    definition: JSON.parse(machine.definition ?? '{}'),
  };
}

/**
 * The state from which each state was entered: the nearest state on the chain of `previousEventId`s
 * (https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html).
 */
export function transitionsOf(events: HistoryEvent[]): Transition[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  const known = new Map<string, Transition>();
  for (const event of events) {
    const to = event.stateEnteredEventDetails?.name;
    const from = to === undefined ? undefined : stateBefore(event, byId);
    if (to !== undefined && from !== undefined) known.set(`${from}\n${to}`, { from, to });
  }
  return [...known.values()];
}

/** States whose last try failed. A state that succeeded at a later try is not among them. */
export function failedStates(events: HistoryEvent[]): string[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  const failed = new Set<string>();
  for (const event of events) {
    const result = /^(?:Task|LambdaFunction).*(Failed|TimedOut|Succeeded)$/.exec(event.type ?? '')?.[1];
    const state = result === undefined ? undefined : stateBefore(event, byId);
    if (state === undefined) continue;
    if (result === 'Succeeded') failed.delete(state);
    else failed.add(state);
  }
  return [...failed];
}

/** The nearest state on the chain of events before one. */
function stateBefore(event: HistoryEvent, byId: Map<number | undefined, HistoryEvent>): string | undefined {
  let current = byId.get(event.previousEventId);
  while (current !== undefined) {
    const name = current.stateExitedEventDetails?.name ?? current.stateEnteredEventDetails?.name;
    if (name !== undefined) return name;
    // Ids grow along the chain, so a chain that does not go back would never end.
    const previous = byId.get(current.previousEventId);
    if (previous?.id === undefined || current.id === undefined || previous.id >= current.id) return undefined;
    current = previous;
  }
  return undefined;
}
