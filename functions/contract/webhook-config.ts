import { z } from 'zod';
import { isOffered } from './regions.ts';

/** Who a notice is for. */
export const AUDIENCES = ['users', 'operators', 'approvers'] as const;
export type Audience = (typeof AUDIENCES)[number];

/**
 * A room, a chat or another system that takes notices by HTTPS. It gets one message a notice and audience, signed by the rules of
 * Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). docs/channels.md describes it.
 */
export const Webhook = z.strictObject({
  /**
   * Name in logs and errors, since the address is a secret. It is part of every message's `webhook-id`, so a new name makes new messages.
   *
   * @example 'crm-room'
   */
  name: z
    .string()
    .regex(
      /^[a-z](?!.*--)[a-z0-9-]{0,28}[a-z0-9]$/,
      'expected 2 to 30 lower-case letters, digits and single hyphens, e.g. "crm-room"',
    ),
  /**
   * Secrets Manager secret with `{"url": "https://…", "signingSecret": "whsec_…"}`.
   *
   * @example 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:crm-room-a1b2c3'
   */
  secretArn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+$/,
      'expected the ARN of a Secrets Manager secret that holds {"url": "https://…", "signingSecret": "whsec_…"}',
    ),
  /**
   * KMS key of the secret, if it is a customer managed key.
   *
   * @example 'arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9'
   */
  keyArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/, 'expected the ARN of a KMS key')
    .optional(),
  /**
   * Audiences of the webhook: `users`, `operators`, `approvers`. No default: not everybody may read the operators' notices (errors, names
   * of servers).
   *
   * @example ['users', 'operators']
   */
  audiences: z
    .array(z.enum(AUDIENCES, { error: `expected ${AUDIENCES.map((name) => `"${name}"`).join(', ')}` }))
    .min(1, 'expected at least one of "users", "operators" and "approvers": nobody would be told'),
  /**
   * Language of its messages. Default: all of `notices.languages`.
   *
   * @example 'zh-CN'
   */
  language: z.enum(['zh-CN', 'en'], { error: 'expected "zh-CN" or "en"' }).optional(),
});
export type Webhook = z.infer<typeof Webhook>;

interface Problem {
  path: (string | number)[];
  message: string;
}

/** What of a system says who is told. */
export interface Told {
  notices: {
    from?: string | undefined;
    users: unknown[];
    operators: unknown[];
    webhooks: Webhook[];
  };
  approval?: { approvers: unknown[] } | undefined;
}

const HOW =
  'notices.webhooks: [{ name: "crm-room", secretArn: "arn:…:secret:…", audiences: ["users", "operators"] }]';

/** Whether a webhook reaches that audience. */
export function servedByWebhook({ notices }: Told, audience: Audience): boolean {
  return notices.webhooks.some((webhook) => webhook.audiences.includes(audience));
}

/** Everybody whom a run must be able to tell: approvers only where they are asked. */
export function audiencesOf({ approval }: Pick<Told, 'approval'>): Audience[] {
  return AUDIENCES.filter((audience) => audience !== 'approvers' || approval !== undefined);
}

function peopleOf({ notices, approval }: Told, audience: Audience): unknown[] {
  return audience === 'approvers' ? (approval?.approvers ?? []) : notices[audience];
}

/** Whom no channel reaches, wherever the stack is deployed. */
export function channelProblems(system: Told): Problem[] {
  const { notices } = system;
  const names = notices.webhooks.map(({ name }) => name);
  return [
    ...names.flatMap((name, index) =>
      names.indexOf(name) === index
        ? []
        : [
            {
              path: ['notices', 'webhooks', index, 'name'],
              message: `two webhooks are called "${name}"; expected another name`,
            },
          ],
    ),
    ...audiencesOf(system).flatMap((audience): Problem[] => {
      if (servedByWebhook(system, audience)) return [];
      const path = audience === 'approvers' ? ['approval', 'approvers'] : ['notices', audience];
      if (peopleOf(system, audience).length === 0)
        return [
          {
            path,
            message: `expected at least one person, or a webhook that serves "${audience}": nobody would be told. Example: ${HOW}`,
          },
        ];
      return notices.from === undefined
        ? [
            {
              path: ['notices', 'from'],
              message: `expected the sender's address, since only mail reaches ${audience}; or a webhook that serves "${audience}". Example: ${HOW}`,
            },
          ]
        : [];
    }),
  ];
}

/** Whom only mail would reach in a Region that has no SES, in words that name what to configure. */
export function unreachableIn(region: string, system: Told): { audience: Audience; message: string }[] {
  if (isOffered('ses', region)) return [];
  return audiencesOf(system)
    .filter((audience) => !servedByWebhook(system, audience))
    .map((audience) => ({
      audience,
      message:
        `${region} has no SES, so no mail reaches ${audience}; expected a webhook whose audiences hold "${audience}". Example: ${HOW}. ` +
        'Or deploy the stack to a Region with SES',
    }));
}
