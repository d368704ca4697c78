import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { ses } from '../aws/clients.ts';
import type { Person, SystemConfig } from '../contract/config.ts';
import { messageOf } from '../contract/errors.ts';
import { log } from '../log.ts';
import { composeNotice } from './compose.ts';
import type { NoticeFacts, NoticeKind } from './notice.ts';

export interface SendResult {
  /** Mails that SES accepted. */
  sent: number;
  /** Mails that it refused. */
  refused: number;
}

/**
 * Sends one notice to each person, each a mail of its own: nobody sees another's address. A refused recipient is logged by
 * position, never by address, and the others go on.
 *
 * @throws whatever SES answers when it is throttling or down, once nobody could be served: the workflow tries again.
 */
export async function sendNotice(
  config: SystemConfig,
  kind: NoticeKind,
  facts: NoticeFacts,
  people: Person[],
): Promise<SendResult> {
  const result: SendResult = { sent: 0, refused: 0 };
  let last: unknown;
  for (const [index, person] of people.entries()) {
    try {
      await sendOne(config, kind, facts, person);
      result.sent += 1;
    } catch (error) {
      last = error;
      result.refused += 1;
      log('warn', 'notice: SES refused a recipient', {
        kind,
        recipient: index,
        reason: redactAddresses(messageOf(error)),
      });
    }
  }
  if (result.sent === 0 && people.length > 0 && !isRefusal(last)) throw last;
  return result;
}

async function sendOne(
  config: SystemConfig,
  kind: NoticeKind,
  facts: NoticeFacts,
  person: Person,
): Promise<void> {
  const notice = composeNotice(
    kind,
    facts,
    person.language === undefined ? config.notices.languages : [person.language],
  );
  const mail = new MailComposer({
    from: { name: 'Lights Out', address: config.notices.from },
    to: person.address,
    subject: notice.subject,
    text: notice.text,
    html: notice.html,
    headers: {
      'X-Lights-Out-Run': facts.runId,
      'X-Lights-Out-System': facts.system,
      'X-Lights-Out-Notice': kind,
      'Auto-Submitted': 'auto-generated',
    },
  });
  await ses().send(
    new SendRawEmailCommand({
      Source: config.notices.from,
      Destinations: [person.address],
      RawMessage: { Data: await mail.compile().build() },
    }),
  );
}

/** SES says so about the message or the account; trying the same again changes nothing. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof Error &&
    [
      'MessageRejected',
      'MailFromDomainNotVerifiedException',
      'AccountSendingPausedException',
      'InvalidParameterValue',
    ].includes(error.name)
  );
}

/** Mail addresses are personal data: they stay out of the logs. */
function redactAddresses(text: string): string {
  return text.replaceAll(/[^\s<>"']+@[^\s<>"']+/g, '<address>');
}
