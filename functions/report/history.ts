import {
  DescribeStateMachineForExecutionCommand,
  type HistoryEvent,
  paginateGetExecutionHistory,
} from '@aws-sdk/client-sfn';
import { sfn } from '../shared/aws/clients.ts';
import { stepsFromHistory, type TimelineStep } from '../shared/timeline.ts';

export interface RunHistory {
  steps: TimelineStep[];
  /** Names of the states that were entered. */
  visited: string[];
  /** Amazon States Language. */
  definition: unknown;
}

/** What Step Functions knows of the run so far. */
export async function readHistory(executionArn: string): Promise<RunHistory> {
  const events: HistoryEvent[] = [];
  for await (const page of paginateGetExecutionHistory(
    { client: sfn() },
    { executionArn, includeExecutionData: false, maxResults: 1000 },
  )) {
    events.push(...(page.events ?? []));
  }
  const machine = await sfn().send(new DescribeStateMachineForExecutionCommand({ executionArn }));
  const visited = new Set(events.flatMap((event) => event.stateEnteredEventDetails?.name ?? []));
  return {
    steps: stepsFromHistory(events),
    visited: [...visited],
    definition: JSON.parse(machine.definition ?? '{}'),
  };
}
