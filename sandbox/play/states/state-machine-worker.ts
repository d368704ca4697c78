import { AsyncLocalStorage } from 'node:async_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import type { StateMachineDefinition as Definition } from 'aws-local-stepfunctions';
import type { StateDefinition, StateMachineDefinition } from '../../deployment.ts';
import { simulateDate } from '../simulated-clock.ts';
import { READ_ITEMS } from './distributed-map.ts';

export interface StateMachineWorkerData {
  clock: SharedArrayBuffer;
}

/** One execution to run. */
export interface ExecutionOrder {
  definition: StateMachineDefinition;
  input: unknown;
  context: {
    Execution: Record<string, unknown>;
    StateMachine: Record<string, unknown>;
    /** When it was started, ISO 8601: the interpreter's own `StartTime` is when it began to play. */
    Started: { At: string };
  };
  /** True for a definition that was put together from one that had been checked. */
  checked?: boolean;
}

/** From the interpreter's thread to the sandbox: what happens in which execution. */
export type FromStateMachine =
  | {
      kind: 'task';
      execution: number;
      id: number;
      state: string;
      resource: string;
      payload: unknown;
      token: string | undefined;
    }
  | { kind: 'timer'; execution: number; id: number; milliseconds: number }
  | { kind: 'cancel'; execution: number; id: number }
  | {
      kind: 'event';
      execution: number;
      event: { type: string; stateName?: string; stateType?: string; input?: unknown; output?: unknown };
    }
  | { kind: 'ended'; execution: number; error?: { name: string; message: string }; output?: unknown }
  /** Everything that the message of this number led to has been told. */
  | { kind: 'settled'; message: number };

/** From the sandbox back. */
export type ToStateMachine =
  | { kind: 'begin'; execution: number; order: ExecutionOrder }
  | { kind: 'result'; id: number; result: unknown }
  | { kind: 'failure'; id: number; name: string; message: string }
  | { kind: 'fired'; id: number }
  | { kind: 'abort'; execution: number };

const { clock } = workerData as StateMachineWorkerData;
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker of the sandbox only');
const send = (message: FromStateMachine): void => port.postMessage(message);

// The interpreter waits with setTimeout and reads Date: both live in simulated time here, so that Wait, Retry and time-outs scale.
simulateDate(clock);
/** Which execution the running code belongs to: the interpreter itself does not say. */
const current = new AsyncLocalStorage<number>();
let count = 0;
const timers = new Map<number, () => void>();
const tasks = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
const executions = new Map<number, { abort(): void }>();
globalThis.setTimeout = ((callback: () => void, milliseconds = 0) => {
  count += 1;
  timers.set(count, AsyncLocalStorage.bind(callback));
  send({ kind: 'timer', execution: current.getStore() ?? 0, id: count, milliseconds });
  return count;
}) as unknown as typeof setTimeout;
globalThis.clearTimeout = ((id: number | undefined) => {
  if (id === undefined || !timers.delete(id)) return;
  send({ kind: 'cancel', execution: current.getStore() ?? 0, id });
}) as unknown as typeof clearTimeout;

const { StateMachine } = await import('aws-local-stepfunctions');
/** Texts of the definitions that were found right. */
const checkedDefinitions = new Set<string>();

/** Turns of the event loop within which the interpreter has done all that one message leads to. */
const TURNS = 4;

port.on('message', ({ number, message }: { number: number; message: ToStateMachine }) => {
  receive(message);
  void settle(number);
});

async function settle(message: number): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  send({ kind: 'settled', message });
}

function receive(message: ToStateMachine): void {
  if (message.kind === 'begin') {
    current.run(message.execution, () => void run(message.execution, message.order));
  } else if (message.kind === 'abort') {
    executions.get(message.execution)?.abort();
  } else if (message.kind === 'fired') {
    const callback = timers.get(message.id);
    timers.delete(message.id);
    callback?.();
  } else {
    const task = tasks.get(message.id);
    tasks.delete(message.id);
    if (message.kind === 'result') task?.resolve(message.result);
    else task?.reject(Object.assign(new Error(message.message), { name: message.name }));
  }
}

async function run(number: number, { definition, input, context, checked }: ExecutionOrder): Promise<void> {
  let lastToken: string | undefined;
  const tokens = {
    get Token(): string {
      lastToken = `token-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;
      return lastToken;
    },
  };
  // The interpreter fills none of it. What a state is asked for, it is asked for when it is entered:
  // https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
  const state = {
    get EnteredTime(): string {
      return new Date().toISOString();
    },
  };
  /** The list of the distributed Map that comes next. */
  const distributed: { Items: unknown } = { Items: [] };
  const handlers = Object.fromEntries(
    allTasks(definition).map(([name, state]) => [
      name,
      async (payload: unknown) => {
        // The token is minted while the parameters are worked out, just before this; the state's entry is told first.
        const token = lastToken;
        await new Promise((resolve) => setImmediate(resolve));
        const answered = new Promise((resolve, reject) => {
          count += 1;
          tasks.set(count, { resolve, reject });
          const waits = state.Resource?.endsWith('.waitForTaskToken') === true;
          send({
            kind: 'task',
            execution: number,
            id: count,
            state: name,
            resource: state.Resource ?? '',
            payload,
            token: waits ? token : undefined,
          });
        });
        if (state.Resource !== READ_ITEMS) return answered;
        distributed.Items = await answered;
        return null;
      },
    ]),
  );
  const machine = machineOf(definition, checked === true);
  const execution = machine.run(input as never, {
    overrides: { taskResourceLocalHandlers: handlers as never },
    context: { ...context, Task: tokens, State: state, Distributed: distributed } as never,
  });
  executions.set(number, execution);
  const forwarded = forwardEvents(number, execution.eventLogs, endsOfBranches(definition));
  try {
    const output = await execution.result;
    await forwarded;
    send({ kind: 'ended', execution: number, output });
  } catch (thrown) {
    await forwarded;
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : (thrown as Error);
    send({ kind: 'ended', execution: number, error: { name: cause.name, message: cause.message } });
  } finally {
    executions.delete(number);
  }
}

/** Checking a definition takes longer than running it: each is checked once. @param isPart - of one that was checked. */
function machineOf(definition: StateMachineDefinition, isPart: boolean): InstanceType<typeof StateMachine> {
  const text = JSON.stringify(definition);
  const machine = new StateMachine(definition as unknown as Definition, {
    validationOptions: { checkArn: false, noValidate: isPart || checkedDefinitions.has(text) },
  });
  checkedDefinitions.add(text);
  return machine;
}

function allTasks(machine: StateMachineDefinition): [string, StateDefinition][] {
  return Object.entries(machine.States).flatMap(([name, state]): [string, StateDefinition][] => [
    ...(state.Type === 'Task' ? [[name, state] as [string, StateDefinition]] : []),
    ...(state.Branches ?? []).flatMap(allTasks),
    ...(state.ItemProcessor === undefined ? [] : allTasks(state.ItemProcessor)),
  ]);
}

/** The last states of all parallel branches. */
function endsOfBranches(machine: StateMachineDefinition): Set<string> {
  const branches = Object.values(machine.States).flatMap(({ Branches = [] }) => Branches);
  const ends = branches.flatMap(({ States }) =>
    Object.entries(States).flatMap(([name, { End, Type }]) =>
      End === true || Type === 'Succeed' ? [name] : [],
    ),
  );
  return new Set([...ends, ...branches.flatMap((branch) => [...endsOfBranches(branch)])]);
}

async function forwardEvents(
  number: number,
  events: AsyncIterable<unknown>,
  ends: Set<string>,
): Promise<void> {
  for await (const event of events) {
    const { type, state } = event as {
      type: string;
      state?: { name: string; type: string; input?: unknown; output?: unknown };
    };
    send({
      kind: 'event',
      execution: number,
      event: {
        type,
        ...(state === undefined
          ? {}
          : {
              stateName: state.name,
              stateType: state.type,
              // What a redrive would begin that state with.
              ...(type === 'StateEntered' ? { input: state.input } : {}),
              // And what it would take as the answer of a branch that is done.
              ...(type === 'StateExited' && ends.has(state.name) ? { output: state.output } : {}),
            }),
      },
    });
  }
}
