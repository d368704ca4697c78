import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { readBytes } from '../byte-stream.ts';
import { acceptTls, offerTls } from '../front-tls.ts';
import type { Gate } from '../token-front.ts';
import type { Framing } from '../watched-join.ts';

/** Capabilities of https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html */
const CONNECT_WITH_DB = 1 << 3;
const SSL = 1 << 11;

/** Length of an SSLRequest, and of the part of a handshake response before the user's name, in bytes. */
const FIXED_PART = 32;

/** No packet of a greeting is longer, in bytes. */
const LONGEST_PACKET = 65_535;

/** Commands are numbered from 0: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query.html, …_com_stmt_prepare.html */
const COM_QUERY = 0x03;
const COM_STMT_PREPARE = 0x16;
const FRAMING: Framing = {
  headBytes: 5,
  lengthOf: (head) => head.readUIntLE(0, 3) + 4,
  isQuery: (head) => head[3] === 0 && (head[4] === COM_QUERY || head[4] === COM_STMT_PREPARE),
};

const NATIVE_PASSWORD = 'mysql_native_password';

/**
 * MySQL's way in (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html), as RDS plays it for users of its
 * AWSAuthenticationPlugin: TLS, then the client is asked to send its password in clear text, which is the token. The server itself then
 * gets the client's own words without a password: it lets the user in by this front's certificate.
 */
export async function greetMariadb(client: Socket, gate: Gate): Promise<void> {
  if (gate.refusal === 'too-many-connections') {
    // Before the client has said what it understands: without a state.
    client.end(
      packet(0, Buffer.concat([Buffer.from([0xff, 0x10, 0x04]), Buffer.from('Too many connections')])),
    );
    return;
  }
  if (gate.refusal === 'starting-up') {
    // It does not listen before it has recovered.
    client.resetAndDestroy();
    return;
  }
  const server = connect(gate.serverPort, '127.0.0.1');
  client.once('close', () => server.destroy());
  await once(server, 'connect');
  client.write(packet(0, await readPacket(server)));
  const request = await readPacket(client);
  if (request.length !== FIXED_PART || (request.readUInt32LE(0) & SSL) === 0) {
    client.end(packet(2, refusal(3159, 'HY000', 'Connections using insecure transport are prohibited')));
    throw new Error('it wanted no TLS');
  }
  const secure = await acceptTls(client, gate.certificate);
  const words = await readPacket(secure);
  const response = readResponse(words);
  const denied = (place: number): Buffer =>
    packet(
      place,
      refusal(1045, '28000', `Access denied for user '${response.user}'@'127.0.0.1' (using password: YES)`),
    );
  if (gate.refusal === 'password-refused') {
    secure.end(denied(3));
    return;
  }
  const { admit } = gate;
  if (admit !== undefined) {
    secure.write(packet(3, Buffer.from('\xfemysql_clear_password\0', 'latin1')));
    const token = (await readPacket(secure)).subarray(0, -1).toString('utf8');
    const problem = admit(response.user, token);
    if (problem !== undefined) {
      secure.end(denied(5));
      throw new Error(`user "${response.user}": ${problem}`);
    }
  }
  server.write(packet(1, request));
  const through = await offerTls(server, gate.certificate);
  through.write(packet(2, admit === undefined ? words : response.withoutPassword));
  if (admit !== undefined) secure.write(packet(5, await readPacket(through)));
  gate.join(secure, through, FRAMING);
}

/** A handshake response, and the same with an empty password. */
function readResponse(response: Buffer): { user: string; withoutPassword: Buffer } {
  const flags = response.readUInt32LE(0);
  const nameEnd = response.indexOf(0, FIXED_PART);
  // The password's proof has its length before it: 20 bytes, or 0, so that both ways to write a length are one byte.
  const proofEnd = nameEnd + 2 + (response[nameEnd + 1] ?? 0);
  const databaseEnd = (flags & CONNECT_WITH_DB) === 0 ? proofEnd : response.indexOf(0, proofEnd) + 1;
  const pluginEnd = response.indexOf(0, databaseEnd) + 1;
  return {
    user: response.subarray(FIXED_PART, nameEnd).toString('utf8'),
    withoutPassword: Buffer.concat([
      response.subarray(0, nameEnd + 1),
      Buffer.from([0]),
      response.subarray(proofEnd, databaseEnd),
      Buffer.from(`${NATIVE_PASSWORD}\0`),
      response.subarray(pluginEnd),
    ]),
  };
}

/** The payload of the next packet: three bytes of length and a number of its place come before it. */
async function readPacket(stream: Socket): Promise<Buffer> {
  const header = await readBytes(stream, 4);
  const length = header.readUIntLE(0, 3);
  if (length === 0 || length > LONGEST_PACKET) throw new Error(`a packet of ${length} bytes`);
  return readBytes(stream, length);
}

function packet(place: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header.writeUInt8(place, 3);
  return Buffer.concat([header, payload]);
}

function refusal(code: number, state: string, words: string): Buffer {
  const start = Buffer.from([0xff, code & 0xff, code >> 8]);
  return Buffer.concat([start, Buffer.from(`#${state}${words}`)]);
}
