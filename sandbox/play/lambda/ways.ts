import { createRequire } from 'node:module';

/** Where a host and port of the configuration lead in the sandbox: to a port of this machine. */
export interface Way {
  /** In lower case. */
  host: string;
  port: number;
  /** Port of 127.0.0.1. */
  to: number;
}

interface Target {
  host?: unknown;
  port?: unknown;
}

/**
 * Leads the connections of this thread to these hosts to the sandbox. A certificate is checked as ever, but for an authority of the
 * configuration's own: none of the sandbox's servers has a certificate of it.
 */
export function leadTo(ways: readonly Way[], caCertificate: string): void {
  if (ways.length === 0) return;
  const find = ({ host, port }: Target): Way | undefined =>
    ways.find((way) => way.host === String(host).toLowerCase() && way.port === Number(port));
  const require = createRequire(import.meta.url);
  const { Socket } = require('node:net') as typeof import('node:net');
  const connect = Socket.prototype.connect as (this: unknown, ...given: unknown[]) => unknown;
  Socket.prototype.connect = function (this: unknown, ...given: unknown[]) {
    // From net.connect they come as one list: https://github.com/nodejs/node/blob/main/lib/net.js, normalizeArgs.
    const target: unknown = Array.isArray(given[0]) ? given[0][0] : given[0];
    const way = isTarget(target) ? find(target) : undefined;
    if (way !== undefined) Object.assign(target as Target, { host: '127.0.0.1', port: way.to });
    return connect.apply(this, given);
  } as typeof Socket.prototype.connect;
  // The functions' https asks this object, whatever they import: https://github.com/nodejs/node/blob/main/lib/https.js
  const tls = require('node:tls') as { connect: (...given: unknown[]) => unknown };
  const connectSecurely = tls.connect;
  tls.connect = (...given) => {
    const [target] = given;
    const isOwn = isTarget(target) && 'ca' in target && find(target) !== undefined;
    return connectSecurely(...(isOwn ? [{ ...target, ca: caCertificate }, ...given.slice(1)] : given));
  };
}

function isTarget(value: unknown): value is Target {
  return typeof value === 'object' && value !== null;
}
