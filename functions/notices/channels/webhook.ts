import type { SystemConfig } from '../../contract/config.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { Webhook } from '../../contract/webhook-config.ts';
import { ChannelUnavailableError, type Notice, type Recipient } from '../channel.ts';
import { bodyOf, messageId, signedHeaders } from './webhook-message.ts';
import { readWebhookAddress } from './webhook-secret.ts';

/** How long a receiver may take, in milliseconds. The specification advises 15 s or more. */
const TIMEOUT_MILLISECONDS = 15_000;

/** A webhook is a room: it gets one message for a whole audience. A status from 200 to 299 confirms the message. */
export function webhookRecipient(config: SystemConfig, webhook: Webhook): Recipient {
  const languages = webhook.language === undefined ? config.notices.languages : [webhook.language];
  return {
    channel: `webhook ${webhook.name}`,
    label: `webhook ${webhook.name}`,
    languages,
    deliver: (notice) => post(webhook, notice, languages),
  };
}

async function post(webhook: Webhook, notice: Notice, languages: Recipient['languages']): Promise<void> {
  const { url, keys } = await readWebhookAddress(webhook);
  const now = Date.now();
  const body = JSON.stringify(bodyOf(notice, languages, now));
  const response = await request(webhook, url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'lights-out',
      ...signedHeaders(messageId(webhook.name, notice), body, keys, now),
    },
    body,
    // A redirect could send the message anywhere.
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  // The body of the answer is not read: it may be anything, of any length.
  await response.body?.cancel();
  requireTaken(webhook, response);
}

/** The cause stays out of the error: the message of a connection names the host. */
async function request(webhook: Webhook, url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw new ChannelUnavailableError(
      `webhook ${webhook.name} could not be reached (${connectionProblem(error)}); expected an answer within ${TIMEOUT_MILLISECONDS / 1000} s. It is tried again`,
    );
  }
}

/** `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `TimeoutError`: a code holds no address. */
export function connectionProblem(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.cause instanceof Error) return connectionProblem(error.cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function requireTaken({ name }: Webhook, { ok, status, headers }: Response): void {
  if (ok) return;
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    throw new ChannelUnavailableError(
      `webhook ${name} answered HTTP ${status}; expected 2xx. It is tried again`,
      {
        retryAfterSeconds: retryAfter(headers.get('retry-after')),
      },
    );
  }
  const redirected = status >= 300 && status < 400;
  throw new LightsOutError(
    ErrorName.ChannelRefused,
    `webhook ${name} answered HTTP ${status}; expected 2xx. ${
      redirected
        ? 'Redirects are not followed: put the final address into its secret'
        : 'Check the address and the signing secret in its secret, and what the receiver expects'
    }`,
  );
}

/** Seconds or a date: https://www.rfc-editor.org/rfc/rfc9110.html#field.retry-after */
function retryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  if (/^\d{1,6}$/.test(value.trim())) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}
