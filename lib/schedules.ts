import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunctionResource } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { CfnSchedule, ContextAttribute } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { SystemConfig } from '../functions/contract/config.ts';
import { DeadLetters } from './dead-letters.ts';

/**
 * An undelivered start is given up after this time. EventBridge Scheduler's default is 24 hours: a late retry could shut the CRM down in
 * working hours.
 */
const MAXIMUM_EVENT_AGE_SECONDS = 15 * 60;
const RETRIES = 5;

/**
 * Starts the shutdown at its planned times, in the system's time zone, by a function that proves who asked. If EventBridge Scheduler or
 * Lambda gives a start up, it goes to a queue that alarms.
 */
export class Schedules extends Construct {
  /** Present for a system with a schedule. */
  readonly deadLetters: Queue | undefined;

  /** @param props.start the function that starts a run, for a system with a schedule. */
  constructor(
    scope: Construct,
    id: string,
    props: { system: SystemConfig; start: LambdaFunctionResource | undefined },
  ) {
    super(scope, id);
    const { system, start } = props;
    if (system.schedule === undefined || start === undefined) return;
    const deadLetters = new DeadLetters(this, 'MissedStarts');
    this.deadLetters = deadLetters;

    // Scheduler's call ends when Lambda accepts the event. Lambda then retries failures and sends them to the queue.
    // https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html
    start.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.seconds(MAXIMUM_EVENT_AGE_SECONDS),
      onFailure: new SqsDestination(deadLetters),
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('scheduler.amazonaws.com') });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [start.functionArn] }),
    );
    role.addToPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] }),
    );
    const { shutdown, reason } = system.schedule;
    new CfnSchedule(this, 'Shutdown', {
      description: `Lights Out: shuts ${system.name} down`,
      scheduleExpression: shutdown,
      scheduleExpressionTimezone: system.timeZone,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: start.functionArn,
        roleArn: role.roleArn,
        // https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
        input: JSON.stringify({
          action: 'start',
          scheduledAt: ContextAttribute.scheduledTime,
          schedule: ContextAttribute.scheduleArn,
          expression: shutdown,
          input: reason === undefined ? {} : { reason },
        }),
        retryPolicy: { maximumEventAgeInSeconds: MAXIMUM_EVENT_AGE_SECONDS, maximumRetryAttempts: RETRIES },
        deadLetterConfig: { arn: deadLetters.queueArn },
      },
    });
  }
}
