import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { defined } from '../../contract/defined.ts';
import type { HealthCheck } from '../../contract/health-config.ts';
import { LOOK_MILLISECONDS, type Look, TOO_LATE } from './look-result.ts';
import { errorWords, safeAnswer } from './safe-answer.ts';

type HttpCheck = NonNullable<HealthCheck['http']>;

interface Answer {
  status: number;
  /** As far as it was read. */
  body: string;
}

/** How much of a body is read, in bytes. */
const BODY_BYTES = 64 * 1024;

/** Asks a web server by GET, over a connection of its own. Never rejects: whatever the server does is an answer. */
export async function lookAtHttp(check: HttpCheck): Promise<Look> {
  const hidden = Object.values(check.headers);
  try {
    const { status, body } = await get(check);
    const problem = problemOf(check, status, body);
    const said = safeAnswer(body, hidden);
    return {
      green: problem === undefined,
      answer: `HTTP ${status}${problem === undefined ? '' : `; ${problem}`}${said === '' ? ', no body' : `: ${said}`}`,
    };
  } catch (error) {
    return { green: false, answer: safeAnswer(errorWords(error), hidden) };
  }
}

function problemOf(check: HttpCheck, status: number, body: string): string | undefined {
  if (status !== check.status) return `expected ${check.status}`;
  if (check.text !== undefined && !body.includes(check.text)) return 'without the expected text';
  if (check.notText !== undefined && body.includes(check.notText))
    return 'with the text that must not be there';
  return undefined;
}

function get({ url, headers, ca }: HttpCheck): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { request } = url.toLowerCase().startsWith('https:') ? https : http;
  const sent = request(url, {
    // No connection is kept: a look must find out whether one can be made.
    agent: false,
    headers: { 'user-agent': 'lights-out-health', 'accept-encoding': 'identity', ...headers },
    ...defined({ ca }),
  });
  const timer = setTimeout(() => {
    // In this order: the end of the connection has less to say.
    reject(new Error(TOO_LATE));
    sent.destroy();
  }, LOOK_MILLISECONDS);
  let isAnswered = false;
  sent.once('response', (response) => {
    isAnswered = true;
    readBody(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
  });
  sent.once('upgrade', (response, socket) => {
    isAnswered = true;
    socket.destroy();
    resolve({ status: response.statusCode ?? 0, body: '' });
  });
  sent.on('error', reject);
  sent.once('close', () => {
    if (!isAnswered) reject(new Error('the connection was closed without an answer'));
  });
  sent.end();
  return promise.finally(() => clearTimeout(timer));
}

async function readBody(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of decoded(response) as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    // Leaving the loop ends the connection.
    if (bytes >= BODY_BYTES) break;
  }
  const charset = /charset\s*=\s*"?([\w.:-]+)/i.exec(response.headers['content-type'] ?? '')?.[1];
  return textDecoder(charset).decode(Buffer.concat(parts).subarray(0, BODY_BYTES));
}

/** Content codings that a server may use though none was asked for: https://www.rfc-editor.org/rfc/rfc9110.html#section-8.4.1 */
const DECODERS: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

function decoded(response: IncomingMessage): Readable {
  const coding = (response.headers['content-encoding'] ?? '').trim().toLowerCase();
  const decoder = Object.hasOwn(DECODERS, coding) ? DECODERS[coding]?.() : undefined;
  if (decoder === undefined) return response;
  // The reader of the decoder meets the error of either stream, so it needs no second word here.
  return pipeline(response, decoder, () => undefined);
}

/** The decoder of that charset, of UTF-8 where the server names none or one that nobody knows. Bytes that are none of it become U+FFFD. */
function textDecoder(charset = 'utf-8'): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch (error) {
    if (error instanceof RangeError) return new TextDecoder();
    throw error;
  }
}
