import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SimulatedClock } from '../clock.ts';
import type { DeployedFunction } from '../deployment.ts';
import { secretAccessKeyOf } from '../secret-access-key.ts';
import type { LambdaAnswer, LambdaRequest, LambdaWorkerData } from './lambda-worker.ts';

export interface LambdaOptions {
  clock: SimulatedClock;
  endpointUrl: string;
  region: string;
  caCertificate: string;
  /** Where the functions' logs go, one file a step. */
  logDirectory: string;
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
}

/** One deployed function: its bundle in a worker of its own, with the environment of the template and nothing of the host's. */
export class LambdaFunction {
  readonly deployed: DeployedFunction;
  readonly #options: LambdaOptions;
  #worker: Worker | undefined;
  #pending = new Map<number, Pending>();
  #count = 0;

  constructor(deployed: DeployedFunction, options: LambdaOptions) {
    this.deployed = deployed;
    this.#options = options;
  }

  /** Runs the handler. While it works, simulated time runs at real speed. @throws LambdaError */
  async invoke(payload: unknown): Promise<unknown> {
    const release = this.#options.clock.work();
    const { timeoutSeconds } = this.deployed;
    this.#count += 1;
    const id = this.#count;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#pending.set(id, { resolve, reject });
        timer = setTimeout(() => {
          reject(
            new LambdaError(
              'Sandbox.Timedout',
              `RequestId: ${id} Error: Task timed out after ${timeoutSeconds}.00 seconds`,
            ),
          );
          this.kill();
        }, timeoutSeconds * 1000);
        const request: LambdaRequest = {
          id,
          payload: JSON.parse(JSON.stringify(payload)),
          context: { functionName: this.deployed.step, awsRequestId: randomUUID() },
        };
        this.#warm().postMessage(request);
      });
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
      release();
    }
  }

  /** Ends the function's environment in the middle of its work; the next invocation gets a new one. */
  kill(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    for (const { reject } of this.#pending.values()) {
      reject(
        new LambdaError('Runtime.ExitError', 'RequestId: - Error: Runtime exited with error: signal: killed'),
      );
    }
    this.#pending.clear();
    void worker?.terminate();
  }

  async stop(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #warm(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const { clock, endpointUrl, region, caCertificate } = this.#options;
    const [file = 'index', handler = 'handler'] = this.deployed.handler.split('.');
    const worker = new Worker(new URL('./lambda-worker.ts', import.meta.url), {
      workerData: {
        clock: clock.shared,
        file: join(this.deployed.bundleDirectory, `${file}.mjs`),
        handler,
        caCertificate,
      } satisfies LambdaWorkerData,
      // Exactly what Lambda gives: the template's variables, and its own.
      env: {
        ...this.deployed.environment,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ENDPOINT_URL: endpointUrl,
        AWS_ACCESS_KEY_ID: this.deployed.accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKeyOf(this.deployed.accessKeyId),
        AWS_LAMBDA_FUNCTION_NAME: this.deployed.step,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(this.deployed.memoryMib),
        TZ: ':UTC',
        LANG: 'en_US.UTF-8',
      },
      resourceLimits: { maxOldGenerationSizeMb: this.deployed.memoryMib },
    });
    worker.on('message', (answer: LambdaAnswer) => this.#receive(answer));
    worker.on('error', (error) => {
      if (this.#worker === worker) this.kill();
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
    const at = new Date(this.#options.clock.now()).toISOString();
    await appendFile(
      join(this.#options.logDirectory, `${this.deployed.step}.jsonl`),
      `${JSON.stringify({ at, level, message })}\n`,
    ).catch((error: unknown) =>
      console.error(`sandbox: a function's log could not be written: ${String(error)}`),
    );
  }
}
