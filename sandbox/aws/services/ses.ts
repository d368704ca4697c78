import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  GetIdentityVerificationAttributesCommandInput,
  SendRawEmailCommandInput,
} from '@aws-sdk/client-ses';
import { simpleParser } from 'mailparser';
import type { Deployment } from '../../deployment.ts';
import type { SimulatedClock } from '../../play/clock.ts';
import type { NoticeLog } from '../../world/notice-log.ts';
import { AwsError, type Operation, type ServiceOperations } from '../operation.ts';

/** A mail that SES accepted. */
export interface SentMail {
  /** ISO 8601, simulated. */
  at: string;
  to: string[];
  subject: string;
  /** What it says, as plain text. */
  text: string;
  /** The `X-Lights-Out-…` headers. */
  kind: string;
  runId: string;
  /** Name of the `.eml` file. */
  file: string;
  /** Name of the run that an approval request asks about. */
  runToAnswer?: string;
}

/** Recipients of one message at most: https://docs.aws.amazon.com/ses/latest/dg/quotas.html */
const MAXIMUM_RECIPIENTS = 50;
const QUOTA = { Max24HourSend: 50_000, MaxSendRate: 14 };

export interface Mailbox {
  operations: ServiceOperations;
  mails: SentMail[];
}

/** The SES of the sandbox: every mail is kept, byte for byte, as an `.eml` file. */
export function createSes(
  deployment: Deployment,
  clock: SimulatedClock,
  directory: string,
  log?: NoticeLog,
): Mailbox {
  mkdirSync(directory, { recursive: true });
  const mails: SentMail[] = [];
  // A system without a sender sends no mail; then no sender is verified.
  const from = deployment.config.notices.from ?? '@';
  const domain = from.slice(from.indexOf('@') + 1);
  const { partition, region, account } = deployment.account;
  const verified = (address: string): boolean =>
    address === from || address.endsWith(`@${domain}`) || address === domain;
  const send: Operation<SendRawEmailCommandInput, unknown> = {
    resources: (input) => [`arn:${partition}:ses:${region}:${account}:identity/${input.Source ?? from}`],
    run: async (input) => {
      const raw = Buffer.from(input.RawMessage?.Data ?? new Uint8Array());
      const mail = await simpleParser(raw, { skipImageLinks: true });
      const sender = input.Source ?? mail.from?.value[0]?.address ?? '';
      const line = {
        event: String(mail.headers.get('x-lights-out-notice') ?? ''),
        channel: 'mail',
        language: String(mail.headers.get('content-language') ?? ''),
        recipient: (input.Destinations ?? []).join(', '),
      };
      if (!verified(sender)) log?.append({ ...line, outcome: 'refused', answer: 'MessageRejected' });
      if (!verified(sender))
        throw new AwsError(
          'MessageRejected',
          `Email address is not verified. The following identities failed the check: ${sender}`,
        );
      const to = input.Destinations ?? [];
      if (to.length === 0 || to.length > MAXIMUM_RECIPIENTS)
        throw new AwsError(
          'MessageRejected',
          `Recipient count is ${to.length}; expected 1 to ${MAXIMUM_RECIPIENTS}.`,
        );
      if (mails.length >= QUOTA.Max24HourSend)
        throw new AwsError('Throttling', 'Daily message quota exceeded.');
      const header = (name: string): string => String(mail.headers.get(name) ?? '');
      const kind = header('x-lights-out-notice');
      const file = `${String(mails.length + 1).padStart(4, '0')}-${kind}-${(to[0] ?? '').replaceAll(/[^A-Za-z0-9]+/g, '-')}.eml`;
      writeFileSync(join(directory, file), raw);
      const runToAnswer = /lights-out approve ([A-Za-z0-9_-]+)/.exec(mail.text ?? '')?.[1];
      mails.push({
        at: new Date(clock.now()).toISOString(),
        to,
        subject: mail.subject ?? '',
        text: mail.text ?? '',
        kind,
        runId: header('x-lights-out-run'),
        file,
        ...(runToAnswer === undefined ? {} : { runToAnswer }),
      });
      log?.append({ ...line, outcome: 'told' });
      return { MessageId: `sandbox-${mails.length}` };
    },
  };
  const quota: Operation<object, unknown> = {
    resources: () => ['*'],
    run: () => ({ ...QUOTA, SentLast24Hours: mails.length }),
  };
  const identities: Operation<GetIdentityVerificationAttributesCommandInput, unknown> = {
    resources: () => ['*'],
    run: ({ Identities = [] }) => ({
      VerificationAttributes: Object.fromEntries(
        Identities.filter(verified).map((identity) => [identity, { VerificationStatus: 'Success' }]),
      ),
    }),
  };
  return {
    operations: { SendRawEmail: send, GetSendQuota: quota, GetIdentityVerificationAttributes: identities },
    mails,
  };
}
