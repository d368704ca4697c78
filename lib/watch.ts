import { Duration } from 'aws-cdk-lib';
import { type CfnRule, type EventPattern, Match, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunctionResource } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { SystemConfig } from '../functions/contract/config.ts';
import { DeadLetters } from './dead-letters.ts';

/** The watch looks every hour anyway, so an event is useless after an hour. */
const USEFUL = Duration.hours(1);

/**
 * How many servers one rule names. A pattern holds at most 2,048 characters, and an id with its quotes takes 22:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
 */
const SERVERS_A_RULE = 80;

/**
 * Calls the watch when something starts that may be meant to be off, and when a run does not end well. Calls it every hour too, since
 * events may be lost. If a call fails finally, it goes to a queue that alarms.
 */
export class Watch extends Construct {
  readonly deadLetters: Queue;
  private readonly watch: LambdaFunctionResource;
  private readonly rules: Rule[] = [];

  constructor(
    scope: Construct,
    id: string,
    props: {
      system: SystemConfig;
      /** The machines of the runs. */
      stateMachines: StateMachine[];
      watch: LambdaFunctionResource;
      tidy: LambdaFunctionResource;
    },
  ) {
    super(scope, id);
    const { system, stateMachines, watch, tidy } = props;
    this.watch = watch;
    this.deadLetters = new DeadLetters(this, 'Unheard');
    for (const each of [watch, tidy]) {
      each.configureAsyncInvoke({
        retryAttempts: 2,
        maxEventAge: USEFUL,
        onFailure: new SqsDestination(this.deadLetters),
      });
    }

    // RDS keeps identifiers in lower case.
    const database = system.database.identifier.toLowerCase();
    const servers = system.servers.map((server) => server.instanceId);
    this.rule('DatabaseStarted', 'RDS says that the database is being started or was started', {
      source: ['aws.rds'],
      detailType: ['RDS DB Instance Event', 'RDS DB Cluster Event'],
      detail: {
        // AWS's own examples show the identifier with the prefix and without it:
        // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-cloudwatch-events.sample.html
        SourceIdentifier: [database, `rds:${database}`],
        // For an instance and for a cluster: started by RDS after seven days; started.
        EventID: ['RDS-EVENT-0154', 'RDS-EVENT-0153', 'RDS-EVENT-0088', 'RDS-EVENT-0151'],
      },
    });
    this.rule('StartedBySomebody', 'CloudTrail says who started the database', {
      source: ['aws.rds'],
      detailType: ['AWS API Call via CloudTrail'],
      detail: {
        eventName: ['StartDBInstance', 'StartDBCluster'],
        // The caller may have used any case.
        $or: ['dBInstanceIdentifier', 'dBClusterIdentifier'].map((key) => ({
          requestParameters: { [key]: Match.equalsIgnoreCase(database) },
        })),
      },
    });
    inGroups(servers).forEach((instances, index) => {
      const group = index === 0 ? '' : String(index + 1);
      this.rule(`ServerStarted${group}`, 'EC2 says that one of the servers runs', {
        source: ['aws.ec2'],
        detailType: ['EC2 Instance State-change Notification'],
        detail: { 'instance-id': instances, state: ['running'] },
      });
      this.rule(`ServerStartedBySomebody${group}`, 'CloudTrail says who started a server', {
        source: ['aws.ec2'],
        detailType: ['AWS API Call via CloudTrail'],
        detail: {
          eventName: ['StartInstances'],
          requestParameters: { instancesSet: { items: { instanceId: instances } } },
        },
      });
    });
    this.rule('RunEnded', 'Step Functions says that a run did not end well', {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: {
        stateMachineArn: stateMachines.map(({ stateMachineArn }) => stateMachineArn),
        status: ['ABORTED', 'TIMED_OUT', 'FAILED'],
      },
    });
    this.letRulesSend();
    this.schedules(system, tidy);
  }

  private rule(id: string, description: string, eventPattern: EventPattern): void {
    const rule = new Rule(this, id, {
      description: `Lights Out: ${description}`,
      eventPattern,
      targets: [new LambdaFunction(this.watch, { maxEventAge: USEFUL, retryAttempts: 20 })],
    });
    const resource = rule.node.defaultChild as CfnRule;
    resource.addPropertyOverride('Targets.0.DeadLetterConfig', { Arn: this.deadLetters.queueArn });
    this.rules.push(rule);
  }

  /** One statement for all rules. CDK would add one per rule, but a queue's policy takes 20 (and 10 conditions). */
  private letRulesSend(): void {
    this.deadLetters.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.deadLetters.queueArn],
        // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html#eb-dlq-perms
        conditions: { ArnEquals: { 'aws:SourceArn': this.rules.map(({ ruleArn }) => ruleArn) } },
      }),
    );
  }

  private schedules(system: SystemConfig, tidy: LambdaFunctionResource): void {
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com'),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [this.watch.functionArn, tidy.functionArn],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.deadLetters.queueArn] }),
    );
    const schedule = (
      id: string,
      what: string,
      rate: string,
      target: LambdaFunctionResource,
      input: object,
    ) =>
      new CfnSchedule(this, id, {
        description: `Lights Out: ${what} (${system.name})`,
        scheduleExpression: rate,
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          arn: target.functionArn,
          roleArn: role.roleArn,
          input: JSON.stringify(input),
          retryPolicy: { maximumEventAgeInSeconds: USEFUL.toSeconds(), maximumRetryAttempts: 5 },
          deadLetterConfig: { arn: this.deadLetters.queueArn },
        },
      });
    schedule('Hourly', 'is the system as it is meant to be?', 'rate(1 hour)', this.watch, { look: true });
    schedule('Sweep', 'is anything left of a run?', 'rate(1 hour)', tidy, { action: 'sweep' });
    if (system.retention !== 'keep-all')
      schedule('Retain', 'which snapshots are kept?', 'rate(1 day)', tidy, { action: 'retain' });
  }
}

function inGroups(servers: string[]): string[][] {
  return Array.from({ length: Math.ceil(servers.length / SERVERS_A_RULE) }, (_, index) =>
    servers.slice(index * SERVERS_A_RULE, (index + 1) * SERVERS_A_RULE),
  );
}
