import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../../functions/contract/errors.ts';
import { Call, type EndpointOptions, type Handled, plainError } from './endpoint-call.ts';
import { readRequest, untilGivenUp } from './protocol/http.ts';
import type { WireRequest, WireResponse } from './protocol/message.ts';
import { hasModel } from './protocol/model.ts';
import { readSignature } from './protocol/request.ts';

/** Time passed for the caller at once: how long its giving up may take to arrive, in milliseconds. */
const PASSED_MILLISECONDS = 2_000;

export interface Endpoint {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  /** From now on it stands for another world: its defects begin anew. */
  use(options: EndpointOptions): void;
  /**
   * What went wrong in the sandbox itself: an operation that threw something other than an {@link AwsError} or
   * answered a shape AWS does not know, an operation that is not there, a policy that is not understood.
   */
  readonly defects: readonly Error[];
  /** Ends every connection. */
  close(): Promise<void>;
}

/** Starts the AWS of the sandbox on a free port of this machine. */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const handler = new RequestHandler(options);
  const server = createServer((request, response) => {
    handler.handle(request, response).catch((error: unknown) => {
      handler.defect(`request ${request.method} ${request.url}`, error);
      response.destroy();
    });
  });
  // The SDK keeps its connections; one closed by us just as it is used again would look like a fault of AWS.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    use: (other) => handler.use(other),
    get defects() {
      return handler.defects;
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

class RequestHandler {
  defects: Error[] = [];
  #options: EndpointOptions;
  #reported = new Set<string>();

  constructor(options: EndpointOptions) {
    this.#options = options;
  }

  use(options: EndpointOptions): void {
    this.#options = options;
    this.defects = [];
    this.#reported = new Set();
  }

  defect(where: string, error: unknown): void {
    const message = `${where}: ${messageOf(error)}`;
    if (this.#reported.has(message)) return;
    this.#reported.add(message);
    this.defects.push(new Error(message, { cause: error }));
  }

  async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    // A client that went away while it was still sending has nothing to be answered.
    if (request === undefined) return;
    const { faults } = this.#options;
    const { response, fault, caller } = await this.#answer(request);
    switch (fault?.kind) {
      case 'kill-function':
      case 'time-out-function':
        if (caller !== undefined) faults.kill(caller, fault);
        incoming.socket.destroy();
        return;
      case 'drop-before':
      case 'drop-after':
        incoming.socket.destroy();
        return;
      case 'slow': {
        const passed = caller !== undefined && faults.pass(caller);
        await untilGivenUp(outgoing, passed ? PASSED_MILLISECONDS : faults.slowMilliseconds);
        break;
      }
      default:
    }
    if (!outgoing.destroyed) this.#send(request, outgoing, response);
  }

  async #answer(request: WireRequest): Promise<Handled> {
    const signature = readSignature(request.headers);
    if (signature === undefined) {
      return { response: plainError(403, 'MissingAuthenticationToken', 'Missing Authentication Token') };
    }
    const { service } = signature;
    if (service === undefined || !hasModel(service)) {
      this.defect(signature.scope, new Error(`the sandbox does not play the service "${signature.scope}"`));
      return { response: plainError(501, 'NotImplemented', 'the sandbox does not play this service') };
    }
    return await new Call(
      (where, error) => this.defect(where, error),
      this.#options,
      request,
      signature,
      service,
    ).answer();
  }

  #send(request: WireRequest, outgoing: ServerResponse, { status, headers, body }: WireResponse): void {
    outgoing.sendDate = false;
    outgoing.statusCode = status;
    outgoing.setHeader('date', new Date(this.#options.clock.now()).toUTCString());
    for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
    if (request.method === 'HEAD' || status === 204) {
      outgoing.end();
      return;
    }
    outgoing.setHeader('content-length', Buffer.byteLength(body));
    outgoing.end(body);
  }
}
