import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunctionResource } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { CfnSchedule, ContextAttribute } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { SystemConfig } from '../functions/contract/config.ts';
import { PLANNER_TICK } from '../functions/contract/timetable.ts';
import { DeadLetters } from './dead-letters.ts';

/** A call of the planner that is not delivered within this time is given up: the next one looks at the same. */
const MAXIMUM_EVENT_AGE_SECONDS = PLANNER_TICK / 1_000;
const RETRIES = 5;

/**
 * Calls the planner, which starts the runs of the system's schedule. If EventBridge Scheduler or Lambda gives a call up, it goes to a queue
 * that alarms. So does a planner that is not called for a day.
 */
export class Schedules extends Construct {
  /** Present for a system with a schedule. */
  readonly deadLetters: Queue | undefined;

  /** @param props.planner the function that starts what is due, for a system with a schedule. */
  constructor(
    scope: Construct,
    id: string,
    props: { system: SystemConfig; planner: LambdaFunctionResource | undefined },
  ) {
    super(scope, id);
    const { system, planner } = props;
    if (planner === undefined) return;
    const deadLetters = new DeadLetters(this, 'MissedStarts');
    this.deadLetters = deadLetters;

    // Scheduler's call ends when Lambda accepts the event. Lambda then retries failures and sends them to the queue.
    // https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html
    planner.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.seconds(MAXIMUM_EVENT_AGE_SECONDS),
      onFailure: new SqsDestination(deadLetters),
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('scheduler.amazonaws.com') });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [planner.functionArn] }),
    );
    role.addToPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] }),
    );
    new CfnSchedule(this, 'Planner', {
      description: `Lights Out: which runs of ${system.name} are due?`,
      scheduleExpression: `rate(${PLANNER_TICK / 60_000} minutes)`,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: planner.functionArn,
        roleArn: role.roleArn,
        // https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
        input: JSON.stringify({ action: 'look', schedule: ContextAttribute.scheduleArn }),
        retryPolicy: { maximumEventAgeInSeconds: MAXIMUM_EVENT_AGE_SECONDS, maximumRetryAttempts: RETRIES },
        deadLetterConfig: { arn: deadLetters.queueArn },
      },
    });
  }
}
