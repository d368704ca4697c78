import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import { DescribeExecutionCommand, type ExecutionStatus } from '@aws-sdk/client-sfn';
import { AwsWorld } from '../../aws-world.ts';

/** AWS around a system that is tidied up: the runs are those that left evidence in the bucket. */
export class World extends AwsWorld {
  constructor() {
    super();
    this.configure();
    this.bucket.mock.on(ListObjectsV2Command, { Prefix: 'runs/crm/', Delimiter: '/' }).callsFake(() => ({
      CommonPrefixes: this.#folders().map((Prefix) => ({ Prefix })),
    }));
    this.ses.on(SendRawEmailCommand).resolves({});
  }

  /** What Step Functions says of the execution of every run. */
  executionsAre(execution: { status: ExecutionStatus; stopDate?: Date }): void {
    this.sfn.on(DescribeExecutionCommand).resolves(execution);
  }

  /** A run that is at work holds the lock. */
  runIsInProgress(): void {
    this.bucket.put('locks/crm', { runId: 'r', executionArn: 'arn:r', since: 'x' });
    this.sfn.on(DescribeExecutionCommand, { executionArn: 'arn:r' }).resolves({ status: 'RUNNING' });
  }

  /** All that SES was given to send. */
  get mail(): string {
    return this.ses
      .commandCalls(SendRawEmailCommand)
      .map((call) => Buffer.from(call.args[0].input.RawMessage?.Data ?? '').toString('utf8'))
      .flatMap((mail) => [
        mail,
        ...mail.split(/\r?\n\r?\n/).map((part) => Buffer.from(part, 'base64').toString('utf8')),
      ])
      .join('\n');
  }

  /** How many mails SES took. */
  get told(): number {
    return this.ses.commandCalls(SendRawEmailCommand).length;
  }

  #folders(): string[] {
    const folders = [...this.bucket.objects.keys()].map((key) => /^runs\/crm\/[^/]+\//.exec(key)?.[0]);
    return [...new Set(folders)].filter((folder) => folder !== undefined);
  }
}
