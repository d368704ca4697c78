import { DescribeInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import {
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  DescribeEventsCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import { DescribeExecutionCommand, ListExecutionsCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { vi } from 'vitest';
import type { SystemConfigInput } from '../../functions/contract/config.ts';
import { AwsWorld } from './aws-world.ts';
import { awsError, execution, IDENTIFIER, RUN_ID } from './fixtures.ts';

export const OFF_SINCE = '2026-11-27T15:00:00.000Z';

/** AWS around a system that a run has shut down: everything off, its snapshot proved. Tests change what they are about. */
export class WatchWorld extends AwsWorld {
  database: string | undefined = 'stopped';
  servers: Record<string, string> = { 'i-0a1b2c3d4e5f60718': 'stopped', 'i-0b1c2d3e4f5061728': 'stopped' };
  events: string[] = [];
  snapshot: string | undefined = 'available';
  /** Executions of the shutdown that are over. */
  ended: { executionArn: string; status: string; startDate: Date; stopDate: Date }[] = [];
  /** Status of the execution that holds the lock. */
  holder = 'SUCCEEDED';
  /** What an accepted stop does, beyond being accepted. */
  onStop: () => void = () => {
    this.database = 'stopping';
  };

  constructor(config: Partial<SystemConfigInput> = {}) {
    super();
    vi.stubEnv('KEEP_STOPPED_ARN', 'arn:keep');
    vi.stubEnv('CLEAN_UP_ARN', 'arn:clean-up');
    vi.stubEnv('STATE_MACHINE_ARN', 'arn:shutdown');
    vi.stubEnv('STARTUP_ARN', 'arn:startup');
    this.configure(config);
    this.rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'crm-db' }).callsFake(() => {
      if (this.database === undefined) throw awsError('DBInstanceNotFoundFault', 404);
      return { DBInstances: [{ DBInstanceIdentifier: 'crm-db', DBInstanceStatus: this.database }] };
    });
    this.rds.on(StopDBInstanceCommand, { DBInstanceIdentifier: 'crm-db' }).callsFake(() => {
      if (this.database !== 'available') throw awsError('InvalidDBInstanceStateFault');
      this.onStop();
      return {};
    });
    this.rds.on(DescribeDBSnapshotsCommand, { DBSnapshotIdentifier: IDENTIFIER }).callsFake(() => {
      if (this.snapshot === undefined) throw awsError('DBSnapshotNotFoundFault', 404);
      return {
        DBSnapshots: [
          {
            DBSnapshotIdentifier: IDENTIFIER,
            DBSnapshotArn: `arn:${IDENTIFIER}`,
            DBInstanceIdentifier: 'crm-db',
            Status: this.snapshot,
          },
        ],
      };
    });
    this.rds.on(DescribeEventsCommand).callsFake(({ StartTime }) => ({
      Events: this.events.map((Message) => ({ Message, Date: StartTime })),
    }));
    this.ec2.on(DescribeInstancesCommand).callsFake(() => ({
      Reservations: [
        {
          Instances: Object.entries(this.servers).map(([InstanceId, Name]) => ({
            InstanceId,
            State: { Name },
          })),
        },
      ],
    }));
    this.ec2.on(StopInstancesCommand).callsFake(({ InstanceIds: [id] }) => {
      this.servers[id] = 'stopping';
      return {};
    });
    this.ses.on(SendRawEmailCommand).resolves({ MessageId: 'accepted' });
    this.sfn.on(StartExecutionCommand).resolves({});
    this.sfn.on(ListExecutionsCommand, { stateMachineArn: 'arn:startup' }).resolves({ executions: [] });
    this.sfn.on(ListExecutionsCommand, { stateMachineArn: 'arn:shutdown' }).callsFake(({ statusFilter }) => ({
      executions: this.ended.filter(({ status }) => status === statusFilter),
    }));
    this.sfn
      .on(DescribeExecutionCommand)
      .callsFake(() => ({ status: this.holder, startDate: new Date(execution.startTime) }));
    this.mark();
    this.bucket.put(`runs/crm/${RUN_ID}/certificate.json`, {
      snapshot: { identifier: IDENTIFIER, confirmed: true, verified: true },
      verification: { policy: 'full' },
    });
  }

  mark(changes: object = {}): void {
    this.bucket.put('intent/crm', {
      wanted: 'off',
      since: OFF_SINCE,
      by: `run ${RUN_ID}`,
      run: { id: RUN_ID, executionArn: execution.id },
      stoppedAt: OFF_SINCE,
      stoppedAgain: 0,
      ...changes,
    });
  }

  lock(status: string): void {
    this.holder = status;
    this.bucket.put('locks/crm', { runId: 'another', executionArn: 'arn:another', since: OFF_SINCE });
  }

  get stops(): number {
    return this.rds.commandCalls(StopDBInstanceCommand).length;
  }

  /** Executions that were started: their input. */
  get started(): unknown[] {
    return this.sfn
      .commandCalls(StartExecutionCommand)
      .map((call) => JSON.parse(call.args[0].input.input ?? ''));
  }
}
