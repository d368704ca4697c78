import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { HealthCheck } from '../../../functions/contract/health-config.ts';
import type { Way } from '../../play/lambda/ways.ts';
import type { ServerCertificate } from '../database/certificates.ts';

/** Who answers at the hosts of the health checks. */
export interface WebWorld {
  /** Answers a request to one of these checks' host and port. */
  answer(checks: readonly HealthCheck[], request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Whether a connection to one of these checks' host and port stays. */
  accepts(checks: readonly HealthCheck[]): boolean;
}

/** Host and port that a check connects to. Undefined for one that connects to neither a web server nor a service. */
function placeOf({ http, tcp }: HealthCheck): { host: string; port: number; protocol: string } | undefined {
  if (tcp !== undefined) return { host: tcp.host.toLowerCase(), port: tcp.port, protocol: 'tcp:' };
  if (http === undefined) return undefined;
  const { hostname, port, protocol } = new URL(http.url);
  const standard = protocol === 'https:' ? 443 : 80;
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? standard : Number(port),
    protocol,
  };
}

/** Hosts of the checks, for the certificate of their servers. */
export function healthHosts(checks: readonly HealthCheck[]): string[] {
  return [...new Set(checks.flatMap((check) => placeOf(check)?.host ?? []))];
}

/** The ports of this machine that stand for the hosts of the health checks. They stay from one run to the next, as the functions' threads do. */
export class WebFront {
  readonly ways: Way[] = [];
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #world: WebWorld | undefined;

  static async open(checks: readonly HealthCheck[], certificate: ServerCertificate): Promise<WebFront> {
    const front = new WebFront();
    const places = Map.groupBy(checks, (check) => {
      const place = placeOf(check);
      return place === undefined ? '' : `${place.host} ${place.port}`;
    });
    try {
      for (const own of places.values()) await front.#open(own, certificate);
    } catch (error) {
      await front.close();
      throw error;
    }
    return front;
  }

  /** Answers for this world from now on. */
  use(world: WebWorld): void {
    this.#world = world;
  }

  async #open(checks: readonly HealthCheck[], { certificate, key }: ServerCertificate): Promise<void> {
    const places = checks.flatMap((check) => placeOf(check) ?? []);
    // A web server's port is open for a check of the port too, whatever the web server would answer.
    const place = places.find(({ protocol }) => protocol !== 'tcp:') ?? places[0];
    if (place === undefined) return;
    const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
      const answered =
        this.#world?.answer(checks, request, response) ?? Promise.reject(new Error('no world yet'));
      answered.catch((error: unknown) => {
        console.error(`sandbox: the played web server failed: ${String(error)}`);
        response.destroy();
      });
    };
    const server =
      place.protocol === 'https:'
        ? createSecureServer({ cert: certificate, key }, onRequest)
        : place.protocol === 'http:'
          ? createServer(onRequest)
          : createTcpServer((socket) => {
              if (this.#world?.accepts(checks) !== true) socket.destroy();
            });
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      // A client that goes is no error here.
      socket.on('error', () => undefined);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    server.unref();
    this.#servers.push(server);
    const { port } = server.address() as AddressInfo;
    this.ways.push({ host: place.host, port: place.port, to: port });
  }

  async close(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }
}
