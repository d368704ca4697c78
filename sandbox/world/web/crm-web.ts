import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { HealthCheck } from '../../../functions/contract/health-config.ts';
import type { ServerWorld } from '../servers/world.ts';
import type { HealthFaults } from './health-faults.ts';
import type { WebWorld } from './web-front.ts';

/** What people see while the maintenance flag stands. */
const MAINTENANCE_PAGE = 'The CRM is down for maintenance';
const READY = 'CRM ready';

/** How long a server that says nothing keeps whoever asks, in milliseconds: longer than a look may take. */
export const HANG_MILLISECONDS = 10_000;

interface Options {
  servers: Pick<ServerWorld, 'servers' | 'maintenance'>;
  databases: { sourceDatabase: { status: string }; source: { server: { endpointPort: number } } };
  faults: HealthFaults;
  /** A request was taken that is never answered. */
  onHang(): void;
}

/**
 * The CRM as its web server and its other ports show it. A host whose first label is a server's name stands for that server, another one
 * for the whole system. The CRM answers what a check expects of it, while its services are active and its database accepts connections.
 */
export class CrmWeb implements WebWorld {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  async answer(
    checks: readonly HealthCheck[],
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const check = checks.find((each) => isFor(each, request));
    if (check?.http === undefined) return say(response, 404, 'Not found');
    const { faults, servers } = this.#options;
    const green = this.#areActive(new URL(check.http.url).hostname) && (await this.#databaseAccepts());
    const struck = faults.strike(check, green);
    // The connection stays open, and nothing is ever said.
    if (struck === 'hangs') return this.#options.onHang();
    if (struck === 'red') return say(response, 502, 'Bad gateway');
    if (servers.maintenance()) {
      const status = faults.pageStatus(check) ?? (isPast(check, request) ? undefined : 503);
      if (status !== undefined)
        return say(response, status, [MAINTENANCE_PAGE, check.http.notText].join('\n'));
    }
    if (!green) return say(response, 502, 'Bad gateway');
    return say(response, check.http.status, [READY, check.http.text].join('\n'));
  }

  accepts(checks: readonly HealthCheck[]): boolean {
    const check = checks.find(({ tcp }) => tcp !== undefined);
    if (check?.tcp === undefined) return true;
    const green = this.#areActive(check.tcp.host);
    return green && this.#options.faults.strike(check, green) === undefined;
  }

  #areActive(host: string): boolean {
    const { servers } = this.#options.servers;
    const named = servers.filter(({ name }) => name === host.split('.')[0]?.toLowerCase());
    return (named.length > 0 ? named : servers).every(
      ({ state, supervisor }) =>
        state === 'running' && Object.values(supervisor.states()).every((each) => each === 'active'),
    );
  }

  async #databaseAccepts(): Promise<boolean> {
    const { sourceDatabase, source } = this.#options.databases;
    if (sourceDatabase.status !== 'available') return false;
    const socket = connect({ host: '127.0.0.1', port: source.server.endpointPort });
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    }).finally(() => socket.destroy());
  }
}

/** The request is that check's: of its path, with its headers. */
function isFor({ http }: HealthCheck, request: IncomingMessage): boolean {
  if (http === undefined) return false;
  const { pathname, search } = new URL(http.url);
  return request.url === `${pathname}${search}` && carries(http.headers, request);
}

function carries(headers: Record<string, string>, request: IncomingMessage): boolean {
  return Object.entries(headers).every(([name, value]) => request.headers[name.toLowerCase()] === value);
}

/** People come to the standard port without headers of their own. Another port, or a header, leads past the maintenance page. */
function isPast({ http }: HealthCheck, request: IncomingMessage): boolean {
  if (http === undefined) return false;
  const names = Object.keys(http.headers);
  return new URL(http.url).port !== '' || (names.length > 0 && carries(http.headers, request));
}

function say(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${body.trim()}\n`);
}
