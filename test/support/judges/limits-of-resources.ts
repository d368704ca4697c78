import type { ResolvedStack } from '../iam/policies.ts';
import { resourcesOf } from './stacks.ts';

type Properties = Record<string, unknown>;

/** What of a resource has a limit: how it is measured, how much is allowed, and who says so. */
export interface Limit {
  type: string;
  what: string;
  measure: (properties: Properties, stack: ResolvedStack, id: string) => number;
  most: number;
  source: string;
}

/** Bytes of a text, or of a value as JSON. */
export const bytes = (value: unknown): number =>
  Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value ?? ''));
/** Characters of a text, or of a value as JSON. */
export const characters = (value: unknown): number =>
  [...(typeof value === 'string' ? value : JSON.stringify(value ?? ''))].length;
const count = (value: unknown): number => (Array.isArray(value) ? value.length : 0);
const statementsOf = (value: unknown): { Condition?: Record<string, object> }[] =>
  (value as { Statement?: { Condition?: Record<string, object> }[] } | undefined)?.Statement ?? [];

const IAM = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html';
const LAMBDA = 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html';
const SQS = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html';
const EVENTS = 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html';
const RULE = 'https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html';
const SCHEDULE = 'https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html';
const ALARM = 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html';
const STATES = 'https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html';
const DOCUMENT = 'https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateDocument.html';

/** How much room a function's own policy has for those who may call it. */
const permissionsOf = (_: Properties, stack: ResolvedStack, id: string): number =>
  resourcesOf(stack, 'AWS::Lambda::Permission')
    .filter(([, { FunctionName }]) => String(FunctionName).endsWith(`-${id}`))
    // Each becomes a statement with a Sid, Effect, Resource and a condition.
    .reduce((sum, [, permission]) => sum + bytes(permission) + 200, 100);

const inlineOf = (_: Properties, stack: ResolvedStack, id: string): number =>
  resourcesOf(stack, 'AWS::IAM::Policy')
    .filter(([, { Roles }]) => (Roles as string[]).some((role) => role.endsWith(`-${id}`)))
    .reduce((sum, [, { PolicyDocument }]) => sum + characters(PolicyDocument), 0);

const managedOf = ({ ManagedPolicyArns }: Properties, stack: ResolvedStack, id: string): number =>
  count(ManagedPolicyArns) +
  resourcesOf(stack, 'AWS::IAM::ManagedPolicy').filter(([, { Roles }]) =>
    ((Roles ?? []) as string[]).some((role) => role.endsWith(`-${id}`)),
  ).length;

/** What AWS takes of each resource that a stack holds. */
export const LIMITS: Limit[] = [
  {
    type: 'AWS::Logs::QueryDefinition',
    what: 'query, in characters',
    measure: ({ QueryString }) => characters(QueryString),
    most: 10_000,
    source:
      'https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html',
  },
  {
    type: 'AWS::Logs::QueryDefinition',
    what: 'log groups',
    measure: ({ LogGroupNames }) => (LogGroupNames as unknown[]).length,
    most: 50,
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AnalyzingLogData.html',
  },
  {
    type: 'AWS::IAM::Role',
    what: 'inline policies, in characters',
    measure: inlineOf,
    most: 10_240,
    source: IAM,
  },
  {
    type: 'AWS::IAM::Role',
    what: 'managed policies',
    measure: managedOf,
    most: 10,
    source: IAM,
  },
  {
    type: 'AWS::IAM::Role',
    what: 'trust policy, in characters',
    measure: ({ AssumeRolePolicyDocument }) => characters(AssumeRolePolicyDocument),
    most: 2048,
    source: IAM,
  },
  {
    type: 'AWS::IAM::ManagedPolicy',
    what: 'size, in characters',
    measure: ({ PolicyDocument }) => characters(PolicyDocument),
    most: 6144,
    source: IAM,
  },
  {
    type: 'AWS::Lambda::Function',
    what: 'environment, in bytes',
    measure: ({ Environment }) => bytes((Environment as Properties | undefined)?.['Variables']),
    most: 4096,
    source: LAMBDA,
  },
  {
    type: 'AWS::Lambda::Function',
    what: 'time-out, in seconds',
    measure: ({ Timeout }) => Number(Timeout),
    most: 900,
    source: LAMBDA,
  },
  {
    type: 'AWS::Lambda::Function',
    what: 'description, in characters',
    measure: ({ Description }) => characters(Description),
    most: 256,
    source: LAMBDA,
  },
  {
    type: 'AWS::Lambda::Function',
    what: 'policy of its own, in bytes',
    measure: permissionsOf,
    most: 20_480,
    source: LAMBDA,
  },
  {
    type: 'AWS::SQS::QueuePolicy',
    what: 'size, in bytes',
    measure: ({ PolicyDocument }) => bytes(PolicyDocument),
    most: 8192,
    source: SQS,
  },
  {
    type: 'AWS::SQS::QueuePolicy',
    what: 'statements',
    measure: ({ PolicyDocument }) => statementsOf(PolicyDocument).length,
    most: 20,
    source: SQS,
  },
  {
    type: 'AWS::SQS::QueuePolicy',
    what: 'conditions',
    measure: ({ PolicyDocument }) =>
      statementsOf(PolicyDocument).flatMap(({ Condition }) => Object.values(Condition ?? {})).length,
    most: 10,
    source: SQS,
  },
  {
    type: 'AWS::SNS::TopicPolicy',
    what: 'size, in bytes',
    measure: ({ PolicyDocument }) => bytes(PolicyDocument),
    most: 30 * 1024,
    source: 'https://docs.aws.amazon.com/general/latest/gr/sns.html',
  },
  {
    type: 'AWS::SNS::Topic',
    what: 'display name, in characters',
    measure: ({ DisplayName }) => characters(DisplayName),
    most: 100,
    source: 'https://docs.aws.amazon.com/sns/latest/dg/sns-create-topic.html',
  },
  {
    type: 'AWS::KMS::Key',
    what: 'policy, in bytes',
    measure: ({ KeyPolicy }) => bytes(KeyPolicy),
    most: 32 * 1024,
    source: 'https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html',
  },
  {
    type: 'AWS::S3::BucketPolicy',
    what: 'size, in bytes',
    measure: ({ PolicyDocument }) => bytes(PolicyDocument),
    most: 20 * 1024,
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html',
  },
  {
    type: 'AWS::Events::Rule',
    what: 'pattern, in characters',
    measure: ({ EventPattern }) => characters(EventPattern),
    most: 2048,
    source: EVENTS,
  },
  {
    type: 'AWS::Events::Rule',
    what: 'targets',
    measure: ({ Targets }) => count(Targets),
    most: 5,
    source: EVENTS,
  },
  {
    type: 'AWS::Events::Rule',
    what: 'description, in characters',
    measure: ({ Description }) => characters(Description),
    most: 512,
    source: RULE,
  },
  {
    type: 'AWS::Scheduler::Schedule',
    what: 'description, in characters',
    measure: ({ Description }) => characters(Description),
    most: 512,
    source: SCHEDULE,
  },
  {
    type: 'AWS::Scheduler::Schedule',
    what: 'expression, in characters',
    measure: ({ ScheduleExpression }) => characters(ScheduleExpression),
    most: 256,
    source: SCHEDULE,
  },
  {
    type: 'AWS::Scheduler::Schedule',
    what: 'input, in bytes',
    measure: ({ Target }) => bytes((Target as Properties)['Input']),
    most: 256 * 1024,
    source: 'https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html',
  },
  {
    type: 'AWS::CloudWatch::Alarm',
    what: 'description, in characters',
    measure: ({ AlarmDescription }) => characters(AlarmDescription),
    most: 1024,
    source: ALARM,
  },
  {
    type: 'AWS::CloudWatch::Alarm',
    what: 'actions',
    measure: ({ AlarmActions }) => count(AlarmActions),
    most: 5,
    source: ALARM,
  },
  {
    type: 'AWS::CloudWatch::Alarm',
    what: 'metrics',
    measure: ({ Metrics }) => count(Metrics),
    most: 10,
    source: ALARM,
  },
  {
    type: 'AWS::CloudWatch::Alarm',
    what: 'time looked at, in seconds',
    measure: ({ EvaluationPeriods, Period }) => Number(EvaluationPeriods) * Number(Period ?? 300),
    most: 86_400,
    source: ALARM,
  },
  {
    type: 'AWS::StepFunctions::StateMachine',
    what: 'definition, in bytes',
    measure: ({ DefinitionString }) => bytes(DefinitionString),
    most: 1024 * 1024,
    source: STATES,
  },
  {
    type: 'AWS::StepFunctions::StateMachine',
    what: 'name, in characters',
    measure: ({ StateMachineName }) => characters(StateMachineName),
    most: 80,
    source: STATES,
  },
  {
    type: 'AWS::SSM::Document',
    what: 'content, in bytes',
    measure: ({ Content }) => bytes(Content),
    most: 64 * 1024,
    source: 'https://docs.aws.amazon.com/general/latest/gr/ssm.html',
  },
  {
    type: 'AWS::SSM::Document',
    what: 'name, in characters',
    measure: ({ Name }) => characters(Name),
    most: 128,
    source: DOCUMENT,
  },
  {
    type: 'AWS::Logs::LogGroup',
    what: 'name, in characters',
    measure: ({ LogGroupName }) => characters(LogGroupName),
    most: 512,
    source: 'https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html',
  },
  {
    type: 'AWS::EC2::SecurityGroup',
    what: 'description, in characters',
    measure: ({ GroupDescription }) => characters(GroupDescription),
    most: 255,
    source: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html',
  },
  {
    type: 'AWS::ApiGatewayV2::Stage',
    what: 'format of its log, in characters',
    measure: ({ AccessLogSettings }) => characters((AccessLogSettings as Properties | undefined)?.['Format']),
    most: 3072,
    source: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html',
  },
];
