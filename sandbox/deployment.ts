import type { SystemConfig } from '../functions/contract/config.ts';
import type { DeployedAlarm } from './aws/alarms/deployed-alarms.ts';

/** The made-up account the sandbox plays. */
export interface SandboxAccount {
  account: string;
  region: string;
  /** `aws` or `aws-cn`. */
  partition: string;
}

/** An IAM statement of the synthesised template with every reference resolved. */
export interface PolicyStatement {
  Effect: 'Allow' | 'Deny';
  Action: string[];
  Resource: string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** A Lambda function of the synthesised template, as the sandbox deploys it. */
export interface DeployedFunction {
  /** Step name: the folder below `functions/`, e.g. `snapshot`. */
  step: string;
  arn: string;
  /** Folder that holds the bundle. */
  bundleDirectory: string;
  /** `index.handler` as the template says it. */
  handler: string;
  environment: Record<string, string>;
  timeoutSeconds: number;
  memoryMib: number;
  role: { arn: string; statements: PolicyStatement[] };
  /** Queue for events that it failed on to the end, by ARN. */
  onFailure?: string;
  /** Access key the function signs with in the sandbox: how the endpoint knows who calls. */
  accessKeyId: string;
}

/** An SSM document of the template, by its physical name. */
export interface DeployedDocument {
  name: string;
  arn: string;
  content: unknown;
}

/** One stack, resolved: what the sandbox builds its world from. */
export interface Deployment {
  account: SandboxAccount;
  config: SystemConfig;
  documents: DeployedDocument[];
  functions: DeployedFunction[];
  /** Physical name of the evidence bucket. */
  bucket: string;
  /** The state machine of the shutdown. */
  stateMachine: DeployedStateMachine;
  /** The start-up's. */
  startup: DeployedStateMachine;
  /** Every state machine of the stack, the shutdown's among them. */
  stateMachines: DeployedStateMachine[];
  rules: DeployedRule[];
  schedules: DeployedSchedule[];
  alarms: DeployedAlarm[];
}

export interface DeployedStateMachine {
  arn: string;
  name: string;
  definition: StateMachineDefinition;
}

/** A rule of EventBridge on the default bus: which events it takes, and to whom it hands them. */
export interface DeployedRule {
  name: string;
  pattern: EventPattern;
  /** ARNs of functions and state machines. */
  targets: string[];
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html */
export interface EventPattern {
  [field: string]: EventPattern | unknown[];
}

/** A schedule of EventBridge Scheduler. */
export interface DeployedSchedule {
  name: string;
  /** `cron(…)`, `rate(1 hour)` … */
  expression: string;
  target: { arn: string; input: string };
}

/** Amazon States Language, as far as the sandbox looks into it. */
export interface StateMachineDefinition {
  StartAt: string;
  States: Record<string, StateDefinition>;
  TimeoutSeconds?: number;
  Comment?: string;
}

export interface StateDefinition {
  Type: 'Task' | 'Choice' | 'Wait' | 'Parallel' | 'Map' | 'Pass' | 'Succeed' | 'Fail';
  Resource?: string;
  Next?: string;
  End?: boolean;
  Branches?: StateMachineDefinition[];
  Choices?: { Next: string }[];
  Default?: string;
  Catch?: { ErrorEquals: string[]; Next: string; ResultPath?: string | null }[];
  Retry?: { ErrorEquals: string[] }[];
  TimeoutSeconds?: number;
  Parameters?: unknown;
  /** Of a Pass state. */
  Result?: unknown;
  ResultPath?: string | null;
  /** Of a Map: what each item goes through. */
  ItemProcessor?: StateMachineDefinition & { ProcessorConfig?: { Mode?: 'INLINE' | 'DISTRIBUTED' } };
  /** Of a distributed Map: where its list lies. */
  ItemReader?: { Parameters?: unknown };
  ItemsPath?: string;
}
