import type { SystemConfig } from '../../contract/config.ts';
import { isOffered } from '../../contract/regions.ts';
import { unreachableIn } from '../../contract/webhook-config.ts';
import type { Findings } from './findings.ts';
import { lookAtMail } from './mail.ts';
import { lookAtWebhooks } from './webhooks.ts';

/** Can everyone be told, by a channel that this Region has? */
export async function lookAtChannels(config: SystemConfig): Promise<Findings> {
  const region = process.env['AWS_REGION'] ?? '';
  const parts = await Promise.all([mailOf(config, region), lookAtWebhooks(config.notices.webhooks)]);
  return {
    pendingUpdates: [],
    reasons: parts.flatMap(({ reasons }) => reasons),
    warnings: parts.flatMap(({ warnings }) => warnings),
  };
}

async function mailOf(config: SystemConfig, region: string): Promise<Findings> {
  if (config.notices.from === undefined) return { pendingUpdates: [], reasons: [], warnings: [] };
  if (isOffered('ses', region)) return lookAtMail(config, config.notices.from);
  const unreachable = unreachableIn(region, config);
  return {
    pendingUpdates: [],
    reasons: unreachable.map(({ audience, message }) => ({
      resource: `notices to ${audience}`,
      problem: `nobody would be told: ${message.split('; ')[0]}`,
      remedy: message.split('; ').slice(1).join('; '),
    })),
    warnings:
      unreachable.length > 0
        ? []
        : [`no mail is sent: ${region} has no SES; the people in notices are told by webhook alone`],
  };
}
