import type { ResourcePolicy } from '../iam/resource-policy.ts';

/** A metric, by the name that CloudWatch knows it by: `namespace/name` and one dimension's value. */
export type MetricKey = `${string} ${string}`;

/** Where an alarm's message goes. */
export interface DeployedTopic {
  arn: string;
  policies: ResourcePolicy[];
  /** Of a topic under a customer managed key: the key and its policy. */
  key: { arn: string; policies: ResourcePolicy[] } | undefined;
  /** Addresses and the protocol by which they are reached. A rehearsal takes each for confirmed. */
  subscribers: { protocol: string; endpoint: string }[];
}

/** A metric of an alarm's sum. One that is not filled makes the whole sum missing where it has no value. */
interface Term {
  metric: MetricKey;
  filled: boolean;
}

/** A CloudWatch alarm that rings when a sum of metrics reaches its threshold in one period. */
export interface DeployedAlarm {
  name: string;
  arn: string;
  description: string;
  terms: Term[];
  threshold: number;
  /** Milliseconds. */
  period: number;
  /** Milliseconds without a value that reaches the threshold, after which it is OK again; `Infinity` where missing values keep it ringing. */
  quietAfter: number;
  /** None where its actions are switched off. A topic that is not in the stack has the ARN alone. */
  topics: (DeployedTopic | string)[];
}

type Properties = Record<string, unknown>;

/** What a template's reader knows of its stack. */
export interface ResolvedResources {
  /** Resources of a type: logical id and properties, resolved. */
  of(type: string): [string, Properties][];
  nameOf(id: string): string;
  arn(service: string, rest: string): string;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html */
export function deployedAlarms(resources: ResolvedResources): DeployedAlarm[] {
  // An alarm on silence never rings here: a rehearsal leaves out days in which nothing is called.
  const onValues = resources
    .of('AWS::CloudWatch::Alarm')
    .filter(([, alarm]) => alarm['ComparisonOperator'] !== 'LessThanThreshold');
  return onValues.map(([id, alarm]) => {
    const name = resources.nameOf(id);
    const { terms, period } = sumOf(name, alarm);
    const { ComparisonOperator, DatapointsToAlarm = 1, EvaluationPeriods } = alarm;
    if (ComparisonOperator !== 'GreaterThanOrEqualToThreshold' || DatapointsToAlarm !== 1)
      throw new Error(
        `template: alarm ${name}: expected GreaterThanOrEqualToThreshold and one datapoint to alarm; nothing else is known here`,
      );
    const actions = alarm['ActionsEnabled'] === false ? [] : ((alarm['AlarmActions'] ?? []) as string[]);
    return {
      name,
      arn: resources.arn('cloudwatch', `alarm:${name}`),
      description: String(alarm['AlarmDescription'] ?? ''),
      terms,
      threshold: Number(alarm['Threshold']),
      period,
      // Only a missing value that counts as good ends an alarm that nothing follows:
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
      quietAfter:
        alarm['TreatMissingData'] === 'notBreaching'
          ? period * Number(EvaluationPeriods)
          : Number.POSITIVE_INFINITY,
      topics: actions.map((arn) => topicOf(resources, arn) ?? arn),
    };
  });
}

function sumOf(alarm: string, properties: Properties): { terms: Term[]; period: number } {
  const metrics = properties['Metrics'] as Properties[] | undefined;
  if (metrics === undefined)
    return {
      terms: [{ metric: keyOf(alarm, properties), filled: false }],
      period: Number(properties['Period']) * 1000,
    };
  const expression = String(metrics.find((metric) => 'Expression' in metric)?.['Expression']);
  let period = 0;
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
  const terms = expression.split('+').map((text): Term => {
    const [, filled, plain] = /^\s*(?:FILL\((\w+), 0\)|(\w+))\s*$/.exec(text) ?? [];
    const metric = metrics.find(({ Id }) => Id === (filled ?? plain))?.['MetricStat'] as
      | { Metric: Properties; Period: number; Stat: string }
      | undefined;
    if (metric === undefined)
      throw new Error(
        `template: alarm ${alarm}: "${text.trim()}" is not known here; expected m or FILL(m, 0)`,
      );
    period = metric.Period * 1000;
    return {
      metric: keyOf(alarm, { ...metric.Metric, Statistic: metric.Stat }),
      filled: filled !== undefined,
    };
  });
  return { terms, period };
}

function keyOf(alarm: string, { Namespace, MetricName, Dimensions, Statistic }: Properties): MetricKey {
  const [dimension, ...more] = (Dimensions ?? []) as { Value: string }[];
  if (dimension === undefined || more.length > 0 || Statistic !== 'Sum')
    throw new Error(`template: alarm ${alarm}: expected the Sum of a metric with one dimension`);
  return `${String(Namespace)}/${String(MetricName)} ${dimension.Value}`;
}

function topicOf(resources: ResolvedResources, arn: string): DeployedTopic | undefined {
  const topic = resources
    .of('AWS::SNS::Topic')
    .find(([id]) => resources.arn('sns', resources.nameOf(id)) === arn);
  if (topic === undefined) return undefined;
  const key = topic[1]['KmsMasterKeyId'] as string | undefined;
  return {
    arn,
    policies: resources
      .of('AWS::SNS::TopicPolicy')
      .flatMap(([, { Topics, PolicyDocument }]) =>
        (Topics as string[]).includes(arn) ? [PolicyDocument as ResourcePolicy] : [],
      ),
    key:
      key === undefined
        ? undefined
        : {
            arn: key,
            policies: resources
              .of('AWS::KMS::Key')
              .flatMap(([id, { KeyPolicy }]) =>
                resources.arn('kms', `key/${resources.nameOf(id)}`) === key
                  ? [KeyPolicy as ResourcePolicy]
                  : [],
              ),
          },
    subscribers: resources
      .of('AWS::SNS::Subscription')
      .flatMap(([, { TopicArn, Protocol, Endpoint }]) =>
        TopicArn === arn ? [{ protocol: String(Protocol), endpoint: String(Endpoint) }] : [],
      ),
  };
}
