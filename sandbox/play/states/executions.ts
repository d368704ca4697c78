import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';
import { AwsError } from '../../aws/operation.ts';
import type { Deployment } from '../../deployment.ts';
import type { SimulatedClock } from '../clock.ts';
import type { LambdaFunction } from '../lambda/lambda.ts';
import { playDistributedMaps, READ_ITEMS } from './distributed-map.ts';
import type { Ending, Execution } from './execution.ts';
import { History, MAXIMUM_EVENTS } from './history.ts';
import type { InterpretedExecution, Interpreter, InterpreterMessage } from './interpreter.ts';
import { MAXIMUM_PAYLOAD_BYTES, mustFit, sizeOf, TOO_LARGE } from './payload.ts';
import { Redrives, resume } from './redrive.ts';
import { parseInput, scheduledTask, targetOf } from './task-call.ts';
import { Trace } from './trace.ts';

/** Error of an execution that was under way when its sandbox was stopped. */
export const STOPPED = 'Sandbox.Stopped';

type Answer = InterpretedExecution['answer'];

interface WaitingTask {
  execution: Execution;
  /** Redrives of that execution when the task was called: a later one calls it anew, with another token. */
  redrives: number;
  answer: Answer;
}

const ENDINGS: Record<Ending, HistoryEventType> = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
};

const detailsOf = (status: Ending, failure?: { name: string; message: string }): Partial<HistoryEvent> => {
  const details = failure === undefined ? {} : { error: failure.name, cause: failure.message };
  if (status === 'ABORTED') return { executionAbortedEventDetails: details };
  if (status === 'FAILED') return { executionFailedEventDetails: details };
  return status === 'TIMED_OUT' ? { executionTimedOutEventDetails: details } : {};
};

/** Runs executions of the synthesised state machine over the sandbox's functions. */
export class Executions {
  readonly deployment: Deployment;
  readonly all = new Map<string, Execution>();
  /** Tasks that wait for their token. */
  readonly waiting = new Map<string, WaitingTask>();
  /** Every task token that was ever handed out. */
  readonly tokens: string[] = [];
  /** Called at each event of any execution, for the live view. */
  onEvent: (execution: Execution, event: HistoryEvent) => void = () => undefined;
  /** Called when an execution has begun, and again when it has ended. */
  onStatus: (execution: Execution) => void = () => undefined;
  /** Called with each execution that has ended, also when no event of it reaches anybody. */
  onEnd: (execution: Execution) => void = () => undefined;
  /** Called when an execution enters a state. */
  onState: (execution: Execution, state: string) => void = () => undefined;
  /** Resolves when what happened as a state was entered is over: its function is called then. */
  happened: () => Promise<void> = () => Promise.resolve();
  /** Called when a state of an execution has called its function. */
  onCall: (execution: Execution, state: string) => void = () => undefined;
  /** Called with what a function answered. */
  onResult: (state: string, result: unknown) => void = () => undefined;
  /** An object of the evidence bucket, as Step Functions itself reads the list of a distributed Map. */
  readObject: (key: string) => string | undefined = () => undefined;
  /** Redrives that an operator is about to ask for: until then nothing is at its end. */
  expected = 0;
  readonly #clock: SimulatedClock;
  readonly #functions: readonly LambdaFunction[];
  readonly #interpreter: Interpreter;

  constructor(
    deployment: Deployment,
    clock: SimulatedClock,
    functions: readonly LambdaFunction[],
    interpreter: Interpreter,
  ) {
    this.deployment = deployment;
    this.#clock = clock;
    this.#functions = functions;
    this.#interpreter = interpreter;
  }

  /** The run itself: whatever was started later came of it. */
  get first(): Execution | undefined {
    return this.all.values().next().value;
  }

  /**
   * Starts an execution of a machine, by default of the shutdown's. The same name and input while that execution runs is the same start:
   * https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
   */
  start(name: string, input: string, machine = this.deployment.stateMachine): Execution {
    const arn = `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`;
    const earlier = this.all.get(arn);
    if (earlier?.status === 'RUNNING' && earlier.input === input) return earlier;
    if (earlier !== undefined)
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    parseInput(input);
    const execution: Execution = {
      machine,
      name,
      arn,
      input,
      status: 'RUNNING',
      startedAt: this.#clock.now(),
      history: new History(() => this.#clock.now()),
      trace: new Trace(),
      redrives: new Redrives(),
      ended: Promise.resolve(),
      stop: () => undefined,
    };
    this.all.set(execution.arn, execution);
    execution.history.add('ExecutionStarted');
    this.#run(execution);
    return execution;
  }

  /**
   * Goes on with an execution that failed, was stopped or ran out of time, from the states that were not left.
   *
   * @throws AwsError `ExecutionNotRedrivable`.
   */
  redrive(execution: Execution, clientToken?: string): void {
    const { redrives, history } = execution;
    if (!redrives.begin(execution, clientToken, this.#clock.now())) return;
    execution.status = 'RUNNING';
    for (const key of ['endedAt', 'error', 'cause'] as const) delete execution[key];
    history.add('ExecutionRedriven', { executionRedrivenEventDetails: { redriveCount: redrives.count } });
    this.#run(execution);
  }

  #run(execution: Execution): void {
    const { machine, redrives, startedAt } = execution;
    let finish = (): void => undefined;
    execution.ended = new Promise<void>((resolve) => {
      finish = resolve;
    });
    this.onStatus(execution);
    const played = playDistributedMaps(machine.definition);
    const input = parseInput(execution.input);
    const isAgain = redrives.count > 0;
    const { goOn, names, ...begun } = isAgain
      ? resume(played.definition, execution.trace, input)
      : { definition: played.definition, input, goOn: new Set<string>(), names: new Map() };
    const end = (status: Ending, error?: { name: string; message: string }): void => {
      if (execution.status !== 'RUNNING') return;
      execution.status = status;
      execution.endedAt = this.#clock.now();
      if (error !== undefined) Object.assign(execution, { error: error.name, cause: error.message });
      execution.history.add(ENDINGS[status], detailsOf(status, error));
      interpreted.end();
      this.onEnd(execution);
      this.onStatus(execution);
      finish();
    };
    execution.stop = (error, cause, status = 'ABORTED') => end(status, { name: error, message: cause });
    const answer: Answer = (message) => interpreted.answer(message);
    const interpreted = this.#interpreter.run(
      {
        ...begun,
        context: {
          Execution: {
            Id: execution.arn,
            Name: execution.name,
            RoleArn: 'sandbox',
            RedriveCount: redrives.count,
            ...(redrives.at === undefined ? {} : { RedriveTime: new Date(redrives.at).toISOString() }),
          },
          StateMachine: { Id: machine.arn, Name: machine.name },
          Started: { At: new Date(startedAt).toISOString() },
        },
        ...(isAgain ? { checked: true } : {}),
      },
      (message) => {
        if (message.kind === 'task' && message.resource === READ_ITEMS) {
          answer(this.#items(message));
        } else if (message.kind === 'task') {
          // An iteration of a distributed Map is an execution of its own, whose history nobody asks for here.
          const child = played.childStates.has(message.state)
            ? new History(() => this.#clock.now())
            : undefined;
          void this.#task(execution, message, answer, child);
        } else if (message.kind === 'event') {
          const { stateName, ...event } = message.event;
          const state = stateName !== undefined && names.has(stateName) ? names.get(stateName) : stateName;
          if (state === undefined || played.childStates.has(state)) return;
          if (event.type === 'StateEntered' && goOn.delete(state)) return;
          execution.trace.note(state, event);
          if (!played.isElsewhere(state)) this.#event(execution, { ...event, stateName: state });
          if (execution.history.events.length > MAXIMUM_EVENTS)
            end('FAILED', {
              name: 'States.Runtime',
              message: 'The execution reached the maximum number of history events (25000).',
            });
        } else {
          const timedOut = message.error?.name === 'ExecutionTimeoutError';
          end(message.error === undefined ? 'SUCCEEDED' : timedOut ? 'TIMED_OUT' : 'FAILED', message.error);
        }
      },
    );
  }

  #event(
    execution: Execution,
    event: { type: string; stateName?: string; stateType?: string; input?: unknown },
  ): void {
    const { type, stateName, stateType, input } = event;
    if (stateName === undefined || stateType === undefined) return;
    if (type === 'StateEntered') {
      // What the state before it made of its input and its answer.
      if (sizeOf(input) > MAXIMUM_PAYLOAD_BYTES)
        execution.stop(
          TOO_LARGE,
          `The input of the state '${stateName}' is larger than 262144 bytes.`,
          'FAILED',
        );
      execution.history.entered(stateName, stateType, input);
      this.onState(execution, stateName);
    }
    // A state that caught its error is left like any other.
    if (type === 'StateExited') execution.history.exited(stateName, stateType);
    else if (type !== 'StateEntered') return;
    const last = execution.history.events.at(-1);
    if (last !== undefined) this.onEvent(execution, last);
  }

  /** The list of a distributed Map, as its ItemReader finds it. */
  #items({ id, payload }: Extract<InterpreterMessage, { kind: 'task' }>): Parameters<Answer>[0] {
    const { Bucket, Key } = payload as { Bucket: string; Key: string };
    const text = Bucket === this.deployment.bucket ? this.readObject(Key) : undefined;
    if (text !== undefined) return { kind: 'result', id, result: JSON.parse(text) };
    return {
      kind: 'failure',
      id,
      name: 'States.ItemReaderFailed',
      message: `The specified object ${Bucket}/${Key} does not exist`,
    };
  }

  async #task(
    execution: Execution,
    task: Extract<InterpreterMessage, { kind: 'task' }>,
    answer: Answer,
    history = execution.history,
  ): Promise<void> {
    const { arn, payload } = targetOf(task.resource, task.payload);
    const { count } = execution.redrives;
    // What a function answers to an execution that has ended is nowhere to be read.
    const note: History['add'] = (...event) => {
      if (execution.status === 'RUNNING' && execution.redrives.count === count) history.add(...event);
    };
    try {
      mustFit(payload, `The state/task '${task.state}' has an input`);
      const target = this.#functions.find((candidate) => candidate.deployed.arn === arn);
      if (target === undefined)
        throw Object.assign(new Error(`Function not found: ${arn}`), {
          name: 'Lambda.ResourceNotFoundException',
        });
      if (task.token !== undefined) {
        this.tokens.push(task.token);
        this.waiting.set(task.token, {
          execution,
          redrives: execution.redrives.count,
          answer: (message) => {
            note(message.kind === 'result' ? 'TaskSucceeded' : 'TaskFailed', {}, task.state);
            answer({ ...message, id: task.id });
          },
        });
        note('TaskScheduled', scheduledTask(task, this.deployment.account.region), task.state);
      } else note('LambdaFunctionScheduled', {}, task.state);
      await this.happened();
      this.onCall(execution, task.state);
      const result = await target.invoke(payload);
      mustFit(result, `The state/task '${arn}' returned a result`);
      note(task.token === undefined ? 'LambdaFunctionSucceeded' : 'TaskSubmitted', {}, task.state);
      this.onResult(task.state, result);
      // A task with a token is done when somebody answers, not when its function is.
      if (task.token === undefined) answer({ kind: 'result', id: task.id, result });
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      if (error.name === TOO_LARGE) {
        execution.stop(TOO_LARGE, error.message, 'FAILED');
        return;
      }
      if (task.token === undefined)
        note('LambdaFunctionFailed', { lambdaFunctionFailedEventDetails: { error: error.name } }, task.state);
      else note('TaskFailed', {}, task.state);
      answer({ kind: 'failure', id: task.id, name: error.name, message: error.message });
    }
  }

  stop(): void {
    for (const execution of this.all.values()) execution.stop(STOPPED, 'the sandbox was stopped');
  }
}
