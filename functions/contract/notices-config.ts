import { z } from 'zod';
import { MailAddress } from './mail-address.ts';
import { Webhook } from './webhook-config.ts';

/** A mail goes out at most two weeks before. */
const MAX_LEAD_MINUTES = 14 * 24 * 60;

const Language = z.enum(['zh-CN', 'en'], { error: 'expected "zh-CN" or "en"' });
export type Language = z.infer<typeof Language>;

export const Person = z.strictObject({
  /**
   * Mail address; a domain may be of any script.
   *
   * @example 'head-of-operations@example.com'
   */
  address: MailAddress,
  /**
   * Language of this person's mail. Default: the first of `notices.languages`.
   *
   * @example 'zh-CN'
   */
  language: Language.optional(),
});
export type Person = z.infer<typeof Person>;

/** Who is told, in which languages, how long before. */
export const Notices = z.strictObject({
  /** Sender: a verified SES identity. Left out: no mail is sent, and webhooks must reach everybody. */
  from: MailAddress.optional(),
  /** Everyone who uses the CRM (distribution lists welcome). May be empty where a webhook serves `users`. Default: nobody. */
  users: z.array(Person).default([]),
  /** Who gets outcomes and failures; alarms too, which SNS mails to them, also where SES is not. */
  operators: z.array(Person).min(1, 'expected at least one operator: nobody would learn of a failure'),
  /** Minutes before the shutdown at which users are told; the longest is the first notice, the others are reminders. Default 30 and 10. */
  leadMinutes: z.array(z.number().int().positive().max(MAX_LEAD_MINUTES)).min(1).default([30, 10]),
  /** Languages of the notices, the main one first. Default zh-CN and en. */
  languages: z.array(Language).min(1).default(['zh-CN', 'en']),
  /** Rooms and other systems that are told by a signed HTTPS request, beside mail or in its place. Default none. */
  webhooks: z.array(Webhook).max(10, 'expected at most 10 webhooks').default([]),
});
