import { randomUUID } from 'node:crypto';
import type {
  DescribeExecutionCommandInput,
  DescribeStateMachineForExecutionCommandInput,
  GetExecutionHistoryCommandInput,
  SendTaskFailureCommandInput,
  SendTaskSuccessCommandInput,
  StartExecutionCommandInput,
  StopExecutionCommandInput,
} from '@aws-sdk/client-sfn';
import { AwsError, type Operation, type ServiceOperations } from '../operation.ts';
import type { Execution, Executions } from '../states/executions.ts';

/** The operations of Step Functions, over the sandbox's executions. */
export function createStates(executions: Executions): ServiceOperations {
  const find = (arn: string | undefined): Execution => {
    const execution = executions.all.get(arn ?? '');
    if (execution === undefined)
      throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return execution;
  };
  const ofExecution = (input: { executionArn?: string | undefined }): string[] => [input.executionArn ?? ''];
  const takeToken = (token: string | undefined) => {
    const waiting = executions.waiting.get(token ?? '');
    if (waiting === undefined) throw new AwsError('InvalidToken', 'Invalid token');
    if (waiting.execution.status !== 'RUNNING')
      throw new AwsError('TaskTimedOut', 'The task has timed out or its execution has ended');
    executions.waiting.delete(token ?? '');
    return waiting;
  };
  const start: Operation<StartExecutionCommandInput, unknown> = {
    resources: (input) => [input.stateMachineArn ?? ''],
    run: (input) => {
      const machine = executions.deployment.stateMachines.find(({ arn }) => arn === input.stateMachineArn);
      if (machine === undefined) {
        throw new AwsError(
          'StateMachineDoesNotExist',
          `State Machine Does Not Exist: '${input.stateMachineArn}'`,
        );
      }
      const execution = executions.start(input.name ?? randomUUID(), input.input ?? '{}', machine);
      return { executionArn: execution.arn, startDate: new Date(execution.startedAt) };
    },
  };
  const describe: Operation<DescribeExecutionCommandInput, unknown> = {
    resources: ofExecution,
    run: (input) => {
      const execution = find(input.executionArn);
      return {
        executionArn: execution.arn,
        stateMachineArn: execution.machine.arn,
        name: execution.name,
        status: execution.status,
        startDate: new Date(execution.startedAt),
        input: execution.input,
        ...(execution.endedAt === undefined ? {} : { stopDate: new Date(execution.endedAt) }),
        ...(execution.error === undefined ? {} : { error: execution.error, cause: execution.cause }),
      };
    },
  };
  const history: Operation<GetExecutionHistoryCommandInput, unknown> = {
    resources: ofExecution,
    run: (input) => {
      const all = find(input.executionArn).history.events;
      const events = input.reverseOrder === true ? [...all].reverse() : all;
      const first = Number(input.nextToken ?? 0);
      const size = input.maxResults ?? 100;
      return {
        events: events.slice(first, first + size),
        ...(first + size < events.length ? { nextToken: String(first + size) } : {}),
      };
    },
  };
  const machine: Operation<DescribeStateMachineForExecutionCommandInput, unknown> = {
    resources: ofExecution,
    run: (input) => {
      const execution = find(input.executionArn);
      const { arn, name, definition } = execution.machine;
      return {
        stateMachineArn: arn,
        name,
        definition: JSON.stringify(definition),
        roleArn: 'arn:aws:iam::123456789012:role/sandbox',
        updateDate: new Date(execution.startedAt),
      };
    },
  };
  const stop: Operation<StopExecutionCommandInput, unknown> = {
    resources: ofExecution,
    run: (input, { clock }) => {
      find(input.executionArn).stop(input.error ?? 'States.Aborted', input.cause ?? '');
      return { stopDate: new Date(clock.now()) };
    },
  };
  const success: Operation<SendTaskSuccessCommandInput, unknown> = {
    resources: () => ['*'],
    run: (input) => {
      takeToken(input.taskToken).answer({ kind: 'result', id: 0, result: JSON.parse(input.output ?? '{}') });
      return {};
    },
  };
  const failure: Operation<SendTaskFailureCommandInput, unknown> = {
    resources: () => ['*'],
    run: (input) => {
      takeToken(input.taskToken).answer({
        kind: 'failure',
        id: 0,
        name: input.error ?? 'States.TaskFailed',
        message: input.cause ?? '',
      });
      return {};
    },
  };
  return {
    StartExecution: start,
    DescribeExecution: describe,
    GetExecutionHistory: history,
    DescribeStateMachineForExecution: machine,
    StopExecution: stop,
    SendTaskSuccess: success,
    SendTaskFailure: failure,
  };
}
