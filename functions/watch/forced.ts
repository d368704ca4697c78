import { DescribeEventsCommand } from '@aws-sdk/client-rds';
import { rds } from '../shared/aws/clients.ts';
import type { SystemConfig } from '../shared/contract/config.ts';

/** RDS keeps its events so long, in milliseconds: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEvents.html */
const KEPT = 14 * 24 * 3600_000;

/**
 * The events' list holds no event id, only its message, "DB instance is being started due to it exceeding the maximum allowed time being
 * stopped": https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html#RDS-EVENT-0154
 */
const FORCED_START = /exceeding the maximum allowed time/i;

/** Whether RDS itself has started the database since it was last seen stopped, as its own events say. In doubt it was somebody. */
export async function wasForced(config: SystemConfig, stoppedAt: string | undefined): Promise<boolean> {
  if (stoppedAt === undefined) return false;
  const oldest = Date.now() - KEPT + 60_000;
  const answer = await rds().send(
    new DescribeEventsCommand({
      SourceIdentifier: config.database.identifier,
      SourceType: config.database.kind === 'instance' ? 'db-instance' : 'db-cluster',
      StartTime: new Date(Math.max(oldest, Date.parse(stoppedAt))),
    }),
  );
  return (answer.Events ?? []).some((event) => FORCED_START.test(event.Message ?? ''));
}
