import { GetIdentityVerificationAttributesCommand, GetSendQuotaCommand } from '@aws-sdk/client-ses';
import { ses } from '../shared/aws/clients.ts';
import type { SystemConfig } from '../shared/contract/config.ts';
import type { Findings } from './look.ts';

/** Can everyone be told? */
export async function lookAtMail(config: SystemConfig): Promise<Findings> {
  const findings: Findings = { pendingUpdates: [], reasons: [], warnings: [] };
  const { from, users, operators, leadMinutes } = config.notices;
  const domain = from.slice(from.indexOf('@') + 1);
  const [identities, quota] = await Promise.all([
    ses().send(new GetIdentityVerificationAttributesCommand({ Identities: [from, domain] })),
    ses().send(new GetSendQuotaCommand({})),
  ]);
  const verified = Object.values(identities.VerificationAttributes ?? {}).some(
    (identity) => identity.VerificationStatus === 'Success',
  );
  if (!verified) {
    findings.reasons.push({
      resource: `sender ${from}`,
      problem: 'neither it nor its domain is verified in SES',
      remedy: 'verify it in SES in this Region, or correct notices.from',
    });
  }
  // Each round, and one more for a roll back; two mails to each operator.
  const needed = users.length * (leadMinutes.length + 1) + operators.length * 2;
  const max = quota.Max24HourSend ?? 0;
  const left = max - (quota.SentLast24Hours ?? 0);
  if (max !== -1 && left < needed) {
    findings.reasons.push({
      resource: 'SES sending quota',
      problem: `${Math.floor(left)} of ${max} mails are left for 24 hours; the run may send ${needed}`,
      remedy: 'ask for production access or a higher quota, or use distribution lists',
    });
  }
  return findings;
}
