import type { Person, SystemConfig } from '../contract/config.ts';
import { isOffered } from '../contract/regions.ts';
import type { Audience } from '../contract/webhook-config.ts';
import type { Recipient } from './channel.ts';
import { mailRecipient } from './channels/mail.ts';
import { webhookRecipient } from './channels/webhook.ts';

/** Tells whether this system sends mail: a sender is configured, and the Region has SES. */
export function sendsMail(config: SystemConfig): boolean {
  return config.notices.from !== undefined && isOffered('ses', process.env['AWS_REGION'] ?? '');
}

/** The people of an audience whom mail reaches. None if the system sends no mail. */
export function mailRecipients(config: SystemConfig, audience: Audience): Recipient[] {
  const { from } = config.notices;
  if (from === undefined || !sendsMail(config)) return [];
  return peopleOf(config, audience).map((person, position) => mailRecipient(config, from, person, position));
}

/** The rooms that serve an audience. */
export function webhookRecipients(config: SystemConfig, audience: Audience): Recipient[] {
  return config.notices.webhooks
    .filter((webhook) => webhook.audiences.includes(audience))
    .map((webhook) => webhookRecipient(config, webhook));
}

/** Everybody of an audience, by every channel. */
export function recipientsOf(config: SystemConfig, audience: Audience): Recipient[] {
  return [...webhookRecipients(config, audience), ...mailRecipients(config, audience)];
}

function peopleOf({ notices, approval }: SystemConfig, audience: Audience): Person[] {
  return audience === 'approvers' ? (approval?.approvers ?? []) : notices[audience];
}
