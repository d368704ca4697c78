import { Duration } from 'aws-cdk-lib';
import {
  Errors,
  IntegrationPattern,
  JsonPath,
  type RetryProps,
  TaskInput,
  type TaskStateBase,
  Timeout,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { functionFacts, TASK_GRACE_SECONDS } from '../../functions/contract/functions.ts';
import type { CallingState } from '../../functions/contract/steps.ts';
import { functionOf, type SystemFunctions } from '../system-functions.ts';
import { type Meanwhile, WaitUntilDone } from './wait-until-done.ts';

export interface StepTask extends CallingState {
  retry: RetryProps;
}

/** The execution of a state, in the form for its function. */
export const OWN_EXECUTION = {
  id: JsonPath.stringAt('$$.Execution.Id'),
  name: JsonPath.stringAt('$$.Execution.Name'),
  startTime: JsonPath.stringAt('$$.Execution.StartTime'),
  redriveCount: JsonPath.numberAt('$$.Execution.RedriveCount'),
};

/** Makes the workflow's tasks: one function, one action, one key of the state. */
export class ShutdownTasks {
  readonly scope: Construct;
  readonly functions: SystemFunctions;
  readonly #execution: unknown;

  /** @param options.executionPath path of the execution that the tasks work for. Default: their own. */
  constructor(
    scope: Construct,
    functions: SystemFunctions,
    { executionPath }: { executionPath?: string } = {},
  ) {
    this.scope = scope;
    this.functions = functions;
    this.#execution = executionPath === undefined ? OWN_EXECUTION : JsonPath.objectAt(executionPath);
  }

  /** The payload of a task: the action, the execution and the run's data. */
  #payload(action: string): Record<string, unknown> {
    return { action, execution: this.#execution, state: JsonPath.objectAt('$') };
  }

  task({ action, ...rest }: StepTask): LambdaInvoke {
    return this.invoke(rest, this.#payload(action));
  }

  /** Reads one batch of a large database, within an iteration of a Map, which selects the input of the function. */
  batch({ action, ...task }: StepTask): LambdaInvoke {
    return this.invoke(task, {
      action,
      batch: JsonPath.numberAt('$.batch'),
      execution: JsonPath.objectAt('$.execution'),
      state: JsonPath.objectAt('$.state'),
    });
  }

  private invoke(
    { name, function: called, answer, retry }: Omit<StepTask, 'action'>,
    input: Record<string, unknown>,
  ): LambdaInvoke {
    const task = new LambdaInvoke(this.scope, name, {
      lambdaFunction: functionOf(this.functions, called),
      payload: TaskInput.fromObject(input),
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
      // Without a path the answer becomes the whole state. The interpreter of rehearsals does not know the long form `$`.
      ...(answer === '$' ? {} : { resultPath: answer }),
      taskTimeout: Timeout.duration(
        Duration.seconds(functionFacts(called).timeoutSeconds + TASK_GRACE_SECONDS),
      ),
    });
    task.addRetry(retry);
    return task;
  }

  /** Calls a task until it is done. */
  loop(task: TaskStateBase, resultPath: string, meanwhile?: Meanwhile): WaitUntilDone {
    return new WaitUntilDone(this.scope, `${task.id} loop`, { task, resultPath, meanwhile });
  }

  /** Waits for an approver's answer. Both time-outs are set, so that a lost token cannot block a run for a year. */
  approval(name: string, timeout: Duration, retry: RetryProps): LambdaInvoke {
    const task = new LambdaInvoke(this.scope, name, {
      lambdaFunction: functionOf(this.functions, 'approve'),
      integrationPattern: IntegrationPattern.WAIT_FOR_TASK_TOKEN,
      payload: TaskInput.fromObject({ ...this.#payload('request'), token: JsonPath.taskToken }),
      retryOnServiceExceptions: false,
      // The task's output proves nothing: the next state looks for the record.
      resultPath: JsonPath.DISCARD,
      taskTimeout: Timeout.duration(timeout),
    });
    task.addRetry(retry);
    return task;
  }
}

/** Every error of a task: thrown by a function, Lambda's own, and Step Functions' time-outs. */
export const ANY_ERROR = { errors: [Errors.ALL], resultPath: '$.failure' };
