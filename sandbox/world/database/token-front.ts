import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { join } from './byte-stream.ts';
import type { ServerCertificate } from './certificates.ts';
import type { Disturbance } from './connection-faults.ts';
import { type Framing, joinWatched } from './watched-join.ts';

/** What a protocol's greeting needs to let a client in. */
export interface Gate {
  certificate: ServerCertificate;
  /** Port of the real server. */
  serverPort: number;
  /**
   * Why a user with this token may not enter; undefined when it may. The words go to the sandbox's own log only, as RDS's do. Undefined: the
   * server itself judges who enters.
   */
  admit: ((user: string, token: string) => string | undefined) | undefined;
  /** What the sign-in is answered with in place of the server's own answer. */
  refusal: Disturbance['refusal'];
  /** Connects them for good. */
  join(client: Duplex, server: Duplex, framing: Framing): void;
}

/** Speaks an engine's protocol until the client has proved who it is, then connects it through to the real server. */
export type Greeting = (client: Socket, gate: Gate) => Promise<void>;

export interface TokenFrontOptions {
  certificate: ServerCertificate;
  greeting: Greeting;
  /** As {@link Gate.admit}, for the port that the client came to. */
  admit?: ((user: string, token: string, port: number) => string | undefined) | undefined;
  /** What is to go wrong with the next connection. Default: nothing. */
  disturb?: (() => Disturbance) | undefined;
}

/**
 * What RDS does for IAM database authentication, in front of a real server: clients come to this port, and get through only with a
 * token. The server itself lets the user in by a certificate that this front alone has. Without tokens, a place where connections can be
 * disturbed.
 */
export class TokenFront {
  /** Kept over a stop and a start, as an RDS endpoint is. */
  port = 0;
  readonly #options: TokenFrontOptions;
  readonly #clients = new Set<Socket>();
  #listener: Server | undefined;

  constructor(options: TokenFrontOptions) {
    this.#options = options;
  }

  async open(serverPort: number): Promise<void> {
    if (this.#listener !== undefined) return;
    const listener = createServer((client) => this.#welcome(client, serverPort));
    this.#listener = listener;
    listener.listen(this.port, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    if (address !== null && typeof address === 'object') this.port = address.port;
  }

  #welcome(client: Socket, serverPort: number): void {
    const { certificate, admit, greeting } = this.#options;
    this.#clients.add(client);
    client.once('close', () => this.#clients.delete(client));
    // A client that goes away is over; there is nobody to tell.
    client.on('error', () => undefined);
    const disturbance = this.#options.disturb?.();
    if (disturbance?.atOnce === 'refused') client.resetAndDestroy();
    if (disturbance?.atOnce === 'hangs') disturbance.onHang(client);
    if (disturbance?.atOnce !== undefined) return;
    const gate: Gate = {
      certificate,
      serverPort,
      admit: admit === undefined ? undefined : (user, token) => admit(user, token, this.port),
      refusal: disturbance?.refusal,
      join: (secure, server, framing) => {
        if (disturbance === undefined) join(secure, server);
        else joinWatched(secure, server, framing, () => disturbance.onQuery(client));
      },
    };
    greeting(client, gate).catch((error: unknown) => {
      console.error(
        `sandbox: a client of the database was not let in: ${error instanceof Error ? error.message : String(error)}`,
      );
      client.destroySoon();
    });
  }

  /** Cuts every connection and takes no further one. */
  async close(): Promise<void> {
    const listener = this.#listener;
    if (listener === undefined) return;
    this.#listener = undefined;
    const closed = once(listener, 'close');
    listener.close();
    for (const client of this.#clients) client.destroy();
    await closed;
  }
}
