import { randomUUID } from 'node:crypto';
import type {
  DescribeExecutionCommandInput,
  DescribeStateMachineForExecutionCommandInput,
  GetExecutionHistoryCommandInput,
  ListExecutionsCommandInput,
  RedriveExecutionCommandInput,
  SendTaskFailureCommandInput,
  SendTaskSuccessCommandInput,
  StartExecutionCommandInput,
  StopExecutionCommandInput,
} from '@aws-sdk/client-sfn';
import type { Execution } from '../../play/states/execution.ts';
import type { Executions } from '../../play/states/executions.ts';
import { notRedrivable } from '../../play/states/redrive.ts';
import { AwsError, type Operation, type ServiceOperations } from '../operation.ts';

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html */
const CLIENT_TOKEN = /^[!-~]{1,64}$/;

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
    const { status, redrives } = waiting.execution;
    if (status !== 'RUNNING' || redrives.count !== waiting.redrives)
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
    run: (input, { clock }) => {
      const execution = find(input.executionArn);
      const reason = notRedrivable(execution, clock.now());
      const { count, at } = execution.redrives;
      return {
        executionArn: execution.arn,
        stateMachineArn: execution.machine.arn,
        name: execution.name,
        status: execution.status,
        startDate: new Date(execution.startedAt),
        input: execution.input,
        redriveCount: count,
        redriveStatus: reason === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
        ...(reason === undefined ? {} : { redriveStatusReason: reason }),
        ...(at === undefined ? {} : { redriveDate: new Date(at) }),
        ...(execution.endedAt === undefined ? {} : { stopDate: new Date(execution.endedAt) }),
        ...(execution.error === undefined ? {} : { error: execution.error, cause: execution.cause }),
      };
    },
  };
  const list: Operation<ListExecutionsCommandInput, unknown> = {
    resources: (input) => [input.stateMachineArn ?? ''],
    run: ({ stateMachineArn, statusFilter, maxResults = 100 }) => ({
      // The newest first: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html
      executions: [...executions.all.values()]
        .filter(
          ({ machine, status }) => machine.arn === stateMachineArn && status === (statusFilter ?? status),
        )
        .reverse()
        .slice(0, maxResults)
        .map(({ arn, machine, name, status, startedAt, endedAt }) => ({
          executionArn: arn,
          stateMachineArn: machine.arn,
          name,
          status,
          startDate: new Date(startedAt),
          ...(endedAt === undefined ? {} : { stopDate: new Date(endedAt) }),
        })),
    }),
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
  const redrive: Operation<RedriveExecutionCommandInput, unknown> = {
    resources: ofExecution,
    run: (input) => {
      const execution = find(input.executionArn);
      const { clientToken } = input;
      if (clientToken !== undefined && !CLIENT_TOKEN.test(clientToken))
        throw new AwsError(
          'ValidationException',
          "1 validation error detected: Value at 'clientToken' failed to satisfy constraint: Member must satisfy regular expression pattern: [!-~]+ and have length less than or equal to 64",
        );
      executions.redrive(execution, clientToken);
      return { redriveDate: new Date(execution.redrives.at ?? 0) };
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
    ListExecutions: list,
    GetExecutionHistory: history,
    DescribeStateMachineForExecution: machine,
    StopExecution: stop,
    RedriveExecution: redrive,
    SendTaskSuccess: success,
    SendTaskFailure: failure,
  };
}
