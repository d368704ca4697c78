import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import type { Language, Person, SystemConfig } from '../../contract/config.ts';
import { ses } from '../../runtime/clients.ts';
import type { Notice, Recipient } from '../channel.ts';
import { composeNotice } from '../compose.ts';

/** Each person gets a separate mail, so that nobody sees another's address. SES confirms that it accepted the mail. */
export function mailRecipient(
  config: SystemConfig,
  from: string,
  person: Person,
  position: number,
): Recipient {
  const languages = person.language === undefined ? config.notices.languages : [person.language];
  return {
    channel: 'mail',
    label: `mail recipient ${position}`,
    languages,
    deliver: (notice) => send(notice, from, person.address, languages),
  };
}

async function send(notice: Notice, from: string, address: string, languages: Language[]): Promise<void> {
  const { subject, text, html } = composeNotice(notice.kind, notice.facts, languages);
  const mail = new MailComposer({
    from: { name: 'Lights Out', address: from },
    // As an object: in a text, some legal local parts would be read as several addresses.
    to: { name: '', address },
    subject,
    text,
    html,
    headers: {
      'X-Lights-Out-Run': notice.facts.runId,
      'X-Lights-Out-System': notice.facts.system,
      'X-Lights-Out-Notice': notice.kind,
      'Content-Language': languages.join(', '),
      'Auto-Submitted': 'auto-generated',
    },
  });
  await ses().send(
    new SendRawEmailCommand({
      Source: from,
      Destinations: [address],
      RawMessage: { Data: await mail.compile().build() },
    }),
  );
}
