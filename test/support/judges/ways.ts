import type { ResolvedStack } from '../iam/policies.ts';
import { isAssumedBy, list, mayService, type Sender } from './allowed.ts';
import { Links } from './links.ts';

type Properties = Record<string, unknown>;

/**
 * Follows every way that a message takes through a stack, and names each link that is missing: rule and schedule → target → dead-letter queue
 * → alarm → topic → key → subscription; function → destination; route → function; state machine → function.
 */
export class Ways {
  readonly #stack: ResolvedStack;
  readonly #links: Links;
  readonly #problems: string[] = [];

  constructor(stack: ResolvedStack) {
    this.#stack = stack;
    this.#links = new Links(stack);
  }

  problems(): string[] {
    this.#problems.length = 0;
    for (const [id, rule] of this.#links.of('AWS::Events::Rule')) this.#rule(id, rule);
    for (const [id, schedule] of this.#links.of('AWS::Scheduler::Schedule')) this.#schedule(id, schedule);
    for (const [id, config] of this.#links.of('AWS::Lambda::EventInvokeConfig'))
      this.#destination(id, config);
    for (const [id, fn] of this.#links.of('AWS::Lambda::Function')) this.#function(id, fn);
    for (const [id, queue] of this.#links.of('AWS::SQS::Queue')) this.#watchedQueue(id, queue);
    for (const [id, alarm] of this.#links.of('AWS::CloudWatch::Alarm')) this.#alarm(id, alarm);
    for (const [id, machine] of this.#links.of('AWS::StepFunctions::StateMachine'))
      this.#machine(id, machine);
    for (const [id, route] of this.#links.of('AWS::ApiGatewayV2::Route')) this.#route(id, route);
    return [...new Set(this.#problems)];
  }

  #must(id: string, holds: boolean, missing: string): void {
    if (!holds) this.#problems.push(`${id}: ${missing}`);
  }

  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html, …/eb-rule-dlq.html */
  #rule(id: string, rule: Properties): void {
    const sender = this.#links.sender(
      'events.amazonaws.com',
      this.#links.arnOf('events', `rule/${this.#links.nameOf(id)}`),
    );
    const targets = (rule['Targets'] ?? []) as Properties[];
    this.#must(id, rule['State'] === 'ENABLED', 'the rule is not enabled');
    this.#must(id, targets.length > 0, 'the rule has no target');
    for (const target of targets) {
      const arn = String(target['Arn']);
      this.#must(id, this.#links.functionId(arn) !== undefined, `its target ${arn} is not in the stack`);
      this.#must(
        id,
        this.#links.mayInvoke(arn, sender),
        'no permission lets EventBridge call its target for this rule',
      );
      const queue = (target['DeadLetterConfig'] as Properties | undefined)?.['Arn'];
      this.#must(id, queue !== undefined, 'its target has no dead-letter queue');
      if (queue !== undefined) this.#sendsTo(id, String(queue), sender);
    }
  }

  /** https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html, …/configuring-schedule-dlq.html */
  #schedule(id: string, schedule: Properties): void {
    const target = schedule['Target'] as Properties;
    const [arn, role] = [String(target['Arn']), String(target['RoleArn'])];
    this.#must(id, schedule['State'] !== 'DISABLED', 'the schedule is not enabled');
    this.#must(id, this.#links.functionId(arn) !== undefined, `its target ${arn} is not in the stack`);
    this.#must(
      id,
      isAssumedBy(this.#stack, role, 'scheduler.amazonaws.com'),
      'EventBridge Scheduler may not assume its role',
    );
    this.#must(
      id,
      this.#links.mayRole(role, 'lambda:InvokeFunction', arn),
      'its role may not call the target',
    );
    const queue = (target['DeadLetterConfig'] as Properties | undefined)?.['Arn'];
    this.#must(id, queue !== undefined, 'it has no dead-letter queue');
    if (queue === undefined) return;
    this.#must(
      id,
      this.#links.queueId(String(queue)) !== undefined,
      `its dead-letter queue ${String(queue)} is not in the stack`,
    );
    this.#must(
      id,
      this.#links.mayRole(role, 'sqs:SendMessage', String(queue)),
      'its role may not send to the dead-letter queue',
    );
  }

  /** By the function's own role: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
  #destination(id: string, config: Properties): void {
    const fn = this.#links
      .of('AWS::Lambda::Function')
      .find(([name]) => this.#links.nameOf(name) === config['FunctionName']);
    const onFailure = (config['DestinationConfig'] as { OnFailure?: Properties } | undefined)?.OnFailure;
    this.#must(id, fn !== undefined, 'its function is not in the stack');
    this.#must(id, onFailure !== undefined, 'a call that fails to the end is told to nobody');
    if (onFailure === undefined) return;
    const queue = String(onFailure['Destination']);
    this.#must(id, this.#links.queueId(queue) !== undefined, `its destination ${queue} is not in the stack`);
    this.#must(
      id,
      this.#links.mayRole(String(fn?.[1]['Role']), 'sqs:SendMessage', queue),
      'the role of its function may not send to the destination',
    );
  }

  #function(id: string, fn: Properties): void {
    const role = String(fn['Role']);
    this.#must(id, isAssumedBy(this.#stack, role, 'lambda.amazonaws.com'), 'Lambda may not assume its role');
    const group = (fn['LoggingConfig'] as Properties | undefined)?.['LogGroup'];
    const logs = this.#links.arnOf('logs', `log-group:${String(group)}:*`);
    this.#must(id, this.#links.mayRole(role, 'logs:PutLogEvents', logs), 'its role may not write its log');
    // Whoever is called asynchronously needs somewhere for what fails to the end.
    const isCalledLater = [
      ...this.#links.of('AWS::Events::Rule').flatMap(([, rule]) => (rule['Targets'] ?? []) as Properties[]),
      ...this.#links.of('AWS::Scheduler::Schedule').map(([, schedule]) => schedule['Target'] as Properties),
    ].some((target) => target['Arn'] === this.#links.functionArn(id));
    const configured = this.#links
      .of('AWS::Lambda::EventInvokeConfig')
      .some(([, config]) => config['FunctionName'] === this.#links.nameOf(id));
    if (isCalledLater) this.#must(id, configured, 'a call that fails to the end is told to nobody');
  }

  /** What lies in a queue that nobody reads must ring. */
  #watchedQueue(id: string, queue: Properties): void {
    const alarms = this.#links
      .of('AWS::CloudWatch::Alarm')
      .filter(([, alarm]) =>
        ((alarm['Dimensions'] ?? []) as Properties[]).some(
          ({ Name, Value }) => Name === 'QueueName' && Value === this.#links.nameOf(id),
        ),
      );
    this.#must(id, alarms.length > 0, 'no alarm looks at the queue');
    for (const [alarm, { MetricName, Namespace }] of alarms)
      this.#must(
        alarm,
        Namespace === 'AWS/SQS' && MetricName === 'NumberOfMessagesSent',
        'it does not ring for each new message of its queue',
      );
    this.#must(
      id,
      queue['KmsMasterKeyId'] === undefined,
      'its key is followed by no judge: use the key of SQS',
    );
  }

  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html */
  #alarm(id: string, alarm: Properties): void {
    const actions = list(alarm['AlarmActions']);
    const sender = this.#links.sender(
      'cloudwatch.amazonaws.com',
      this.#links.arnOf('cloudwatch', `alarm:${this.#links.nameOf(id)}`),
    );
    this.#must(id, actions.length > 0 && alarm['ActionsEnabled'] !== false, 'it tells nobody');
    for (const topicArn of actions) {
      const topic = this.#links
        .of('AWS::SNS::Topic')
        .find(([name]) => this.#links.arnOf('sns', this.#links.nameOf(name)) === topicArn)?.[1];
      this.#must(id, topic !== undefined, `its topic ${topicArn} is not in the stack`);
      const policies = this.#links.documents('AWS::SNS::TopicPolicy', 'Topics', topicArn);
      this.#must(
        id,
        mayService(policies, 'sns:Publish', sender),
        'the policy of its topic does not let CloudWatch publish',
      );
      const key = topic?.['KmsMasterKeyId'];
      if (key !== undefined)
        for (const action of ['kms:Decrypt', 'kms:GenerateDataKey'])
          this.#must(
            id,
            mayService(this.#links.keyPolicies(String(key)), action, sender),
            `the key of its topic does not let CloudWatch ${action}`,
          );
      const listeners = this.#links
        .of('AWS::SNS::Subscription')
        .filter(([, { TopicArn }]) => TopicArn === topicArn);
      const operators = this.#stack.shape.system.notices.operators.map(({ address }) => address);
      for (const address of operators)
        this.#must(
          id,
          listeners.some(([, { Endpoint }]) => Endpoint === address),
          `${address} does not hear of its topic`,
        );
      this.#must(id, listeners.length > 0, 'nobody hears of its topic');
    }
  }

  #machine(id: string, machine: Properties): void {
    const role = String(machine['RoleArn']);
    this.#must(
      id,
      isAssumedBy(this.#stack, role, 'states.amazonaws.com'),
      'Step Functions may not assume its role',
    );
    const functions =
      String(machine['DefinitionString']).match(/arn:[a-z-]+:lambda:[^"]+:function:[^"]+/g) ?? [];
    this.#must(id, functions.length > 0, 'it calls no function');
    for (const arn of new Set(functions)) {
      this.#must(id, this.#links.functionId(arn) !== undefined, `its function ${arn} is not in the stack`);
      this.#must(id, this.#links.mayRole(role, 'lambda:InvokeFunction', arn), `its role may not call ${arn}`);
    }
    const rings = JSON.stringify(
      this.#links
        .of('AWS::CloudWatch::Alarm')
        .map(([, alarm]) => [alarm['MetricName'], alarm['Dimensions'], alarm['Metrics']]),
    );
    this.#must(
      id,
      rings.includes(
        `"${this.#links.arnOf('states', `stateMachine:${String(machine['StateMachineName'])}`)}"`,
      ),
      'no alarm looks at its executions',
    );
  }

  #route(id: string, route: Properties): void {
    const target = String(route['Target']).replace('integrations/', '');
    const integration = this.#links
      .of('AWS::ApiGatewayV2::Integration')
      .find(([name]) => this.#links.nameOf(name) === target)?.[1];
    const arn = String(integration?.['IntegrationUri']);
    const path = String(route['RouteKey']).replace(/^\S+ /, '');
    const method = String(route['RouteKey']).replace(/ .*/, '');
    const sender = this.#links.sender(
      'apigateway.amazonaws.com',
      this.#links.arnOf('execute-api', `${String(route['ApiId'])}/$default/${method}${path}`),
    );
    this.#must(id, this.#links.functionId(arn) !== undefined, 'its function is not in the stack');
    this.#must(
      id,
      this.#links.mayInvoke(arn, sender),
      'no permission lets API Gateway call its function for this route',
    );
    this.#must(id, route['AuthorizationType'] === 'AWS_IAM', 'nobody has to sign its requests');
  }

  /** Into a queue, by the queue's own policy. */
  #sendsTo(id: string, queueArn: string, sender: Sender): void {
    this.#must(
      id,
      this.#links.queueId(queueArn) !== undefined,
      `its dead-letter queue ${queueArn} is not in the stack`,
    );
    const policies = this.#links.documents(
      'AWS::SQS::QueuePolicy',
      'Queues',
      queueArn.split(':').pop() ?? '',
    );
    this.#must(
      id,
      mayService(policies, 'sqs:SendMessage', sender),
      `the policy of its dead-letter queue does not let ${sender.service} send for it`,
    );
  }
}
