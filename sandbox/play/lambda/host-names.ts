import { createRequire } from 'node:module';

/** Host of the webhooks of a rehearsal: https://www.rfc-editor.org/rfc/rfc6761.html#section-6.2 keeps `.test` for tests. */
export const WEBHOOK_HOST = 'webhooks.sandbox.test';

type Answer = (
  error: NodeJS.ErrnoException | null,
  address?: string | { address: string; family: number }[],
  family?: number,
) => void;

/**
 * The names that a function of the sandbox can look up: this machine and the webhooks. Nothing else has an address there, as the
 * endpoint of a service in a Region that lacks it; so no rehearsal talks to anybody outside.
 */
export function knowOwnHostsOnly(): void {
  const dns = createRequire(import.meta.url)('node:dns') as { lookup: unknown };
  dns.lookup = (host: string, options: unknown, callback?: Answer): void => {
    const answer = (callback ?? options) as Answer;
    const { all = false } =
      typeof options === 'object' && options !== null ? (options as { all?: boolean }) : {};
    const isOwn = host === WEBHOOK_HOST || host === 'localhost' || host === '127.0.0.1';
    queueMicrotask(() => {
      if (!isOwn) {
        const error = new Error(`getaddrinfo ENOTFOUND ${host}`);
        answer(
          Object.assign(error, { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: host, errno: -3008 }),
        );
      } else if (all) answer(null, [{ address: '127.0.0.1', family: 4 }]);
      else answer(null, '127.0.0.1', 4);
    });
  };
}
