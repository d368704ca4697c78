import { connect, type Socket } from 'node:net';
import { NO_TLS, SqlServerError } from './errors.ts';

/** Types of a TDS packet (https://learn.microsoft.com/openspecs/windows_protocols/ms-tds, section 2.2.3.1.1) and of a TLS record (RFC 8446, 5.1). */
const PRELOGIN = 0x12;
const FIRST_TLS_RECORD = 0x14;
const LAST_TLS_RECORD = 0x17;

/**
 * Opens a socket that sends only the greeting before TLS is up. The driver asks for TLS. If a server (or somebody in between) says that
 * it has none, the driver goes on without, and the next thing it sends is the password.
 */
export async function connectForTls(
  host: string,
  port: number,
  timeoutMilliseconds: number,
): Promise<Socket> {
  return guarded(await connectPlainly(host, port, timeoutMilliseconds));
}

async function connectPlainly(host: string, port: number, timeoutMilliseconds: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  const timer = setTimeout(() => {
    const words = `no connection within ${timeoutMilliseconds / 1000} s`;
    socket.destroy(new SqlServerError('ETIMEDOUT', words));
  }, timeoutMilliseconds);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve();
      });
    });
    return socket;
  } finally {
    clearTimeout(timer);
  }
}

type Write = (...parameters: unknown[]) => boolean;

function guarded(socket: Socket): Socket {
  const write = socket.write.bind(socket) as Write;
  let encrypted = false;
  const guard: Write = (...parameters) => {
    const first = firstByteOf(parameters[0]);
    encrypted ||= first >= FIRST_TLS_RECORD && first <= LAST_TLS_RECORD;
    if (encrypted || first === PRELOGIN) return write(...parameters);
    socket.destroy(new SqlServerError(NO_TLS, 'the server offers no TLS, so nothing was sent to it'));
    return false;
  };
  socket.write = guard as Socket['write'];
  return socket;
}

function firstByteOf(chunk: unknown): number {
  return chunk instanceof Uint8Array ? (chunk[0] ?? PRELOGIN) : -1;
}
