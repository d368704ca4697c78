import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import { DescribeStateMachineForExecutionCommand, GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { vi } from 'vitest';
import type { ExecutionReference } from '../../../functions/contract/state.ts';
import type { ReportResult } from '../../../functions/report/already-closed.ts';
import { handler, type ReportEvent } from '../../../functions/report/handler.ts';
import { AwsWorld } from '../aws-world.ts';
import { askedInstances, awsError, execution, unexpected } from '../fixtures.ts';
import { folder } from './evidence.ts';
import { definitionText, type RunFixture } from './runs.ts';

/** Events a page: small, so that a history always has several. */
const PAGE = 7;

/** AWS around a run that is being closed. Whatever the run's fixture does not say is an unexpected call. */
export class World extends AwsWorld {
  readonly run: RunFixture;

  constructor(run: RunFixture) {
    super();
    this.run = run;
    vi.setSystemTime(run.closedAt);
    for (const [key, value] of Object.entries(run.evidence)) this.bucket.put(key, value);
    this.bucket.lock();
    this.rds.on(DescribeDBInstancesCommand).callsFake(({ DBInstanceIdentifier: id }) => {
      const status = run.instances[id];
      if (status === undefined) throw awsError('DBInstanceNotFoundFault', 404);
      return { DBInstances: [{ DBInstanceIdentifier: id, DBInstanceStatus: status }] };
    });
    this.ec2.on(DescribeInstancesCommand).callsFake((input) => ({
      Reservations: [
        {
          Instances: askedInstances(input).map((id) => ({
            InstanceId: id,
            State: { Name: this.#server(id) },
          })),
        },
      ],
    }));
    this.ses.on(SendRawEmailCommand).resolves({ MessageId: 'accepted' });
    this.sfn.on(GetExecutionHistoryCommand).callsFake(({ executionArn, nextToken }) => {
      if (executionArn !== execution.id) throw unexpected();
      const from = Number(nextToken ?? 0);
      const more = from + PAGE < run.events.length;
      return {
        events: run.events.slice(from, from + PAGE),
        ...(more ? { nextToken: String(from + PAGE) } : {}),
      };
    });
    this.sfn.on(DescribeStateMachineForExecutionCommand).resolves({ definition: definitionText });
  }

  close(state: unknown = this.run.state, of: ExecutionReference = execution): Promise<ReportResult> {
    return handler({ action: 'close', execution: of, state } as ReportEvent) as Promise<ReportResult>;
  }

  /** As CleanUp closes a run that ended without closing. */
  closeFor(state: unknown): Promise<ReportResult> {
    return handler({ action: 'close-for', execution, state } as ReportEvent) as Promise<ReportResult>;
  }

  /** S3 refuses each put of this object of the run's evidence. */
  failPuts(name: string, error: Error): void {
    this.bucket.mock.on(PutObjectCommand, { Bucket: 'evidence', Key: `${folder}/${name}` }).rejects(error);
  }

  get certificate(): Record<string, unknown> {
    return this.bucket.read(`${folder}/certificate.json`) as Record<string, unknown>;
  }

  get report(): string {
    return this.bucket.objects.get(`${folder}/report.html`)?.text ?? '';
  }

  get lockHeld(): boolean {
    return this.bucket.objects.has('locks/crm');
  }

  #server(id: string): string {
    const name = this.run.config.servers.find((server) => server.instanceId === id)?.name ?? '';
    const state = this.run.servers[name];
    if (state === undefined) throw unexpected();
    return state;
  }
}
