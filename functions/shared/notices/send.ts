import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { ses } from '../aws/clients.ts';
import { translateAwsError } from '../aws/errors.ts';
import type { Person, SystemConfig } from '../contract/config.ts';
import { ErrorName, messageOf } from '../contract/errors.ts';
import { log } from '../log.ts';
import { pause } from '../pause.ts';
import { composeNotice } from './compose.ts';
import type { NoticeFacts, NoticeKind } from './notice.ts';

export interface SendResult {
  /** Mails that SES accepted. */
  sent: number;
  /** Mails that it refused. */
  refused: number;
  /** People who were served, accepted or refused: all of them, unless the sending was cut short. */
  served: number;
}

export interface SendOptions {
  /** Mails a second at most: the account's `MaxSendRate`. Default: no pause between mails. */
  ratePerSecond?: number;
  /** The caller can go on later: stop at the first mail for which SES has no answer just now. Default false: try a few times, then go on with the next person. */
  resumable?: boolean;
  /** Nothing else tells them: a mail that SES refuses to everybody is an error too, and so an alarm. Default false: it is only logged. */
  required?: boolean;
  /** Position of the first person in the caller's list, for the log. Default 0. */
  offset?: number;
}

/** Tries for one mail while SES is throttling or down, and the pause between them in milliseconds; the SDK makes three of its own each time. */
const TRIES = 3;
const PAUSE_MILLISECONDS = 1_000;

/**
 * Sends one notice to each person, each a mail of its own: nobody sees another's address. A refused recipient is logged by
 * position, never by address, and the others go on.
 *
 * @throws whatever SES answers when it is throttling, down or not allowed (with `required` also what it refuses), once nobody could be served: the workflow tries again.
 */
export async function sendNotice(
  config: SystemConfig,
  kind: NoticeKind,
  facts: NoticeFacts,
  people: Person[],
  { ratePerSecond, resumable = false, required = false, offset = 0 }: SendOptions = {},
): Promise<SendResult> {
  const result: SendResult = { sent: 0, refused: 0, served: 0 };
  const gap = ratePerSecond === undefined ? 0 : 1000 / ratePerSecond;
  let last: unknown;
  let earliest = 0;
  for (const person of people) {
    if (gap > 0) {
      await pause(earliest - Date.now());
      earliest = Date.now() + gap;
    }
    try {
      await sendWithPatience(config, kind, facts, person, resumable ? 1 : TRIES);
      result.sent += 1;
    } catch (error) {
      last = error;
      if (resumable && isTemporary(error)) break;
      result.refused += 1;
      log('warn', 'notice: SES refused a recipient', {
        kind,
        recipient: offset + result.served,
        reason: redactAddresses(messageOf(error)),
      });
    }
    result.served += 1;
  }
  if (result.sent === 0 && people.length > 0 && (required || !isRefusal(last))) throw last;
  return result;
}

async function sendWithPatience(
  config: SystemConfig,
  kind: NoticeKind,
  facts: NoticeFacts,
  person: Person,
  tries: number,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await sendOne(config, kind, facts, person);
      return;
    } catch (error) {
      if (attempt >= tries || !isTemporary(error)) throw error;
      await pause(PAUSE_MILLISECONDS * attempt);
    }
  }
}

/** Throttled, 5xx or no answer: the same mail may well be accepted a little later. */
function isTemporary(error: unknown): boolean {
  return translateAwsError(error).name === ErrorName.AwsTemporarilyUnavailable;
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
