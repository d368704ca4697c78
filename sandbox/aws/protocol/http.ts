import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WireRequest } from './message.ts';

/** Reads a request to its end; undefined when the client went away before that. */
export async function readRequest(incoming: IncomingMessage): Promise<WireRequest | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch (error) {
    if (incoming.errored !== null) return undefined;
    throw error;
  }
  const [path = '/', query = ''] = (incoming.url ?? '/').split(/\?(.*)/s);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return {
    method: incoming.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers,
    body: Buffer.concat(chunks),
  };
}

/** Waits until the client hangs up, or `milliseconds` have passed. */
export async function untilGivenUp(outgoing: ServerResponse, milliseconds: number): Promise<void> {
  if (outgoing.destroyed) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    outgoing.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
