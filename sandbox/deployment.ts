import type { SystemConfig } from '../functions/shared/contract/config.ts';

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
  /** Physical name and value of every SSM parameter. */
  parameters: Record<string, string>;
  documents: DeployedDocument[];
  functions: DeployedFunction[];
  /** Physical name of the evidence bucket. */
  bucket: string;
  stateMachine: { arn: string; name: string; definition: StateMachineDefinition };
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
  ResultPath?: string | null;
}
