import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import {
  type Answer,
  done,
  error,
  loginAccepted,
  packets,
  prelogin,
  resultSet,
  transaction,
} from './tds-tokens.ts';

/** Types of a packet: MS-TDS 2.2.3.1.1. */
const BATCH = 0x01;
const TABULAR = 0x04;
const ATTENTION = 0x06;
const LOGIN7 = 0x10;
const PRELOGIN = 0x12;

export interface TdsServerOptions {
  /** Left out: the server says that it has no TLS. */
  certificate?: { certificate: string; key: string };
  /** What it says to a login. Default: welcome. */
  login?: Answer;
  /** What it says to a statement. */
  answer(sql: string): Answer;
}

/**
 * As much of a SQL Server as a driver notices: greeting, TLS inside the greeting's packets, login, batches, rows, errors, cancelled statements,
 * a connection that is cut. What it was sent is kept for the tests.
 */
export class TdsServer {
  readonly statements: string[] = [];
  /** Bytes that came in the clear behind the greeting: there must be none where TLS is asked for. */
  readonly inTheClear: Buffer[] = [];
  logins = 0;
  cancelled = 0;
  port = 0;
  readonly #options: TdsServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(options: TdsServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
      this.#greet(socket);
    });
  }

  static async start(options: TdsServerOptions): Promise<TdsServer> {
    const server = new TdsServer(options);
    server.#server.listen(0, '0.0.0.0');
    await once(server.#server, 'listening');
    const address = server.#server.address();
    server.port = typeof address === 'object' && address !== null ? address.port : 0;
    return server;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #greet(socket: Socket): void {
    const { certificate } = this.#options;
    const reader = new MessageReader((type) => {
      if (type !== PRELOGIN) return;
      socket.off('data', greeting);
      socket.write(packets(TABULAR, prelogin(certificate === undefined ? 2 : 1)));
      if (certificate === undefined) this.#talk(socket, (chunk) => this.inTheClear.push(chunk));
      else this.#encrypt(socket, certificate);
    });
    const greeting = (chunk: Buffer): void => reader.feed(chunk);
    socket.on('data', greeting);
  }

  /** The handshake travels in packets of the greeting's type; what follows does not. */
  #encrypt(socket: Socket, { certificate, key }: { certificate: string; key: string }): void {
    let raw = false;
    const inner = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, callback) => {
        socket.write(raw ? chunk : packets(PRELOGIN, chunk));
        callback();
      },
    });
    const reader = new MessageReader((type, body) => {
      if (type === PRELOGIN) inner.push(body);
      else this.inTheClear.push(body);
    });
    socket.on('data', (chunk: Buffer) => {
      // A TLS record begins with 0x14 to 0x17, a packet of the greeting with 0x12.
      raw ||= chunk[0] !== undefined && chunk[0] >= 0x14 && chunk[0] <= 0x17;
      if (raw) inner.push(chunk);
      else reader.feed(chunk);
    });
    socket.on('close', () => inner.destroy());
    const secureContext = createSecureContext({ cert: certificate, key });
    const secure = new TLSSocket(inner, { isServer: true, secureContext });
    secure.on('error', () => socket.destroy());
    this.#talk(secure, () => undefined, socket);
  }

  #talk(stream: Duplex, onData: (chunk: Buffer) => void, socket: Duplex = stream): void {
    const reader = new MessageReader((type, body) => this.#hear(stream, socket, type, body));
    stream.on('data', (chunk: Buffer) => {
      onData(chunk);
      reader.feed(chunk);
    });
  }

  #hear(stream: Duplex, socket: Duplex, type: number, body: Buffer): void {
    const say = (...tokens: Buffer[]): void => {
      stream.write(packets(TABULAR, Buffer.concat(tokens)));
    };
    if (type === LOGIN7) {
      this.logins += 1;
      this.#answer(this.#options.login ?? {}, socket, say, () => say(loginAccepted(databaseOf(body))));
    } else if (type === BATCH) {
      const sql = body.subarray(body.readUInt32LE(0)).toString('utf16le');
      // What the driver itself sends behind the login.
      if (/^set ansi_nulls on\n/.test(sql)) {
        say(done());
        return;
      }
      this.statements.push(sql);
      const answer = this.#options.answer(sql);
      this.#answer(answer, socket, say, () => say(...tokensFor(sql, answer)));
    } else if (type === ATTENTION) {
      this.cancelled += 1;
      // The end of the answer that was cancelled, and that the cancelling was heard.
      say(done(2));
      say(done(0x20));
    }
  }

  #answer(
    { errors = [], cut, hang }: Answer,
    socket: Duplex,
    say: (...tokens: Buffer[]) => void,
    well: () => void,
  ): void {
    if (hang) return;
    if (cut) {
      socket.destroy();
      return;
    }
    if (errors.length === 0) {
      well();
      return;
    }
    say(...errors.map(error), done(2));
    if (errors.some(({ severity }) => severity >= 20)) setImmediate(() => socket.destroy());
  }
}

function tokensFor(sql: string, answer: Answer): Buffer[] {
  if (/^BEGIN TRANSACTION/.test(sql)) return [transaction(8), done()];
  if (/ROLLBACK/.test(sql)) return [transaction(10), done()];
  return answer.columns === undefined ? [done()] : [resultSet(answer), done(0x10, answer.rows?.length ?? 0)];
}

/** LOGIN7, 2.2.6.4: offset and length of the database's name stand at 68. */
function databaseOf(login: Buffer): string {
  const offset = login.readUInt16LE(68);
  return login.subarray(offset, offset + 2 * login.readUInt16LE(70)).toString('utf16le');
}

/** Puts packets together to messages. */
class MessageReader {
  #left = Buffer.alloc(0);
  #body: Buffer[] = [];
  readonly #onMessage: (type: number, body: Buffer) => void;

  constructor(onMessage: (type: number, body: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  feed(chunk: Buffer): void {
    this.#left = Buffer.concat([this.#left, chunk]);
    for (;;) {
      if (this.#left.length < 8) return;
      const length = this.#left.readUInt16BE(2);
      if (this.#left.length < length) return;
      const [type, status] = [this.#left[0] ?? 0, this.#left[1] ?? 0];
      this.#body.push(this.#left.subarray(8, length));
      this.#left = this.#left.subarray(length);
      if ((status & 1) === 0) continue;
      const body = Buffer.concat(this.#body);
      this.#body = [];
      this.#onMessage(type, body);
    }
  }
}
