import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { Webhook } from '../../contract/webhook-config.ts';
import { secretsManager } from '../../runtime/clients.ts';

/** A webhook's address and its signing keys. Never logged, never in a state, an error or the evidence. */
export interface WebhookAddress {
  url: URL;
  /** Keys to sign with: the current key, and during a change also the previous key. */
  keys: Buffer[];
}

/** 24 to 64 bytes by the specification: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme */
const KEY_BYTES = { least: 24, most: 64 };

const SigningSecret = z.string().regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/);

const Secret = z.strictObject({
  url: z.string(),
  signingSecret: SigningSecret,
  previousSigningSecret: SigningSecret.optional(),
});

/**
 * Reads a webhook's secret.
 *
 * @throws LightsOutError `ChannelRefused` when its content has another form, in words without the content; the error of Secrets Manager
 * when it cannot be read.
 */
export async function readWebhookAddress(webhook: Webhook): Promise<WebhookAddress> {
  const { SecretString } = await secretsManager().send(
    new GetSecretValueCommand({ SecretId: webhook.secretArn }),
  );
  const problems = new Problems(webhook);
  const secret = Secret.safeParse(parseJson(SecretString ?? '', problems));
  if (!secret.success) {
    const fields = [...new Set(secret.error.issues.map(({ path }) => path.join('.') || 'the whole'))];
    throw problems.error(
      `${fields.join(', ')} ${fields.length === 1 ? 'is' : 'are'} not as expected: "url" an https address, "signingSecret" (and "previousSigningSecret", if any) "whsec_" and base64`,
    );
  }
  const { url, signingSecret, previousSigningSecret } = secret.data;
  return {
    url: checkedUrl(url, problems),
    keys: [signingSecret, previousSigningSecret]
      .filter((text) => text !== undefined)
      .map((text) => keyOf(text, problems)),
  };
}

class Problems {
  readonly #webhook: Webhook;

  constructor(webhook: Webhook) {
    this.#webhook = webhook;
  }

  error(problem: string): LightsOutError {
    return new LightsOutError(
      ErrorName.ChannelRefused,
      `webhook ${this.#webhook.name}: of the secret in Secrets Manager ${problem}; correct the secret, as docs/channels.md says`,
    );
  }
}

/** A parser's message would contain a piece of the secret, so it is not passed on. */
function parseJson(text: string, problems: Problems): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw problems.error('the value is not JSON, expected {"url": "https://…", "signingSecret": "whsec_…"}');
  }
}

/**
 * Accepts only https, to a host with a name. The certificate proves the receiver. So no address can lead a message to the metadata service,
 * to Lambda's own runtime or to another listener.
 */
function checkedUrl(text: string, problems: Problems): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw problems.error('"url" is no address, expected "https://host/path"');
  if (url.protocol !== 'https:')
    throw problems.error(
      `"url" begins with ${url.protocol}//, expected https://: messages must not be read or changed on their way`,
    );
  const isAddress = /^\[|^[\d.]+$/.test(url.hostname);
  if (isAddress || !url.hostname.includes('.'))
    throw problems.error(
      '"url" has no host name that a certificate could prove, expected such as rooms.example.org',
    );
  if (url.username !== '' || url.password !== '')
    throw problems.error('"url" holds a user or password, which would be sent along; expected none');
  return url;
}

function keyOf(text: string, problems: Problems): Buffer {
  const key = Buffer.from(text.slice('whsec_'.length), 'base64');
  if (key.length < KEY_BYTES.least || key.length > KEY_BYTES.most)
    throw problems.error(
      `a signing secret has ${key.length} bytes, expected ${KEY_BYTES.least} to ${KEY_BYTES.most} in base64`,
    );
  return key;
}
