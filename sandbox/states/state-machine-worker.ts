import { parentPort, workerData } from 'node:worker_threads';
import type { StateMachineDefinition as Definition } from 'aws-local-stepfunctions';
import type { StateDefinition, StateMachineDefinition } from '../deployment.ts';
import { simulateDate } from '../simulated-clock.ts';

export interface StateMachineWorkerData {
  clock: SharedArrayBuffer;
  definition: StateMachineDefinition;
  input: unknown;
  context: { Execution: Record<string, unknown>; StateMachine: Record<string, unknown> };
}

/** From the interpreter's thread to the sandbox. */
export type FromStateMachine =
  | {
      kind: 'task';
      id: number;
      state: string;
      resource: string;
      payload: unknown;
      token: string | undefined;
      seconds: number;
    }
  | { kind: 'timer'; id: number; milliseconds: number }
  | { kind: 'cancel'; id: number }
  | { kind: 'event'; event: { type: string; stateName?: string; stateType?: string; input?: unknown } }
  | { kind: 'ended'; error?: { name: string; message: string } };

/** From the sandbox back. */
export type ToStateMachine =
  | { kind: 'result'; id: number; result: unknown }
  | { kind: 'failure'; id: number; name: string; message: string }
  | { kind: 'fired'; id: number }
  | { kind: 'abort' };

const { clock, definition, input, context } = workerData as StateMachineWorkerData;
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker of the sandbox only');
const send = (message: FromStateMachine): void => port.postMessage(message);

// The interpreter waits with setTimeout and reads Date: both live in simulated time here, so that Wait, Retry and time-outs scale.
simulateDate(clock);
let count = 0;
const timers = new Map<number, () => void>();
const tasks = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
globalThis.setTimeout = ((callback: () => void, milliseconds = 0) => {
  count += 1;
  timers.set(count, callback);
  send({ kind: 'timer', id: count, milliseconds });
  return count;
}) as unknown as typeof setTimeout;
globalThis.clearTimeout = ((id: number | undefined) => {
  if (id === undefined || !timers.delete(id)) return;
  send({ kind: 'cancel', id });
}) as unknown as typeof clearTimeout;

const { StateMachine } = await import('aws-local-stepfunctions');

/** Longest time-out that JavaScript's own timers know would overflow; here it is only a number. */
const DEFAULT_TASK_SECONDS = 99_999_999;
let lastToken: string | undefined;
const tokens = {
  get Token(): string {
    lastToken = `token-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;
    return lastToken;
  },
};

const handlers = Object.fromEntries(
  allTasks(definition).map(([name, state]) => [
    name,
    async (payload: unknown) => {
      // The token is minted while the parameters are worked out, just before this; the state's entry is told first.
      const token = lastToken;
      await new Promise((resolve) => setImmediate(resolve));
      return new Promise((resolve, reject) => {
        count += 1;
        tasks.set(count, { resolve, reject });
        const waits = state.Resource?.endsWith('.waitForTaskToken') === true;
        send({
          kind: 'task',
          id: count,
          state: name,
          resource: state.Resource ?? '',
          payload,
          token: waits ? token : undefined,
          seconds: state.TimeoutSeconds ?? DEFAULT_TASK_SECONDS,
        });
      });
    },
  ]),
);

function allTasks(machine: StateMachineDefinition): [string, StateDefinition][] {
  return Object.entries(machine.States).flatMap(([name, state]): [string, StateDefinition][] => [
    ...(state.Type === 'Task' ? [[name, state] as [string, StateDefinition]] : []),
    ...(state.Branches ?? []).flatMap(allTasks),
  ]);
}

const machine = new StateMachine(definition as unknown as Definition, {
  validationOptions: { checkArn: false },
});
const execution = machine.run(input as never, {
  overrides: { taskResourceLocalHandlers: handlers as never },
  context: { ...context, Task: tokens } as never,
});

port.on('message', (message: ToStateMachine) => {
  if (message.kind === 'abort') execution.abort();
  else if (message.kind === 'fired') {
    const callback = timers.get(message.id);
    timers.delete(message.id);
    callback?.();
  } else {
    const task = tasks.get(message.id);
    tasks.delete(message.id);
    if (message.kind === 'result') task?.resolve(message.result);
    else task?.reject(Object.assign(new Error(message.message), { name: message.name }));
  }
});

async function forwardEvents(): Promise<void> {
  for await (const event of execution.eventLogs) {
    const { type, state } = event as { type: string; state?: { name: string; type: string; input: unknown } };
    send({
      kind: 'event',
      event: {
        type,
        ...(state === undefined ? {} : { stateName: state.name, stateType: state.type }),
        ...(state === undefined || type !== 'StateEntered' ? {} : { input: state.input }),
      },
    });
  }
}
const forwarded = forwardEvents();

try {
  await execution.result;
  await forwarded;
  send({ kind: 'ended' });
} catch (thrown) {
  await forwarded;
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : (thrown as Error);
  send({ kind: 'ended', error: { name: cause.name, message: cause.message } });
}
