import { databaseEventsSince } from '../../aws/rds/events.ts';
import type { SystemConfig } from '../../contract/config.ts';

/**
 * "DB instance is being started due to it exceeding the maximum allowed time being stopped":
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html#RDS-EVENT-0154
 */
const FORCED_START = /exceeding the maximum allowed time/i;

/** Tells whether RDS itself started the database after it was last seen stopped, by RDS's own events. In doubt a person did. */
export async function wasForced(config: SystemConfig, stoppedAt: string | undefined): Promise<boolean> {
  if (stoppedAt === undefined) return false;
  return (await databaseEventsSince(config, stoppedAt)).some((message) => FORCED_START.test(message));
}
