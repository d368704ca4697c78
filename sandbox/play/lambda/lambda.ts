import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../../functions/contract/errors.ts';
import { isOffered } from '../../../functions/contract/regions.ts';
import { secretAccessKeyOf } from '../../aws/secret-access-key.ts';
import type { DeployedFunction } from '../../deployment.ts';
import type { InvocationFault } from '../../world/faults.ts';
import type { SimulatedClock } from '../clock.ts';
import type { LambdaAnswer, LambdaRequest, LambdaWorkerData } from './lambda-worker.ts';
import type { Way } from './ways.ts';

export interface LambdaOptions {
  clock: SimulatedClock;
  endpointUrl: string;
  region: string;
  caCertificate: string;
  /** Where hosts of the configuration lead. Default: nowhere. */
  ways?: readonly Way[] | undefined;
  /** Folder of what Node has compiled, so that a thread's start costs less. Default: every thread compiles anew. */
  compileCache?: string | undefined;
  /** Where the functions' logs go, one file a step. */
  logDirectory(): string;
  /** The fault that hits the next invocation of a step's function, if any. */
  nextFault?(step: string): InvocationFault | undefined;
}

/** An error as Lambda hands it to Step Functions: the name to match, and the Cause as JSON. */
export class LambdaError extends Error {
  constructor(errorType: string, errorMessage: string, trace: string[] = []) {
    super(JSON.stringify({ errorType, errorMessage, trace }));
    this.name = errorType;
  }
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
  /** The invocation no longer works: simulated time may run. */
  release(): void;
}

/** How a function's environment is ended in the middle of its work. */
export type Ending = 'killed' | 'timed-out';

/** One deployed function: its bundle in a worker of its own, with the environment of the template and nothing of the host's. */
export class LambdaFunction {
  readonly deployed: DeployedFunction;
  readonly #options: LambdaOptions;
  #worker: Worker | undefined;
  #pending = new Map<number, Pending>();
  #count = 0;
  readonly #underWay = new Map<number, Promise<unknown>>();
  readonly #logs = new Set<Promise<void>>();

  constructor(deployed: DeployedFunction, options: LambdaOptions) {
    this.deployed = deployed;
    this.#options = options;
  }

  /** Runs the handler, unless a fault of the function itself comes in between. @throws LambdaError */
  async invoke(payload: unknown): Promise<unknown> {
    switch (this.#options.nextFault?.(this.deployed.step)) {
      case 'throttle':
        throw new LambdaError('Lambda.TooManyRequestsException', 'Rate Exceeded.');
      case 'lose-answer':
        await this.#once(payload);
        throw new LambdaError(
          'Lambda.Unknown',
          'The cause could not be determined because Lambda did not answer.',
        );
      case 'twice':
        await this.#once(payload).catch((error: unknown) =>
          this.#note('the first of two invocations', error),
        );
        return await this.#once(payload);
      case 'twice-at-once': {
        const [first] = [
          this.#once(payload),
          this.#once(payload).catch((error: unknown) => this.#note('the second of two invocations', error)),
        ];
        return await first;
      }
      case undefined:
        return await this.#once(payload);
    }
  }

  /** Loads the function's environment ahead of its first invocation. */
  warm(): void {
    this.#warm();
  }

  /** So much time passes at once for its time-outs, in milliseconds. */
  pass(milliseconds: number): void {
    this.#worker?.postMessage({ passes: milliseconds } satisfies LambdaRequest);
  }

  /** An invocation is under way. */
  get isBusy(): boolean {
    return this.#pending.size > 0;
  }

  /** Resolves when no invocation is under way any more and every line of the log is written. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay.values());
    await Promise.all([...this.#logs]);
  }

  #note(which: string, error: unknown): void {
    void this.#log('warn', `${which} failed: ${messageOf(error)}`);
  }

  /** One invocation. While it works, simulated time does not run free. */
  async #once(payload: unknown): Promise<unknown> {
    const release = this.#options.clock.work();
    const { timeoutSeconds } = this.deployed;
    this.#count += 1;
    const id = this.#count;
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, release });
      timer = setTimeout(() => this.end('timed-out'), timeoutSeconds * 1000);
      const request: LambdaRequest = {
        id,
        payload: JSON.parse(JSON.stringify(payload)),
        context: { functionName: this.deployed.step, awsRequestId: randomUUID() },
      };
      this.#warm().postMessage(request);
    });
    this.#underWay.set(id, answer);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
      this.#underWay.delete(id);
      release();
    }
  }

  /**
   * Ends the function's environment in the middle of its work; the next invocation gets a new one. A time-out shows only when the
   * function's time is up.
   */
  end(how: Ending): void {
    const worker = this.#worker;
    this.#worker = undefined;
    const { clock } = this.#options;
    const { timeoutSeconds } = this.deployed;
    for (const [id, { reject, release }] of this.#pending) {
      if (how === 'killed') {
        reject(
          new LambdaError(
            'Runtime.ExitError',
            'RequestId: - Error: Runtime exited with error: signal: killed',
          ),
        );
        continue;
      }
      release();
      clock.after(timeoutSeconds * 1000, () =>
        reject(
          new LambdaError(
            'Sandbox.Timedout',
            `RequestId: ${id} Error: Task timed out after ${timeoutSeconds}.00 seconds`,
          ),
        ),
      );
    }
    this.#pending.clear();
    this.#underWay.clear();
    void worker?.terminate();
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.end('killed');
    await worker?.terminate();
  }

  #warm(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const { clock, endpointUrl, region, caCertificate, ways = [], compileCache } = this.#options;
    const [file = 'index', handler = 'handler'] = this.deployed.handler.split('.');
    const worker = new Worker(new URL('./lambda-worker.ts', import.meta.url), {
      workerData: {
        clock: clock.shared,
        file: join(this.deployed.bundleDirectory, `${file}.mjs`),
        handler,
        caCertificate,
        ways,
        skipPauses: clock.speed === Number.POSITIVE_INFINITY,
      } satisfies LambdaWorkerData,
      // Exactly what Lambda gives: the template's variables, and its own.
      env: {
        ...this.deployed.environment,
        LAMBDA_TASK_ROOT: this.deployed.bundleDirectory,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ENDPOINT_URL: endpointUrl,
        ...endpointsMissing(region),
        AWS_ACCESS_KEY_ID: this.deployed.accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKeyOf(this.deployed.accessKeyId),
        AWS_LAMBDA_FUNCTION_NAME: this.deployed.step,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(this.deployed.memoryMib),
        TZ: ':UTC',
        LANG: 'en_US.UTF-8',
        // The thread takes it out again before the function's code is loaded.
        ...(compileCache === undefined ? {} : { NODE_COMPILE_CACHE: compileCache }),
      },
      resourceLimits: { maxOldGenerationSizeMb: this.deployed.memoryMib },
    });
    worker.on('message', (answer: LambdaAnswer) => this.#receive(answer));
    worker.on('error', (error) => {
      if (this.#worker === worker) this.end('killed');
      void this.#log(
        'error',
        `the function's environment ended: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #receive(answer: LambdaAnswer): void {
    if ('log' in answer) {
      void this.#log(answer.level, answer.log);
      return;
    }
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return;
    if ('error' in answer)
      pending.reject(new LambdaError(answer.error.errorType, answer.error.errorMessage, answer.error.trace));
    else pending.resolve(answer.result);
  }

  async #log(level: string, message: string): Promise<void> {
    const written = this.#write(level, message);
    this.#logs.add(written);
    await written.finally(() => this.#logs.delete(written));
  }

  async #write(level: string, message: string): Promise<void> {
    const at = new Date(this.#options.clock.now()).toISOString();
    await appendFile(
      join(this.#options.logDirectory(), `${this.deployed.step}.jsonl`),
      `${JSON.stringify({ at, level, message })}\n`,
    ).catch((error: unknown) =>
      console.error(`sandbox: a function's log could not be written: ${String(error)}`),
    );
  }
}

/**
 * A service that the Region lacks has no endpoint there: the SDK asks for the name that it would have, which nobody knows
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
 */
function endpointsMissing(region: string): Record<string, string> {
  if (isOffered('ses', region)) return {};
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return { AWS_ENDPOINT_URL_SES: `https://email.${region}.${suffix}` };
}
