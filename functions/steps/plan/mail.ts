import {
  GetIdentityVerificationAttributesCommand,
  type GetIdentityVerificationAttributesCommandOutput,
  GetSendQuotaCommand,
  type GetSendQuotaCommandOutput,
} from '@aws-sdk/client-ses';
import type { SystemConfig } from '../../contract/config.ts';
import { shownAddress } from '../../contract/mail-address.ts';
import { ses } from '../../runtime/clients.ts';
import type { Findings } from './findings.ts';

/** What an account in the SES sandbox may send: https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html */
const SES_SANDBOX = { mailsADay: 200, mailsASecond: 1 };

interface MailAccount {
  identities: GetIdentityVerificationAttributesCommandOutput;
  quota: GetSendQuotaCommandOutput;
}

/** Can everyone be told by mail? */
export async function lookAtMail(config: SystemConfig, from: string): Promise<Findings> {
  const findings: Findings = { pendingUpdates: [], reasons: [], warnings: [] };
  const { users, operators, leadMinutes } = config.notices;
  const domain = from.slice(from.indexOf('@') + 1);
  const account = await askSes([from, domain]);
  if (account === undefined) {
    findings.reasons.push({
      resource: 'SES',
      problem: 'it has no endpoint in this Region, so nobody could be told by mail',
      remedy:
        'let notices.webhooks serve users, operators and, where asked, approvers and remove notices.from, or deploy the stack to a Region with SES',
    });
    return findings;
  }
  const verified = Object.values(account.identities.VerificationAttributes ?? {}).some(
    (identity) => identity.VerificationStatus === 'Success',
  );
  if (!verified) {
    findings.reasons.push({
      resource: `sender ${shownAddress(from)}`,
      problem: 'neither it nor its domain is verified in SES',
      remedy: 'verify it in SES in this Region, or correct notices.from',
    });
  }
  // Each round, and one more if the run is called off; two mails to each operator; one to each approver.
  const approvers = config.approval?.approvers.length ?? 0;
  const needed = users.length * (leadMinutes.length + 1) + operators.length * 2 + approvers;
  const max = account.quota.Max24HourSend ?? 0;
  const left = Math.max(0, Math.floor(max - (account.quota.SentLast24Hours ?? 0)));
  // -1 is how SES says "no limit".
  if (max !== -1 && left < needed) {
    findings.reasons.push({
      resource: 'SES sending quota',
      problem: `${left} of ${max} mails are left for 24 hours; the run may send ${needed}`,
      remedy: 'ask for production access or a higher quota, or use distribution lists',
    });
  }
  if (max === SES_SANDBOX.mailsADay && account.quota.MaxSendRate === SES_SANDBOX.mailsASecond) {
    findings.warnings.push(
      'the account looks to be in the SES sandbox, where only verified recipients get mail; ask for production access',
    );
  }
  return findings;
}

/** Undefined where SES does not exist: the name of its endpoint does not resolve. */
async function askSes(Identities: string[]): Promise<MailAccount | undefined> {
  try {
    const [identities, quota] = await Promise.all([
      ses().send(new GetIdentityVerificationAttributesCommand({ Identities })),
      ses().send(new GetSendQuotaCommand({})),
    ]);
    return { identities, quota };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTFOUND') return undefined;
    throw error;
  }
}
