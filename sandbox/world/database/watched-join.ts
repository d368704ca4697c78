import type { Duplex } from 'node:stream';

/** How a protocol's messages from client to server are told apart. */
export interface Framing {
  /** Bytes that must be there to know a message's length and whether it is a query. */
  headBytes: number;
  /** Of the whole message, in bytes. */
  lengthOf(head: Buffer): number;
  isQuery(head: Buffer): boolean;
}

/** What becomes of a connection once a query was asked: it goes on, is cut in the middle of the answer, or hears nothing any more. */
export type Verdict = 'goes on' | 'cut' | 'hangs';

/** Connects client and server as `join` does, and asks at each query what becomes of it. */
export function joinWatched(client: Duplex, server: Duplex, framing: Framing, onQuery: () => Verdict): void {
  const queries = countQueries(framing);
  let verdict: Verdict = 'goes on';
  client.on('data', (chunk: Buffer) => {
    for (let asked = queries(chunk); asked > 0 && verdict === 'goes on'; asked -= 1) verdict = onQuery();
    forward(chunk, client, server);
  });
  server.on('data', (chunk: Buffer) => {
    if (verdict === 'hangs') return;
    if (verdict === 'goes on') {
      forward(chunk, server, client);
      return;
    }
    client.destroy();
    server.destroy();
  });
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('error', () => other.destroy());
    one.once('close', () => other.destroy());
    one.once('end', () => {
      if (verdict !== 'hangs' || one === client) other.end();
    });
  }
}

function forward(chunk: Buffer, from: Duplex, to: Duplex): void {
  if (to.destroyed || to.writableEnded || to.write(chunk)) return;
  from.pause();
  to.once('drain', () => from.resume());
}

/** @returns how many queries begin in each next chunk, wherever the network has cut the messages. */
function countQueries({ headBytes, lengthOf, isQuery }: Framing): (chunk: Buffer) => number {
  let rest = Buffer.alloc(0);
  let skip = 0;
  return (chunk) => {
    let queries = 0;
    let bytes = Buffer.concat([rest, chunk.subarray(Math.min(skip, chunk.length))]);
    skip -= Math.min(skip, chunk.length);
    while (bytes.length >= headBytes) {
      if (isQuery(bytes)) queries += 1;
      const length = lengthOf(bytes);
      skip = Math.max(0, length - bytes.length);
      bytes = bytes.subarray(Math.min(length, bytes.length));
    }
    rest = bytes;
    return queries;
  };
}
