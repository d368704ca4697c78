import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { AwsError } from '../../aws/operation.ts';
import type { InterpreterMessage } from './interpreter.ts';

/**
 * The call of a task that waits for its token, as the history shows it to whoever may read it: with the token.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_TaskScheduledEventDetails.html
 */
export function scheduledTask(
  { payload }: Extract<InterpreterMessage, { kind: 'task' }>,
  region: string,
): Partial<HistoryEvent> {
  return {
    taskScheduledEventDetails: {
      resourceType: 'lambda',
      resource: 'invoke.waitForTaskToken',
      region,
      parameters: JSON.stringify(payload),
    },
  };
}

/** A task names its function as its resource, or in its parameters when it waits for a token. */
export function targetOf(resource: string, payload: unknown): { arn: string; payload: unknown } {
  if (!resource.includes(':states:::lambda:invoke')) return { arn: resource, payload };
  const parameters = payload as { FunctionName: string; Payload: unknown };
  return { arn: parameters.FunctionName, payload: parameters.Payload };
}

/** @throws AwsError `InvalidExecutionInput`. */
export function parseInput(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch (error) {
    throw new AwsError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
