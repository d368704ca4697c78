import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { SignatureV4 } from '@smithy/signature-v4';
import { defined } from '../functions/contract/defined.ts';
import { messageOf } from '../functions/contract/errors.ts';
import { BadInputError } from '../sandbox/bad-input.ts';

/** How long the operator API may take. API Gateway itself gives up after 30 s. */
const TIMEOUT_MS = 35_000;

export interface ApiAnswer {
  status: number;
  body: Record<string, unknown>;
}

/** What the API refused, and why, for people. */
export function refusalText(what: string, { status, body }: ApiAnswer): string {
  const problems = Array.isArray(body['problems']) ? body['problems'].map((problem) => `  ${problem}\n`) : [];
  return `${what} (${status}): ${body['error'] ?? body['message'] ?? 'no reason given'}\n${problems.join('')}`;
}

/**
 * The operator API's address: the option, else the environment variable LIGHTS_OUT_API.
 * @throws BadInputError when neither is a URL.
 */
export function apiUrl(option: string | undefined): URL {
  const text = option ?? process.env['LIGHTS_OUT_API'];
  const expected =
    'expected the output OperatorApiUrl of the stack, e.g. https://….execute-api.eu-central-1.amazonaws.com';
  if (text === undefined)
    throw new BadInputError(`--api: missing, and LIGHTS_OUT_API is not set; ${expected}`);
  if (!URL.canParse(text)) throw new BadInputError(`--api ${text}: not a URL; ${expected}`);
  return new URL(text);
}

/**
 * Calls the operator API with the credentials of this machine (environment, profile, SSO …). The request is signed for API Gateway's IAM
 * authorizer (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html).
 *
 * @throws BadInputError when there are no credentials or no Region, or that address does not answer.
 */
export async function callOperatorApi(
  api: URL,
  method: 'POST' | 'GET' | 'DELETE',
  path: string,
  body?: object,
): Promise<ApiAnswer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = { host: api.host, ...(text === undefined ? {} : { 'content-type': 'application/json' }) };
  try {
    const signer = new SignatureV4({
      service: 'execute-api',
      region: regionOf(api),
      credentials: defaultProvider(),
      sha256: Sha256,
    });
    const signed = await signer.sign({
      method,
      protocol: api.protocol,
      hostname: api.hostname,
      ...(api.port === '' ? {} : { port: Number(api.port) }),
      path,
      headers,
      ...defined({ body: text }),
    });
    const answer = await fetch(new URL(path, api), {
      method,
      headers: signed.headers,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...defined({ body: text }),
    });
    return { status: answer.status, body: parsed(await answer.text()) };
  } catch (error) {
    if (error instanceof BadInputError) throw error;
    throw new BadInputError(
      `the operator API at ${api.origin} could not be asked (${reasonOf(error)}); expected AWS credentials that may call it, and the stack's output OperatorApiUrl as --api`,
    );
  }
}

/** The Region in `….execute-api.<region>.amazonaws.com`, else that of the environment. */
function regionOf(api: URL): string {
  const region = [
    /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com/.exec(api.hostname)?.[1],
    process.env['AWS_REGION'],
    process.env['AWS_DEFAULT_REGION'],
  ].find((each) => each !== undefined && each !== '');
  if (region !== undefined) return region;
  throw new BadInputError(
    `--api ${api.origin}: its name holds no Region, and AWS_REGION is not set; expected one of them`,
  );
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof SyntaxError) return { error: text.slice(0, 200) };
    throw error;
  }
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : messageOf(error);
}

/** Node's own SHA-256 in the form that the signer wants. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
