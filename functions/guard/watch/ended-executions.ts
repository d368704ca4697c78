import { ExecutionStatus, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { EnvironmentVariable } from '../../contract/environment.ts';
import { sfn } from '../../runtime/clients.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import type { Ended } from './events.ts';

/** Older ones were looked at by then, every hour, and their alarm has told them, in milliseconds. */
const OLDEST = 24 * 3600_000;

/** Younger ones may be in the middle of being closed, in milliseconds. */
const YOUNGEST = 20 * 60_000;

/** Newest first, of each status: more in one day than this are more than anybody closes. */
const MOST = 20;

/**
 * Executions of the shutdown that ended within the last day in any way but well. Step Functions sends its events on a best effort basis
 * (https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-states.html), so the hour looks whether one was missed.
 */
export async function endedLately(): Promise<Ended[]> {
  const now = Date.now();
  const ends = [ExecutionStatus.ABORTED, ExecutionStatus.TIMED_OUT, ExecutionStatus.FAILED];
  const pages = await Promise.all(
    ends.map(async (statusFilter) =>
      sfn().send(
        new ListExecutionsCommand({
          stateMachineArn: environmentVariable(EnvironmentVariable.StateMachineArn),
          statusFilter,
          maxResults: MOST,
        }),
      ),
    ),
  );
  return pages
    .flatMap(({ executions = [] }) => executions)
    .flatMap(({ executionArn, startDate, stopDate }): Ended[] => {
      if (executionArn === undefined || startDate === undefined || stopDate === undefined) return [];
      const age = now - stopDate.getTime();
      if (age < YOUNGEST || age > OLDEST) return [];
      return [{ executionArn, startedAt: startDate.toISOString(), endedAt: stopDate.toISOString() }];
    });
}
