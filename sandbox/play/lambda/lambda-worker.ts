import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { simulateDate } from '../simulated-clock.ts';
import { knowOwnHostsOnly } from './host-names.ts';
import { inSources } from './source-positions.ts';
import { Timeouts } from './timeouts.ts';
import { leadTo, type Way } from './ways.ts';

/** What the runtime hands to a function's thread. */
export interface LambdaWorkerData {
  clock: SharedArrayBuffer;
  /** The bundle's entry, e.g. `…/index.mjs`. */
  file: string;
  /** Name of the exported handler. */
  handler: string;
  /** PEM of the authority that Lambda's own file of certificates stands for here. */
  caCertificate: string;
  /** Where hosts of the configuration lead. */
  ways: readonly Way[];
  /** Pauses shorter than a time-out do not pass in real time. */
  skipPauses: boolean;
}

export type LambdaRequest =
  | { id: number; payload: unknown; context: { functionName: string; awsRequestId: string } }
  /** So much time passes at once for whoever waits with a time-out: `milliseconds` of it. */
  | { passes: number };
export type LambdaAnswer =
  | { id: number; result: unknown }
  | { id: number; error: { errorType: string; errorMessage: string; trace: string[] } }
  | { log: string; level: string };

type Handler = (event: unknown, context: unknown) => Promise<unknown>;

const { clock, file, handler, caCertificate, ways, skipPauses } = workerData as LambdaWorkerData;
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker of the sandbox only');

// How the runtime starts its threads quickly is no part of the function's environment.
delete process.env['NODE_COMPILE_CACHE'];
// The template asks for source maps. Node reads them with the code, and they are several times its size: here when an error asks for one.
process.setSourceMapsEnabled(false);
simulateDate(clock);
trust(caCertificate);
knowOwnHostsOnly();
leadTo(ways, caCertificate);
const timeouts = skipPauses ? new Timeouts() : undefined;
timeouts?.install();
for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const) {
  console[level] = (...values: unknown[]) =>
    port.postMessage({ log: values.map(textOf).join(' '), level } satisfies LambdaAnswer);
}

/** One object a line, as Lambda's runtime takes it too. */
function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

const load = import(pathToFileURL(file).href) as Promise<Record<string, Handler>>;

port.on('message', (request: LambdaRequest) => {
  if ('passes' in request) timeouts?.pass(request.passes);
  else void answer(request);
});

async function answer({ id, payload, context }: Exclude<LambdaRequest, { passes: number }>): Promise<void> {
  try {
    const run = (await load)[handler];
    if (run === undefined) throw new Error(`${file} exports no ${handler}`);
    const result = await run(payload, context);
    // Through JSON, as Lambda does: what JSON cannot hold does not arrive.
    port?.postMessage({ id, result: JSON.parse(JSON.stringify(result ?? null)) } satisfies LambdaAnswer);
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    port?.postMessage({
      id,
      error: {
        errorType: error.name,
        errorMessage: error.message,
        trace: traceOf(error),
      },
    } satisfies LambdaAnswer);
  }
}

/** In the sweep, where functions fail all the time and nobody reads it, with the positions of the bundle. */
function traceOf({ stack = '' }: Error): string[] {
  const lines = stack.split('\n').slice(0, 12);
  return skipPauses ? lines : inSources(lines, file);
}

/**
 * What NODE_EXTRA_CA_CERTS does in Lambda before the function starts. Node's own authorities are left out: no host that they vouch for is
 * reached from here, and reading their 265 certificates costs each thread some 50 ms.
 */
function trust(certificate: string): void {
  if (certificate === '') return;
  const tls = createRequire(import.meta.url)('node:tls') as typeof import('node:tls');
  tls.setDefaultCACertificates([certificate]);
}
