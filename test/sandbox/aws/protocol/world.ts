import { type IncomingHttpHeaders, request } from 'node:http';
import { CallLog } from '../../../../sandbox/aws/call-log.ts';
import { type Endpoint, startEndpoint } from '../../../../sandbox/aws/endpoint.ts';
import { CallerDirectory } from '../../../../sandbox/aws/iam/authorization.ts';
import type { ServiceName, ServiceOperations } from '../../../../sandbox/aws/operation.ts';
import type { SimulatedClock } from '../../../../sandbox/play/clock.ts';
import { FaultInjector } from '../../../../sandbox/world/fault-injection.ts';

/** A clock that stands still, at a time every test knows. */
export const NOON = Date.parse('2026-11-27T12:00:00Z');

export const stillClock: SimulatedClock = {
  now: () => NOON,
  sleep: () => Promise.reject(new Error('unexpected: sleep')),
  after: () => {
    throw new Error('unexpected: after');
  },
  work: () => () => undefined,
  speed: 1,
  shared: new SharedArrayBuffer(32),
  stop: () => undefined,
};

export const OPERATOR_KEY = 'AKIAOPERATOR';

interface Parts {
  callers?: CallerDirectory;
  faults?: FaultInjector;
  log?: CallLog;
}

/** An endpoint over small operations, with an operator who may do everything. */
export async function startWorld(
  services: Partial<Record<ServiceName, ServiceOperations>>,
  parts: Parts = {},
): Promise<{ endpoint: Endpoint; log: CallLog }> {
  const callers = parts.callers ?? new CallerDirectory();
  callers.addOperator(OPERATOR_KEY, 'arn:aws:iam::111122223333:user/operator');
  const log = parts.log ?? new CallLog(stillClock);
  const faults = parts.faults ?? new FaultInjector();
  const endpoint = await startEndpoint({ services, callers, clock: stillClock, faults, log });
  return { endpoint, log };
}

/** Options of an SDK client that calls the endpoint once, without trying again. */
export function clientOptions(url: string, accessKeyId = OPERATOR_KEY) {
  return {
    endpoint: url,
    region: 'eu-central-1',
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey: 'secret' },
  };
}

interface RawRequest {
  method?: string;
  /** Sent as it is: no client folds its dots away. */
  path?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Sends what no SDK would send. */
export async function rawRequest(
  url: string,
  service: string,
  { method = 'POST', path = '/', headers = {}, body = '' }: RawRequest,
): Promise<{ status: number; text: string; headers: IncomingHttpHeaders }> {
  const credential = `${OPERATOR_KEY}/20261127/eu-central-1/${service}/aws4_request`;
  const { hostname, port } = new URL(url);
  return await new Promise((resolve, reject) => {
    const sent = request({
      hostname,
      port,
      method,
      path,
      agent: false,
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`,
        'content-length': Buffer.byteLength(body),
        ...headers,
      },
    });
    sent.once('error', reject);
    sent.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
      );
    });
    sent.end(body);
  });
}
