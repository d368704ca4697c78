import { Aws, type Duration, Fn, RemovalPolicy } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  DefinitionBody,
  type IChainable,
  LogLevel,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Permission } from '../rights/permission.ts';
import { workflowRole } from './workflow-role.ts';

export interface WorkflowProps {
  /** Physical name. It is fixed, since policies need it before the state machine exists. */
  name: string;
  comment: string;
  /** Time-out of an execution. */
  timeout: Duration;
  /** The only functions that it may call. */
  functions: IFunction[];
  /** Permissions of its states besides calling functions. @default - none */
  permissions?: Permission[];
  definition(scope: Construct): IChainable;
}

/** A state machine of Lights Out: standard, with its own role, traced, its history logged without its data. */
export class Workflow extends StateMachine {
  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id, {
      stateMachineName: props.name,
      stateMachineType: StateMachineType.STANDARD,
      role: workflowRole(scope, `${id}Role`, props.functions, props.permissions),
      definitionBody: DefinitionBody.fromChainable(props.definition(new Construct(scope, `${id}States`))),
      comment: props.comment,
      timeout: props.timeout,
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(scope, `${id}Logs`, {
          logGroupName: logGroupName(props.name),
          retention: RetentionDays.ONE_YEAR,
          removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        }),
        level: LogLevel.ALL,
        includeExecutionData: false,
      },
    });
    // CDK's policy for distributed Maps is removed. `permissions` gives the role a narrower one.
    this.node.tryRemoveChild('DistributedMapPolicy');
  }
}

/**
 * The prefix keeps the log group out of the account's resource policy (https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html),
 * which has little room. The stack's id makes the name unique: a log group outlives its stack, and the next stack of that name must not
 * meet it.
 */
function logGroupName(machine: string): string {
  return `/aws/vendedlogs/states/${machine}-${Fn.select(2, Fn.split('/', Aws.STACK_ID))}`;
}
