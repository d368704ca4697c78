import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Webhook as Signer } from 'standardwebhooks';
import type { Webhook } from '../../../functions/contract/webhook-config.ts';
import type { SimulatedClock } from '../../play/clock.ts';
import { WEBHOOK_HOST } from '../../play/lambda/host-names.ts';
import type { ServerCertificate } from '../database/certificates.ts';
import type { WorldFault } from '../faults.ts';
import type { NoticeLog } from '../notice-log.ts';

/** A message that a room took. */
export interface RoomMessage {
  /** ISO 8601, simulated. */
  at: string;
  webhook: string;
  id: string;
  kind: string;
  audience: string;
  runId: string;
  /** All that people read, of every language. */
  text: string;
  /** The same message had been taken before. */
  repeated: boolean;
  /** Name of the run that an approval request asks about. */
  runToAnswer?: string;
}

type WebhookFault = Extract<WorldFault, { world: 'webhook-fails' }>;

interface Options {
  webhooks: Webhook[];
  clock: SimulatedClock;
  certificate: ServerCertificate;
  faults: WorldFault[];
  /** Folder of the messages' files. */
  directory: string;
  log: NoticeLog;
  onFault(): void;
  /** A message that no receiver could accept: the signature, the time or the form is wrong. */
  onDefect(problem: string): void;
}

/** How old a message may be, in seconds: as the specification's own library has it. */
const TOLERANCE_SECONDS = 300;

/** A longer message is none of ours. */
const LONGEST_BODY = 1024 * 1024;

/** The rooms of a rehearsal: an HTTPS server for each webhook, which checks signatures with somebody else's code and answers. */
export class Rooms {
  readonly messages: RoomMessage[] = [];
  /** Of every webhook, what stands in Secrets Manager, by ARN. */
  readonly stored = new Map<string, string>();
  /** What must stand nowhere. */
  readonly secrets: string[] = [];
  readonly #options: Options;
  readonly #servers: Server[] = [];
  readonly #failures = new Map<string, number>();
  /** Messages whose last answer was "later", by id. */
  readonly #waiting = new Map<string, { name: string; body: Body; answer: string }>();
  #files = 0;

  private constructor(options: Options) {
    this.#options = options;
  }

  static async open(options: Options): Promise<Rooms> {
    const rooms = new Rooms(options);
    if (options.webhooks.length === 0) return rooms;
    mkdirSync(options.directory, { recursive: true });
    try {
      for (const webhook of options.webhooks) await rooms.#openRoom(webhook);
    } catch (error) {
      await rooms.close();
      throw error;
    }
    return rooms;
  }

  async #openRoom(webhook: Webhook): Promise<void> {
    const signingSecret = `whsec_${randomBytes(32).toString('base64')}`;
    const token = randomBytes(16).toString('hex');
    const signer = new Signer(signingSecret);
    const fault = this.#options.faults.find(
      (each): each is WebhookFault =>
        each.world === 'webhook-fails' && (each.webhook === undefined || each.webhook === webhook.name),
    );
    const { certificate, key } = this.#options.certificate;
    const server = createServer({ cert: certificate, key }, (request, response) => {
      this.#receive({ webhook, signer, token, fault }, request, response).catch((error: unknown) => {
        this.#options.onDefect(`webhook ${webhook.name}: ${String(error)}`);
        response.destroy();
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    if (fault?.connection === 'refused') {
      await new Promise((resolve) => server.close(resolve));
      this.#options.onFault();
    } else this.#servers.push(server);
    const url = `https://${WEBHOOK_HOST}:${port}/rooms/${webhook.name}?token=${token}`;
    this.stored.set(webhook.secretArn, JSON.stringify({ url, signingSecret }));
    this.secrets.push(token, signingSecret);
  }

  async #receive(
    room: { webhook: Webhook; signer: Signer; token: string; fault: WebhookFault | undefined },
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { webhook, signer, token, fault } = room;
    const { clock, log } = this.#options;
    const text = await bodyOf(request);
    const header = (name: string): string => String(request.headers[name] ?? '');
    const id = header('webhook-id');
    const at = new Date(clock.now()).toISOString();
    const problem = problemOf(request, text, { token, signer, now: clock.now() });
    if (problem !== undefined) {
      this.#options.onDefect(`webhook ${webhook.name}: ${problem}`);
      answer(response, 401);
      return;
    }
    const body = JSON.parse(text) as Body;
    const failed = this.#failures.get(webhook.name) ?? 0;
    if (fault !== undefined && fault.connection !== 'refused' && failed < (fault.times ?? Infinity)) {
      this.#failures.set(webhook.name, failed + 1);
      this.#options.onFault();
      this.#fail({ webhook, fault, id, body }, request, response);
      return;
    }
    const { event, audience, run, texts } = body.data;
    const repeated = this.messages.some((message) => message.id === id && message.webhook === webhook.name);
    const words = texts.map((each) =>
      [each.title, each.text, ...each.fields.map(({ value }) => value)].join('\n'),
    );
    const runToAnswer = /lights-out approve ([A-Za-z0-9_-]+)/.exec(words.join('\n'))?.[1];
    this.#files += 1;
    const file = `${String(this.#files).padStart(4, '0')}-${webhook.name}-${event}.json`;
    const kept = {
      at,
      channel: `webhook ${webhook.name}`,
      url: `https://${WEBHOOK_HOST}`,
      headers: shown(request.headers),
      body,
    };
    writeFileSync(join(this.#options.directory, file), `${JSON.stringify(kept, null, 2)}\n`);
    this.messages.push({
      at,
      webhook: webhook.name,
      id,
      kind: event,
      audience,
      runId: run,
      text: words.join('\n'),
      repeated,
      ...(runToAnswer === undefined ? {} : { runToAnswer }),
    });
    this.#waiting.delete(`${webhook.name} ${id}`);
    log.append({
      ...lineOf(webhook.name, body),
      outcome: 'told',
      answer: repeated ? '204, a repetition' : '204',
    });
    answer(response, 204);
  }

  #fail(
    { webhook, fault, id, body }: { webhook: Webhook; fault: WebhookFault; id: string; body: Body },
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const { status = 500, connection, retryAfterSeconds } = fault;
    const said = connection === 'lost' ? 'connection lost' : String(status);
    const isLater = connection === 'lost' || [408, 425, 429].includes(status) || status >= 500;
    if (isLater) this.#waiting.set(`${webhook.name} ${id}`, { name: webhook.name, body, answer: said });
    else this.#options.log.append({ ...lineOf(webhook.name, body), outcome: 'refused', answer: said });
    if (connection === 'lost') {
      request.socket.destroy();
      return;
    }
    if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds));
    // Where a redirect would lead: somewhere that nobody may be led to.
    if (status >= 300 && status < 400)
      response.setHeader('location', 'https://169.254.169.254/latest/meta-data/');
    answer(response, status);
  }

  /** Notes the messages that were never taken: nobody tries them any more. */
  settle(): void {
    for (const { name, body, answer: said } of this.#waiting.values())
      this.#options.log.append({ ...lineOf(name, body), outcome: 'gave-up', answer: said });
    this.#waiting.clear();
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    }
  }
}

/** As docs/channels.md describes it: what the room reads. */
interface Body {
  type: string;
  timestamp: string;
  data: {
    event: string;
    audience: string;
    run: string;
    texts: { language: string; title: string; text: string; fields: { label: string; value: string }[] }[];
  };
}

function lineOf(name: string, { data }: Body) {
  return {
    event: data.event,
    channel: `webhook ${name}`,
    language: data.texts.map(({ language }) => language).join(', '),
    recipient: data.audience,
  };
}

/** What a receiver by the specification refuses: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#verifying-signatures */
function problemOf(
  request: IncomingMessage,
  text: string,
  { token, signer, now }: { token: string; signer: Signer; now: number },
): string | undefined {
  const header = (name: string): string => String(request.headers[name] ?? '');
  if (request.method !== 'POST') return `${request.method}; expected POST`;
  if (!(request.url ?? '').endsWith(`?token=${token}`)) return 'another address than its secret says';
  const seconds = Number(header('webhook-timestamp'));
  if (!Number.isInteger(seconds) || Math.abs(now / 1000 - seconds) > TOLERANCE_SECONDS)
    return `webhook-timestamp ${header('webhook-timestamp')} is not of now`;
  const expected = signer.sign(header('webhook-id'), new Date(seconds * 1000), text);
  if (!header('webhook-signature').split(' ').includes(expected)) return 'webhook-signature is wrong';
  return undefined;
}

function shown(headers: IncomingHttpHeaders): Record<string, string> {
  const names = ['content-type', 'webhook-id', 'webhook-timestamp', 'webhook-signature'];
  return Object.fromEntries(names.map((name) => [name, String(headers[name] ?? '')]));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > LONGEST_BODY) throw new Error(`a message of more than ${LONGEST_BODY} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function answer(response: ServerResponse, status: number): void {
  response.statusCode = status;
  response.end();
}
