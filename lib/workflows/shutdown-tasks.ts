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
import { WaitUntilDone } from './wait-until-done.ts';

export interface StepTask extends CallingState {
  retry: RetryProps;
  /** Only its own `retry`, and not those of all tasks. */
  alone?: true;
}

/** The execution that a task runs in, as its function is told. */
const OWN_EXECUTION = {
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
  readonly #retries: RetryProps[];

  /**
   * @param options.executionPath where the state names the execution that the tasks are about. Default: the one they run in.
   * @param options.retries besides each task's own. Default: none.
   */
  constructor(
    scope: Construct,
    functions: SystemFunctions,
    { executionPath, retries = [] }: { executionPath?: string; retries?: RetryProps[] } = {},
  ) {
    this.scope = scope;
    this.functions = functions;
    this.#execution = executionPath === undefined ? OWN_EXECUTION : JsonPath.objectAt(executionPath);
    this.#retries = retries;
  }

  /** What a task is called with: what to do, which execution it is about, and the run's data. */
  #payload(action: string): Record<string, unknown> {
    return { action, execution: this.#execution, state: JsonPath.objectAt('$') };
  }

  task({ action, ...rest }: StepTask): LambdaInvoke {
    return this.invoke(rest, this.#payload(action));
  }

  /** Reads one batch of a large database: within an iteration of a Map, which selects what the function gets. */
  batch({ action, ...task }: StepTask): LambdaInvoke {
    return this.invoke(task, {
      action,
      batch: JsonPath.numberAt('$.batch'),
      execution: JsonPath.objectAt('$.execution'),
      state: JsonPath.objectAt('$.state'),
    });
  }

  private invoke(
    { name, function: called, answer, retry, alone }: Omit<StepTask, 'action'>,
    input: Record<string, unknown>,
  ): LambdaInvoke {
    const task = new LambdaInvoke(this.scope, name, {
      lambdaFunction: functionOf(this.functions, called),
      payload: TaskInput.fromObject(input),
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
      // Left out, the answer is the whole state; the interpreter of rehearsals does not know the long form `$`.
      ...(answer === '$' ? {} : { resultPath: answer }),
      taskTimeout: Timeout.duration(
        Duration.seconds(functionFacts(called).timeoutSeconds + TASK_GRACE_SECONDS),
      ),
    });
    for (const each of alone === true ? [retry] : [retry, ...this.#retries]) task.addRetry(each);
    return task;
  }

  /** A task that is called until it is done. */
  loop(task: TaskStateBase, resultPath: string): WaitUntilDone {
    return new WaitUntilDone(this.scope, `${task.id} loop`, { task, resultPath });
  }

  /** Waits for somebody's answer: both time-outs are set, so that a lost token cannot hang a run for a year. */
  approval(name: string, timeout: Duration, retry: RetryProps): LambdaInvoke {
    const task = new LambdaInvoke(this.scope, name, {
      lambdaFunction: functionOf(this.functions, 'approve'),
      integrationPattern: IntegrationPattern.WAIT_FOR_TASK_TOKEN,
      payload: TaskInput.fromObject({ ...this.#payload('request'), token: JsonPath.taskToken }),
      retryOnServiceExceptions: false,
      // What it is answered proves nothing: the state after it looks for the record.
      resultPath: JsonPath.DISCARD,
      taskTimeout: Timeout.duration(timeout),
    });
    for (const each of [retry, ...this.#retries]) task.addRetry(each);
    return task;
  }
}

/** Every error a task can end with: what a function throws, Lambda's own, and Step Functions' time-outs. */
export const ANY_ERROR = { errors: [Errors.ALL], resultPath: '$.failure' };
