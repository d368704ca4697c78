import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import { stepsFromHistory } from '../../../functions/contract/timeline.ts';

const event = (id: number, type: HistoryEventType, name?: string): HistoryEvent => ({
  id,
  previousEventId: id - 1,
  timestamp: new Date(id * 1000),
  type,
  ...(name === undefined ? {} : { stateEnteredEventDetails: { name } }),
});
const begun = [
  event(1, 'ExecutionStarted'),
  event(2, 'TaskStateEntered', 'Take snapshot'),
  event(3, 'LambdaFunctionScheduled'),
];

it.each(['ExecutionAborted', 'ExecutionFailed', 'ExecutionTimedOut', 'TaskStateAborted'] as const)(
  'shows no step as under way after %s',
  (end) => {
    expect(stepsFromHistory([...begun, event(4, end)])).toMatchObject([
      { name: 'Take snapshot', outcome: 'failed', endedAt: '1970-01-01T00:00:04.000Z' },
    ]);
  },
);

it('shows a step as under way while it is', () => {
  expect(stepsFromHistory(begun)).toMatchObject([{ name: 'Take snapshot', outcome: 'running' }]);
});
