import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { SystemConfig } from '../functions/shared/contract/config.ts';
import { DeadLetters } from './dead-letters.ts';

/**
 * A start that could not be delivered is given up after this long, in seconds. EventBridge Scheduler's default is 24 hours, in which
 * a late retry could shut the CRM down in working hours.
 */
const MAXIMUM_EVENT_AGE_SECONDS = 15 * 60;
const RETRIES = 5;

/** Starts the shutdown at its planned times, in the system's time zone; a start that is given up lands in a queue that alarms. */
export class Schedules extends Construct {
  /** Of a system with a schedule. */
  readonly deadLetters: Queue | undefined;

  constructor(scope: Construct, id: string, props: { system: SystemConfig; stateMachine: StateMachine }) {
    super(scope, id);
    const { system, stateMachine } = props;
    if (system.schedule === undefined) return;
    const deadLetters = new DeadLetters(this, 'MissedStarts');
    this.deadLetters = deadLetters;

    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('scheduler.amazonaws.com') });
    role.addToPolicy(
      new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachine.stateMachineArn] }),
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
        arn: stateMachine.stateMachineArn,
        roleArn: role.roleArn,
        input: JSON.stringify({
          requestedBy: `schedule ${shutdown}`,
          ...(reason === undefined ? {} : { reason }),
        }),
        retryPolicy: { maximumEventAgeInSeconds: MAXIMUM_EVENT_AGE_SECONDS, maximumRetryAttempts: RETRIES },
        deadLetterConfig: { arn: deadLetters.queueArn },
      },
    });
  }
}
