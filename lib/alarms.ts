import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunctionResource } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { SystemConfig } from '../functions/contract/config.ts';

/**
 * The number of five-minute periods in which an alarm looks for one value that is too high. The metrics of an idle queue are up to 15
 * minutes late:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
 * And a later value may replace a filled one. Each message raises the alarm, but messages within 20 minutes of another share one alarm.
 */
const LATE_PERIODS = 4;

/**
 * Alarms for events that the run itself cannot report: an execution that timed out or was aborted, and a start that never came. A failed
 * run reports itself. Its alarm is the second way, if its own mail does not go out. Each alarm has its article in docs/operations.md.
 */
export class Alarms extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: {
      system: SystemConfig;
      stateMachine: StateMachine;
      startup: StateMachine;
      keepStopped: StateMachine;
      cleanUp: StateMachine;
      /** Present for a system with a schedule. */
      planner: LambdaFunctionResource | undefined;
      missedStarts: Queue | undefined;
      unheard: Queue;
    },
  ) {
    super(scope, id);
    const { system, stateMachine, startup, keepStopped, cleanUp, planner, missedStarts, unheard } = props;
    const key = new Key(this, 'Key', {
      enableKeyRotation: true,
      description: `Lights Out: alarms of ${system.name}`,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    // Only for alarms of this account: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    const ownAlarms = {
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    };
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    key.addToResourcePolicy(
      new PolicyStatement({
        ...ownAlarms,
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
      }),
    );
    const topic = new Topic(this, 'Topic', {
      masterKey: key,
      enforceSSL: true,
      displayName: `Lights Out: ${system.displayName}`,
    });
    // An own policy replaces the topic's default one, which lets its account publish. CloudWatch therefore needs an Allow:
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    topic.addToResourcePolicy(
      new PolicyStatement({ ...ownAlarms, actions: ['sns:Publish'], resources: [topic.topicArn] }),
    );
    for (const person of system.notices.operators)
      topic.addSubscription(new EmailSubscription(person.address));

    const period = { period: Duration.minutes(5), statistic: 'Sum' };
    // Every bad end of an execution. The sum has no value if one metric has none, so each metric is filled:
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
    const endedBadly = (machine: StateMachine): IMetric =>
      new MathExpression({
        expression: 'FILL(failed, 0) + FILL(timedOut, 0) + FILL(aborted, 0)',
        label: 'Executions that did not succeed',
        period: period.period,
        usingMetrics: {
          failed: machine.metricFailed(period),
          timedOut: machine.metricTimedOut(period),
          aborted: machine.metricAborted(period),
        },
      });
    const alarm = (name: string, metric: IMetric, description: string, evaluationPeriods = 1): void => {
      new Alarm(this, name, {
        metric,
        threshold: 1,
        evaluationPeriods,
        datapointsToAlarm: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
        alarmDescription: `${description} See docs/operations.md, "${name}".`,
      }).addAlarmAction(new SnsAction(topic));
    };
    alarm('RunFailed', stateMachine.metricFailed(period), `A run of ${system.displayName} failed.`);
    alarm(
      'RunTimedOut',
      stateMachine.metricTimedOut(period),
      `A run of ${system.displayName} ran out of time; it is cleaned up by itself.`,
    );
    alarm(
      'RunAborted',
      stateMachine.metricAborted(period),
      `A run of ${system.displayName} was stopped by hand; it is cleaned up by itself.`,
    );
    alarm(
      'StartupFailed',
      endedBadly(startup),
      `${system.displayName} was to be brought back and is not open, or not completely on.`,
      LATE_PERIODS,
    );
    // Counts arriving messages, not the messages in the queue: a message stays two weeks, and a second one would raise no alarm. A service
    // sends every message here, and SQS counts those:
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
    const arrivals = (name: string, queue: Queue, description: string): void =>
      alarm(name, queue.metricNumberOfMessagesSent(period), description, LATE_PERIODS);
    if (missedStarts !== undefined)
      arrivals('StartMissed', missedStarts, `A planned run of ${system.displayName} was not started.`);
    if (planner !== undefined)
      new Alarm(this, 'PlannerSilent', {
        metric: planner.metricInvocations({ period: Duration.days(1), statistic: 'Sum' }),
        threshold: 1,
        evaluationPeriods: 1,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        // A function that nobody calls has no value: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
        treatMissingData: TreatMissingData.BREACHING,
        alarmDescription: `The schedule of ${system.displayName} is not looked at. See docs/operations.md, "PlannerSilent".`,
      }).addAlarmAction(new SnsAction(topic));
    alarm(
      'KeepStoppedFailed',
      endedBadly(keepStopped),
      `${system.displayName} is meant to be off, and something that was started could not be stopped again.`,
      LATE_PERIODS,
    );
    alarm(
      'CleanUpFailed',
      endedBadly(cleanUp),
      `What a run of ${system.displayName} had left behind could not be cleaned up; look what is on and what is off.`,
      LATE_PERIODS,
    );
    arrivals(
      'WatchFailed',
      unheard,
      `The watch over ${system.displayName} failed; look whether it is as it is meant to be.`,
    );
  }
}
