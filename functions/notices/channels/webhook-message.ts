import { createHash, createHmac } from 'node:crypto';
import type { Language } from '../../contract/config.ts';
import type { Notice } from '../channel.ts';
import { localTime } from '../notice.ts';
import { textOf } from '../texts.ts';

/** The body of a webhook's message, as docs/channels.md describes it. A field is only ever added. */
export interface WebhookBody {
  /** `lights_out.` and the event with underscores: a type by the specification's alphabet. */
  type: string;
  /** When this message was made, ISO 8601. */
  timestamp: string;
  data: {
    /** `announcement`, `reminder`, `shut-down` … as docs/channels.md lists them. */
    event: string;
    audience: string;
    system: string;
    displayName: string;
    run: string;
    /** Times of the event. `at`: when the shutdown begins, or was seen started. `expiresAt`: the deadline for an approval. */
    times: Record<string, { iso: string; local: string }>;
    /** The same in each language, the main one first. */
    texts: {
      language: Language;
      title: string;
      text: string;
      fields: { label: string; value: string }[];
    }[];
  };
}

/** The most fields of one text: a system may have thousands of services, a room reads a few lines. The specification advises 20 kB. */
const MOST_FIELDS = 30;

/** The longest text, in characters: a cause may hold a page. */
const LONGEST_TEXT = 4_000;

export function bodyOf(notice: Notice, languages: Language[], now: number): WebhookBody {
  const { kind, facts, audience } = notice;
  const [main = 'en'] = languages;
  const times = Object.entries({ at: facts.at, expiresAt: facts.expiresAt }).flatMap(([name, iso]) =>
    iso === undefined ? [] : [[name, { iso, local: localTime(iso, facts.timeZone, main) }] as const],
  );
  return {
    type: `lights_out.${kind.replaceAll('-', '_')}`,
    timestamp: new Date(now).toISOString(),
    data: {
      event: kind,
      audience,
      system: facts.system,
      displayName: facts.displayName,
      run: facts.runId,
      times: Object.fromEntries(times),
      texts: languages.map((language) => {
        const text = textOf(kind, facts, language);
        return {
          language,
          title: text.heading,
          text: cut([...text.paragraphs, text.closing].join('\n\n')),
          fields: shortened(text.facts, language),
        };
      }),
    },
  };
}

function cut(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;
}

function shortened(fields: { label: string; value: string }[], language: Language) {
  if (fields.length <= MOST_FIELDS) return fields;
  const more = fields.length - MOST_FIELDS;
  const rest =
    language === 'zh-CN'
      ? { label: '其余', value: `另有 ${more} 项，详见报告` }
      : { label: 'More', value: `${more} others, see the report` };
  return [...fields.slice(0, MOST_FIELDS), rest];
}

/** Names a message. Each try to send one notice to one room has the same name, so that the receiver recognises a repetition. */
export function messageId(name: string, { kind, facts, audience, occurrence }: Notice): string {
  const parts = [facts.system, facts.runId, kind, audience, name, occurrence];
  return `msg_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
}

/**
 * Headers that prove the sender:
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#webhook-headers-sending-metadata-to-consumers
 */
export function signedHeaders(
  id: string,
  body: string,
  keys: Buffer[],
  now: number,
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const seconds = String(Math.floor(now / 1000));
  const signatures = keys.map(
    (key) => `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`,
  );
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') };
}
