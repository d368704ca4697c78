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
  /** Physical name: fixed, since policies know it before it exists. */
  name: string;
  comment: string;
  /** When the execution is ended, whatever it does. */
  timeout: Duration;
  /** The functions that it may call, and no other. */
  functions: IFunction[];
  /** What its states do beside calling them. @default - nothing */
  permissions?: Permission[];
  /** Makes the states. */
  definition(scope: Construct): IChainable;
}

/** A state machine of Lights Out: a standard one, with a role of its own, traced, its history logged without its data. */
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
    // What CDK would allow a distributed Map: the role is given that by `permissions`, narrower, and takes nothing from there.
    this.node.tryRemoveChild('DistributedMapPolicy');
  }
}

/**
 * With the prefix for which a log group takes no room in the account's resource policy (https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html), and with the
 * id of this very stack: a log group outlives its stack, and the next stack of that name must not meet it.
 */
function logGroupName(machine: string): string {
  return `/aws/vendedlogs/states/${machine}-${Fn.select(2, Fn.split('/', Aws.STACK_ID))}`;
}
