import { appendFileSync } from 'node:fs';
import type { SandboxAccount } from '../../deployment.ts';
import type { SimulatedClock } from '../../play/clock.ts';
import { whyNotAllowed } from '../iam/resource-policy.ts';
import type { DeployedAlarm, DeployedTopic, MetricKey } from './deployed-alarms.ts';

/** A line of `alarms.jsonl`: an alarm that rang, and one who was to hear of it. */
export interface AlarmLine {
  /** ISO 8601, simulated time. */
  at: string;
  alarm: string;
  description: string;
  /** An address, or what was between the alarm and everybody. */
  recipient: string;
  outcome: 'told' | 'refused';
  answer?: string;
}

export interface AlarmWorldOptions {
  account: SandboxAccount;
  alarms: readonly DeployedAlarm[];
  clock: Pick<SimulatedClock, 'now'>;
  /** `alarms.jsonl`. */
  path: string;
}

/**
 * CloudWatch's alarms and the topics that they tell. An alarm is looked at when a value arrives, not at the end of its period, so it rings up to five
 * minutes before CloudWatch's would. Each is told at most once until it is OK again, as AWS does:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 */
export class AlarmWorld {
  readonly lines: AlarmLine[] = [];
  /** What each that rang says, in the order in which they rang. */
  readonly rang: string[] = [];
  readonly #options: AlarmWorldOptions;
  /** What was counted, by metric and beginning of the period. */
  readonly #counts = new Map<string, number>();
  /** When a value last reached the threshold, of each alarm that rings. */
  readonly #ringing = new Map<DeployedAlarm, number>();

  constructor(options: AlarmWorldOptions) {
    this.#options = options;
  }

  /** What rang and reached nobody, in a sentence each. */
  get defects(): Error[] {
    return this.lines
      .filter(({ outcome }) => outcome === 'refused')
      .map(
        ({ alarm, recipient, answer }) =>
          new Error(`alarm ${alarm} rang and was not told to ${recipient}: ${answer ?? ''}`),
      );
  }

  /** An execution has ended: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html */
  executionEnded(stateMachineArn: string, status: string): void {
    const metric = {
      FAILED: 'ExecutionsFailed',
      TIMED_OUT: 'ExecutionsTimedOut',
      ABORTED: 'ExecutionsAborted',
    }[status];
    if (metric !== undefined) this.#count(`AWS/States/${metric} ${stateMachineArn}`);
  }

  /** A service has sent a message to a queue: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html */
  messageSent(queueArn: string): void {
    this.#count(`AWS/SQS/NumberOfMessagesSent ${queueArn.split(':').pop() ?? ''}`);
  }

  #count(metric: MetricKey): void {
    for (const alarm of this.#options.alarms) {
      if (!alarm.terms.some((term) => term.metric === metric)) continue;
      const slot = this.#slot(alarm, metric);
      this.#counts.set(slot, (this.#counts.get(slot) ?? 0) + 1);
      this.#evaluate(alarm);
    }
  }

  #evaluate(alarm: DeployedAlarm): void {
    const now = this.#options.clock.now();
    const values = alarm.terms.map(
      ({ metric, filled }) => this.#counts.get(this.#slot(alarm, metric)) ?? (filled ? 0 : Number.NaN),
    );
    // A sum with a value that is missing is missing itself: no number reaches a threshold then.
    if (!(values.reduce((sum, value) => sum + value, 0) >= alarm.threshold)) return;
    const since = this.#ringing.get(alarm);
    this.#ringing.set(alarm, now);
    if (since === undefined || now - since >= alarm.quietAfter) this.#ring(alarm);
  }

  #slot({ name, period }: DeployedAlarm, metric: MetricKey): string {
    return `${name} ${metric} ${Math.floor(this.#options.clock.now() / period)}`;
  }

  #ring(alarm: DeployedAlarm): void {
    this.rang.push(alarm.description);
    if (alarm.topics.length === 0) this.#write(alarm, 'anybody', 'it has no action');
    for (const topic of alarm.topics) {
      if (typeof topic === 'string') {
        this.#write(alarm, topic, 'there is no such topic in the stack');
        continue;
      }
      const refusal = this.#refusalBy(topic, alarm);
      if (refusal !== undefined) this.#write(alarm, topic.arn, refusal);
      else
        for (const { protocol, endpoint } of topic.subscribers)
          this.#write(
            alarm,
            endpoint,
            protocol === 'email' ? undefined : `${protocol} is not known to the sandbox`,
          );
    }
  }

  /** https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services */
  #refusalBy({ arn, policies, key, subscribers }: DeployedTopic, alarm: DeployedAlarm): string | undefined {
    const call = {
      service: 'cloudwatch.amazonaws.com',
      sourceArn: alarm.arn,
      sourceAccount: this.#options.account.account,
    };
    const publish = whyNotAllowed(policies, { ...call, action: 'sns:Publish', resource: arn });
    if (publish !== undefined) return `the topic's policy: ${publish}`;
    for (const action of key === undefined ? [] : ['kms:GenerateDataKey', 'kms:Decrypt']) {
      const use = whyNotAllowed(key?.policies ?? [], { ...call, action, resource: key?.arn ?? '' });
      if (use !== undefined) return `the policy of the topic's key: ${use}`;
    }
    return subscribers.length === 0 ? 'nobody has subscribed' : undefined;
  }

  #write({ name, description }: DeployedAlarm, recipient: string, refusal: string | undefined): void {
    const line: AlarmLine = {
      at: new Date(this.#options.clock.now()).toISOString(),
      alarm: name,
      description,
      recipient,
      ...(refusal === undefined ? { outcome: 'told' } : { outcome: 'refused', answer: refusal }),
    };
    this.lines.push(line);
    appendFileSync(this.#options.path, `${JSON.stringify(line)}\n`);
  }
}
