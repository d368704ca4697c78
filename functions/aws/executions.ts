import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { isAwsError, unlessAwsError } from '../runtime/aws-errors.ts';
import { sfn } from '../runtime/clients.ts';

/** An execution as Step Functions tells it: https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html */
export type Execution = DescribeExecutionCommandOutput;

/** `arn:aws:states:region:account:stateMachine:name` → `arn:aws:states:region:account:execution:name:id`. */
export const executionArnOf = (stateMachineArn: string, name: string): string =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

/**
 * @returns undefined for an execution that never existed or ended more than 90 days ago. Step Functions then forgets it.
 */
export async function findExecution(executionArn: string): Promise<Execution | undefined> {
  return unlessAwsError(['ExecutionDoesNotExist'], () =>
    sfn().send(new DescribeExecutionCommand({ executionArn })),
  );
}

/** Whether the execution runs, or is about to run after a redrive. */
export const isRunning = ({ status }: Pick<Execution, 'status'>): boolean =>
  status === 'RUNNING' || status === 'PENDING_REDRIVE';

/** Whether the execution of a run is at work. One that was redriven runs and does nothing (`functions/runtime/step.ts`). */
export const isUnderWay = ({
  status,
  redriveCount = 0,
}: Pick<Execution, 'status' | 'redriveCount'>): boolean => status === 'RUNNING' && redriveCount === 0;

/**
 * Starts an execution. Its name stays taken for 90 days, even after the execution's end. While the execution runs, the same name and input
 * count as the same start:
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 *
 * @returns the start time, or `taken` when the name was taken, by whatever input.
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
