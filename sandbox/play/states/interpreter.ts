import { Worker } from 'node:worker_threads';
import { messageOf } from '../../../functions/contract/errors.ts';
import type { SimulatedClock } from '../clock.ts';
import type {
  ExecutionOrder,
  FromStateMachine,
  StateMachineWorkerData,
  ToStateMachine,
} from './state-machine-worker.ts';

/** What an execution hears of the interpreter. */
export type InterpreterMessage = Exclude<FromStateMachine, { kind: 'settled' | 'timer' | 'cancel' }>;

/** An execution as the interpreter runs it. */
export interface InterpretedExecution {
  answer(message: Extract<ToStateMachine, { kind: 'result' | 'failure' }>): void;
  /** Ends it: nothing is heard of it any more. */
  end(): void;
}

/**
 * Runs executions of state machines with `aws-local-stepfunctions`, all of them in one thread that lives in simulated time. Its
 * waits are timers of the clock, and the clock counts it as working for as long as a message is being digested.
 */
export class Interpreter {
  readonly #clock: SimulatedClock;
  #worker: Worker | undefined;
  #executions = 0;
  #messages = 0;
  readonly #listeners = new Map<number, (message: InterpreterMessage) => void>();
  readonly #timers = new Map<number, { execution: number; cancel(): void }>();
  readonly #unsettled = new Map<number, () => void>();

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  /** Loads the thread ahead of the first execution. */
  warm(): void {
    this.#thread();
  }

  run(order: ExecutionOrder, listener: (message: InterpreterMessage) => void): InterpretedExecution {
    this.#executions += 1;
    const execution = this.#executions;
    this.#listeners.set(execution, listener);
    this.#send({ kind: 'begin', execution, order });
    return {
      answer: (message) => {
        if (this.#listeners.has(execution)) this.#send(message);
      },
      end: () => {
        if (!this.#listeners.delete(execution)) return;
        for (const [id, timer] of this.#timers) if (timer.execution === execution) this.#cancel(id);
        this.#send({ kind: 'abort', execution });
      },
    };
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    for (const id of [...this.#timers.keys()]) this.#cancel(id);
    await worker?.terminate();
    this.#settleAll();
  }

  #send(message: ToStateMachine): void {
    const worker = this.#thread();
    this.#messages += 1;
    this.#unsettled.set(this.#messages, this.#clock.work());
    worker.postMessage({ number: this.#messages, message });
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const workerData: StateMachineWorkerData = { clock: this.#clock.shared };
    const worker = new Worker(new URL('./state-machine-worker.ts', import.meta.url), { workerData });
    worker.on('message', (message: FromStateMachine) => this.#receive(message));
    worker.on('error', (error) => this.#died(error));
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #receive(message: FromStateMachine): void {
    if (message.kind === 'settled') {
      this.#unsettled.get(message.message)?.();
      this.#unsettled.delete(message.message);
    } else if (message.kind === 'cancel') {
      this.#cancel(message.id);
    } else if (message.kind === 'timer') {
      this.#arm(message);
    } else {
      this.#listeners.get(message.execution)?.(message);
      if (message.kind === 'ended') this.#listeners.delete(message.execution);
    }
  }

  #arm({ execution, id, milliseconds }: Extract<FromStateMachine, { kind: 'timer' }>): void {
    // Of an execution that was ended meanwhile.
    if (!this.#listeners.has(execution)) return;
    const cancel = this.#clock.after(milliseconds, () => {
      this.#timers.delete(id);
      this.#send({ kind: 'fired', id });
    });
    this.#timers.set(id, { execution, cancel });
  }

  #cancel(id: number): void {
    this.#timers.get(id)?.cancel();
    this.#timers.delete(id);
  }

  #settleAll(): void {
    for (const release of this.#unsettled.values()) release();
    this.#unsettled.clear();
  }

  /** An error of the interpreter itself: every execution in it fails. */
  #died(error: unknown): void {
    this.#worker = undefined;
    for (const id of [...this.#timers.keys()]) this.#cancel(id);
    this.#settleAll();
    const failure = { name: 'States.Runtime', message: messageOf(error) };
    for (const [execution, listener] of [...this.#listeners]) {
      this.#listeners.delete(execution);
      listener({ kind: 'ended', execution, error: failure });
    }
  }
}
