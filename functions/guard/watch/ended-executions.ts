import { ExecutionStatus, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { EnvironmentVariable } from '../../contract/environment.ts';
import { sfn } from '../../runtime/clients.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import type { Ended } from './events.ts';

/** Age from which an execution is ignored, in milliseconds: it was looked at every hour until then, and an alarm reported it. */
const OLDEST = 24 * 3600_000;

/** A younger execution may still be closing, in milliseconds. */
const YOUNGEST = 20 * 60_000;

/** Executions listed of each status, newest first. Nobody can close more than this in a day. */
const MOST = 20;

/**
 * Runs that did not end well within the last day. Step Functions sends its events on a best effort basis
 * (https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-states.html), so the hourly call looks for a missed one.
 */
export async function endedLately(): Promise<Ended[]> {
  const now = Date.now();
  const ends = [ExecutionStatus.ABORTED, ExecutionStatus.TIMED_OUT, ExecutionStatus.FAILED];
  const machines = [EnvironmentVariable.StateMachineArn, EnvironmentVariable.StartupArn].map(
    environmentVariable,
  );
  const pages = await Promise.all(
    machines.flatMap((stateMachineArn) =>
      ends.map((statusFilter) =>
        sfn().send(new ListExecutionsCommand({ stateMachineArn, statusFilter, maxResults: MOST })),
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
