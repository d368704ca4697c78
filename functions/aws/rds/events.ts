import { paginateDescribeEvents } from '@aws-sdk/client-rds';
import type { SystemConfig } from '../../contract/config.ts';
import { rds } from '../../runtime/clients.ts';

/** RDS keeps its events this long: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEvents.html */
const KEPT_MS = 14 * 24 * 3600_000;

/**
 * RDS's event messages about the system's database since a time, as far as RDS keeps them, oldest first. RDS lists no event ids. The
 * request names an end: without one RDS may answer only the sixty minutes after the start.
 *
 * @param since - ISO 8601.
 */
export async function databaseEventsSince({ database }: SystemConfig, since: string): Promise<string[]> {
  const now = Date.now();
  const pages = paginateDescribeEvents(
    { client: rds() },
    {
      SourceIdentifier: database.identifier,
      SourceType: database.kind === 'instance' ? 'db-instance' : 'db-cluster',
      // A minute later than RDS keeps events: RDS refuses an earlier start.
      StartTime: new Date(Math.max(now - KEPT_MS + 60_000, Date.parse(since))),
      EndTime: new Date(now),
    },
  );
  const messages: string[] = [];
  for await (const { Events = [] } of pages) messages.push(...Events.map(({ Message = '' }) => Message));
  return messages;
}
