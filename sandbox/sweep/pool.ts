import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { RunInput } from '../../functions/contract/input.ts';
import type { RunKind } from '../../functions/contract/run-kinds.ts';
import type { CaseResult, Recording, SweepCase } from './case.ts';
import type { Answer, Order } from './worker.ts';

/** A run takes a second or two; after this long, in milliseconds, its process is given up. */
const HUNG_MILLISECONDS = 180_000;

export interface PoolOptions {
  system: string;
  workers: number;
  /** Where the runs' folders go. */
  out: string;
  /** Keep every run's folder, not only those of the failed. */
  keep: boolean;
  onResult(result: CaseResult): void;
}

/** Processes that each keep a world standing, and run the cases one after the other in it. */
export class Pool {
  readonly #options: PoolOptions;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Records a clean run, or a sequel of it when one is named. */
  async record({
    action = 'shutdown',
    input = {},
    faults = [],
    sequel,
  }: {
    action?: RunKind;
    input?: RunInput;
    /** Faults that belong to the recorded run: it is still to succeed. */
    faults?: object[];
    sequel?: string;
  } = {}): Promise<Recording> {
    const worker = await this.#start();
    try {
      const answer = await ask(worker, {
        kind: 'record',
        out: join(this.#options.out, 'recording'),
        action,
        input,
        faults,
        sequel,
      });
      if (answer.kind !== 'recorded') throw new Error(`expected a recording, got ${answer.kind}`);
      return answer.recording;
    } finally {
      await end(worker);
    }
  }

  async run(cases: SweepCase[]): Promise<CaseResult[]> {
    const results: CaseResult[] = [];
    const queue = cases.map((each, index) => ({ each, index }));
    const work = async (): Promise<void> => {
      let worker: ChildProcess | undefined;
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const { each, index } = next;
        const out = join(this.#options.out, 'runs', String(index).padStart(5, '0'));
        let result: CaseResult;
        try {
          worker ??= await this.#start();
          const answer = await ask(worker, { kind: 'run', case: each, out, keep: this.#options.keep });
          if (answer.kind !== 'result') throw new Error(`expected a result, got ${answer.kind}`);
          result = answer.result;
        } catch (error) {
          // Its world is in no known state: the next case gets another process.
          worker?.kill('SIGTERM');
          worker = undefined;
          const words = error instanceof Error ? error.message : String(error);
          result = {
            id: each.id,
            outcome: 'none',
            broken: [words],
            happened: true,
            out,
            seconds: 0,
            cpuSeconds: 0,
          };
        }
        results.push(result);
        this.#options.onResult(result);
      }
      if (worker !== undefined) await end(worker);
    };
    await Promise.all(Array.from({ length: Math.min(this.#options.workers, cases.length) }, work));
    return results;
  }

  async #start(): Promise<ChildProcess> {
    const worker = fork(new URL('./worker.ts', import.meta.url), [this.#options.system], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await answerOf(worker);
    return worker;
  }
}

async function ask(worker: ChildProcess, order: Order): Promise<Answer> {
  const answer = answerOf(worker);
  worker.send(order);
  return await answer;
}

async function answerOf(worker: ChildProcess): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => done(() => reject(new Error(`no answer within ${HUNG_MILLISECONDS / 1000} s: the run hangs`))),
      HUNG_MILLISECONDS,
    );
    const onMessage = (answer: Answer): void => done(() => resolve(answer));
    const onExit = (code: number | null, signal: string | null): void =>
      done(() => reject(new Error(`the process of the run ended (${signal ?? code})`)));
    worker.once('message', onMessage).once('exit', onExit);
    function done(settle: () => void): void {
      clearTimeout(timer);
      worker.off('message', onMessage).off('exit', onExit);
      settle();
    }
  });
}

async function end(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null) return;
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  worker.disconnect();
  await ended;
}
