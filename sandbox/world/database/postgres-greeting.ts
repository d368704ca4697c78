import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { readBytes } from './byte-stream.ts';
import { acceptTls, offerTls } from './front-tls.ts';
import type { Gate } from './token-front.ts';
import type { Framing } from './watched-join.ts';

/** https://www.postgresql.org/docs/current/protocol-message-formats.html: the code of an SSLRequest. */
const SSL_REQUEST = 80877103;

/** Type and length, then the body; a simple query is a `Q`, a prepared one begins with a `P`. */
const FRAMING: Framing = {
  headBytes: 5,
  lengthOf: (head) => head.readInt32BE(1) + 1,
  isQuery: (head) => head[0] === 0x51 || head[0] === 0x50,
};

/** What a server answers when it lets nobody in: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const REFUSALS = {
  'too-many-connections': { code: '53300', words: () => 'sorry, too many clients already' },
  'starting-up': { code: '57P03', words: () => 'the database system is starting up' },
  'password-refused': {
    code: '28P01',
    words: (user: string) => `password authentication failed for user "${user}"`,
  },
};

/** Longest startup packet that a server takes (MAX_STARTUP_PACKET_LENGTH), in bytes. */
const LONGEST_STARTUP = 10_000;

/** Longest password message (PG_MAX_AUTH_TOKEN_LENGTH), in bytes. */
const LONGEST_PASSWORD = 65_535;

/**
 * PostgreSQL's way in (https://www.postgresql.org/docs/current/protocol-flow.html), as RDS plays it for members of `rds_iam`: TLS, the startup
 * message, the token as a password in clear text. The startup message then goes on to the server, which trusts this front's certificate.
 */
export async function greetPostgres(client: Socket, gate: Gate): Promise<void> {
  const secure = await beginTls(client, gate);
  const startup = await readPacket(secure, LONGEST_STARTUP);
  const user = startupParameters(startup)['user'] ?? '';
  if (gate.refusal !== undefined) {
    const { code, words } = REFUSALS[gate.refusal];
    secure.end(refusal(code, words(user)));
    return;
  }
  if (gate.admit !== undefined) await checkToken(secure, user, gate.admit);
  const server = await connectThrough(gate);
  server.write(startup);
  gate.join(secure, server, FRAMING);
}

async function checkToken(secure: TLSSocket, user: string, admit: NonNullable<Gate['admit']>): Promise<void> {
  secure.write(message('R', int32(3)));
  const [type] = await readBytes(secure, 1);
  if (String.fromCharCode(type ?? 0) !== 'p') throw new Error('expected a password message');
  const password = await readPacket(secure, LONGEST_PASSWORD);
  const token = password.subarray(4, -1).toString('utf8');
  const problem = admit(user, token);
  if (problem === undefined) return;
  secure.end(refusal('28000', `PAM authentication failed for user "${user}"`));
  throw new Error(`user "${user}": ${problem}`);
}

async function beginTls(client: Socket, { certificate }: Gate): Promise<TLSSocket> {
  const first = await readPacket(client, LONGEST_STARTUP);
  if (first.readInt32BE(4) !== SSL_REQUEST) {
    client.end(refusal('28000', 'no pg_hba.conf entry for host "127.0.0.1", no encryption'));
    throw new Error('it wanted no TLS');
  }
  client.write('S');
  return acceptTls(client, certificate);
}

async function connectThrough({ certificate, serverPort }: Gate): Promise<TLSSocket> {
  const server = connect(serverPort, '127.0.0.1');
  await once(server, 'connect');
  server.write(Buffer.concat([int32(8), int32(SSL_REQUEST)]));
  const answer = await readBytes(server, 1);
  if (answer.toString('latin1') !== 'S') throw new Error('the server speaks no TLS');
  return offerTls(server, certificate);
}

/** A packet that begins with its own length. @returns it with that length. */
async function readPacket(stream: Socket, longest: number): Promise<Buffer> {
  const length = await readBytes(stream, 4);
  const bytes = length.readInt32BE(0);
  if (bytes < 5 || bytes > longest) throw new Error(`a packet of ${bytes} bytes`);
  return Buffer.concat([length, await readBytes(stream, bytes - 4)]);
}

/** Names and values, each ended by a zero byte, after length and version. */
function startupParameters(packet: Buffer): Record<string, string> {
  const words = packet.subarray(8).toString('utf8').split('\0');
  const parameters: Record<string, string> = {};
  for (let index = 0; index + 1 < words.length; index += 2)
    parameters[words[index] ?? ''] = words[index + 1] ?? '';
  return parameters;
}

function refusal(code: string, words: string): Buffer {
  return message('E', Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${words}\0\0`));
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}
