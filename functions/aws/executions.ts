import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { isAwsError } from '../runtime/aws-errors.ts';
import { sfn } from '../runtime/clients.ts';

/** An execution as Step Functions tells it: https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html */
export type Execution = DescribeExecutionCommandOutput;

/** `arn:aws:states:region:account:stateMachine:name` → `arn:aws:states:region:account:execution:name:id`. */
export const executionArnOf = (stateMachineArn: string, name: string): string =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

/** @returns undefined for one that never was, or ended more than 90 days ago: then Step Functions has forgotten it. */
export async function findExecution(executionArn: string): Promise<Execution | undefined> {
  try {
    return await sfn().send(new DescribeExecutionCommand({ executionArn }));
  } catch (error) {
    if (isAwsError(error, 'ExecutionDoesNotExist')) return undefined;
    throw error;
  }
}

/** Whether it runs, or is about to run on after a redrive. */
export const isUnderWay = ({ status }: Pick<Execution, 'status'>): boolean =>
  status === 'RUNNING' || status === 'PENDING_REDRIVE';

/**
 * Starts an execution. A name is taken for 90 days, also once its execution has ended; while that runs, the same name and input is the same start:
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 *
 * @returns when it began, or `taken` when the name had been taken, by whatever input.
 */
export async function startExecution(
  stateMachineArn: string,
  name: string,
  input: string,
): Promise<{ startDate: Date | undefined } | 'taken'> {
  try {
    const { startDate } = await sfn().send(new StartExecutionCommand({ stateMachineArn, name, input }));
    return { startDate };
  } catch (error) {
    if (isAwsError(error, 'ExecutionAlreadyExists')) return 'taken';
    throw error;
  }
}
