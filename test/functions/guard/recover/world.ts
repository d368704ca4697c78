import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
} from '@aws-sdk/client-sfn';
import type { LookedAtRun } from '../../../../functions/contract/recovery.ts';
import type { RecoveredState } from '../../../../functions/contract/state-after.ts';
import { handler } from '../../../../functions/guard/recover/handler.ts';
import { AwsWorld } from '../../aws-world.ts';
import { execution, plan, runContext, system } from '../../fixtures.ts';

/** The execution of CleanUp that looks after {@link execution}. */
export const OWN = {
  id: 'arn:aws:states:eu-central-1:123456789012:execution:LightsOut-crm-CleanUp:c1',
  name: 'c1',
  startTime: '2026-11-27T15:00:10.000Z',
};
/** When the run was stopped. */
const STOPPED = new Date('2026-11-27T15:00:00.000Z');
/** Ten minutes later: whatever was at work then has ended. */
export const NOW = '2026-11-27T15:10:00.000Z';
/** The run's state once it has a plan. */
export const base = { run: runContext(), config: system(), plan: plan() };

/** AWS around a run that somebody stopped by hand while it held the lock: everything is on, its history is as far as the test tells it. */
export class World extends AwsWorld {
  readonly events: HistoryEvent[] = [];
  /** Status of the database. */
  database = 'available';
  /** State of every server. */
  servers = 'running';

  constructor() {
    super();
    this.bucket.lock();
    this.happened('ExecutionStarted');
    this.rds.on(DescribeDBInstancesCommand).callsFake(() => ({
      DBInstances: [{ DBInstanceStatus: this.database }],
    }));
    this.ec2.on(DescribeInstancesCommand).callsFake(({ Filters }) => ({
      Reservations: [
        {
          Instances: Filters[0].Values.map((InstanceId: string) => ({
            InstanceId,
            State: { Name: this.servers },
          })),
        },
      ],
    }));
    this.executionIs({
      status: 'ABORTED',
      name: execution.name,
      startDate: new Date(execution.startTime),
      stopDate: STOPPED,
      error: 'Night shift',
      cause: 'the sales team called',
    });
    this.sfn.on(GetExecutionHistoryCommand, { reverseOrder: true }).callsFake(({ nextToken }) => {
      // Two events a page, so that paging is always needed.
      const reversed = this.events.toReversed();
      const from = Number(nextToken ?? 0);
      return {
        events: reversed.slice(from, from + 2),
        ...(from + 2 < reversed.length ? { nextToken: String(from + 2) } : {}),
      };
    });
  }

  /** What Step Functions says of every execution that the test does not name. */
  executionIs(output: Partial<DescribeExecutionOutput>): void {
    this.sfn.on(DescribeExecutionCommand).resolves(output);
  }

  happened(...types: HistoryEvent['type'][]): void {
    for (const type of types) this.events.push({ id: this.events.length + 1, timestamp: STOPPED, type });
  }

  /** States that the run entered, each with the state of the run that it was given. Default: {@link base}. */
  tell(...story: [name: string, input?: unknown][]): void {
    for (const [name, input = base] of story)
      this.events.push({
        id: this.events.length + 1,
        timestamp: STOPPED,
        type: 'TaskStateEntered',
        stateEnteredEventDetails: { name, input: JSON.stringify(input) },
      });
  }

  /** @param looked The answer of the look before. */
  look(looked?: LookedAtRun): Promise<LookedAtRun> {
    return handler({
      action: 'look',
      execution: OWN,
      state: { executionArn: execution.id, ...(looked === undefined ? {} : { looked }) },
    }) as Promise<LookedAtRun>;
  }

  takeUp(kind: LookedAtRun['kind']): Promise<RecoveredState> {
    const looked = { kind, found: '', done: true, waitSeconds: 0, since: '' };
    return handler({
      action: 'take-up',
      execution: OWN,
      state: { executionArn: execution.id, looked },
    }) as Promise<RecoveredState>;
  }
}
