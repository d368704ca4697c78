import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import { DescribeStateMachineForExecutionCommand, GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import type { ReachedStartup } from '../../../../functions/contract/startup-state.ts';
import type { ExecutionReference } from '../../../../functions/contract/state.ts';
import { handler, type ReportEvent } from '../../../../functions/report/handler.ts';
import type { StartupReport } from '../../../../functions/report/startup/close.ts';
import { runIdOf } from '../../../../functions/runtime/run.ts';
import { AwsWorld } from '../../aws-world.ts';
import { type AskedInstances, askedInstances, execution, system } from '../../fixtures.ts';
import { SHUTDOWN, SHUTDOWN_FOLDER, startupPlan, startupRun } from '../../startup-world.ts';

export const STARTUP: ExecutionReference = {
  ...execution,
  id: execution.id.replace('LightsOut-crm-Shutdown', 'LightsOut-crm-Startup'),
};
export const ID = runIdOf(STARTUP);
export const FOLDER = `runs/crm/${ID}`;
export const OPENED = '2026-11-27T14:00:00.000Z';
export const USERS = ['all@example.com', 'desk@example.com', 'partners@example.com'];
export const OPS = 'ops@example.com';

/** The state of a start-up that has its plan. @param parts What later steps added, or what takes the place of these. */
export const reached = ({ run, ...parts }: ReachedStartup = {}): ReachedStartup => ({
  run: startupRun({ ...run, id: ID, executionArn: STARTUP.id }),
  config: system(),
  wake: startupPlan(),
  ...parts,
});
const opened = { done: true, waitSeconds: 0, since: execution.startTime, at: OPENED };
/** The state of a start-up that has let users in. */
export const succeeded = (parts: ReachedStartup = {}): ReachedStartup => reached({ opened, ...parts });
export const failure = {
  Error: 'ServiceDidNotStart',
  Cause: '{"errorMessage":"nginx on web-1 is <failed>"}',
};

/** AWS around a start-up that is being closed: everything runs, the mark says on. */
export class ClosingWorld extends AwsWorld {
  constructor() {
    super();
    this.configure();
    this.rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ DBInstanceStatus: 'available' }] });
    this.ec2.on(DescribeInstancesCommand).callsFake((input: AskedInstances) => ({
      Reservations: [
        {
          Instances: askedInstances(input).map((InstanceId) => ({ InstanceId, State: { Name: 'running' } })),
        },
      ],
    }));
    this.ses.on(SendRawEmailCommand).resolves({ MessageId: 'm' });
    this.sfn.on(GetExecutionHistoryCommand).resolves({ events: [] });
    this.sfn.on(DescribeStateMachineForExecutionCommand).resolves({
      definition: '{"StartAt":"Open","States":{"Open":{"Type":"Task","End":true}}}',
    });
    this.bucket.put('intent/crm', {
      wanted: 'on',
      since: execution.startTime,
      by: `run ${ID}`,
      run: { id: SHUTDOWN, executionArn: 'arn:shutdown' },
      stoppedAgain: 0,
    });
    this.bucket.put(`${SHUTDOWN_FOLDER}/certificate.json`, {
      run: {},
      snapshot: { identifier: 'snap', verified: true },
      verification: { tables: 4, rows: 900 },
      steps: [],
    });
    this.bucket.lock(STARTUP.id);
  }

  async close(state: unknown, action: ReportEvent['action'] = 'close-startup'): Promise<StartupReport> {
    return (await handler({ action, execution: STARTUP, state } as ReportEvent)) as StartupReport;
  }

  get certificate(): unknown {
    return this.bucket.read(`${FOLDER}/certificate.json`);
  }

  get page(): string {
    return this.bucket.objects.get(`${FOLDER}/report.html`)?.text ?? '';
  }

  get isLocked(): boolean {
    return this.bucket.objects.has('locks/crm');
  }

  /** Who was mailed, in order. */
  async mailed(): Promise<string[]> {
    return (await this.mails()).map(({ to }) => to);
  }
}
