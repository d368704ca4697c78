import { paginateDescribeEvents } from '@aws-sdk/client-rds';
import type { SystemConfig } from '../../contract/config.ts';
import { rds } from '../../runtime/clients.ts';

/** RDS keeps its events so long, in milliseconds: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEvents.html */
const KEPT = 14 * 24 * 3600_000;

/**
 * What RDS has told of the system's database since a time, as far as it keeps it: the messages of its events, oldest first. The list holds no
 * event ids. All pages, and with an end: a request without one may mean the sixty minutes after its start.
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
      // A minute less than is kept: RDS refuses a start before that.
      StartTime: new Date(Math.max(now - KEPT + 60_000, Date.parse(since))),
      EndTime: new Date(now),
    },
  );
  const messages: string[] = [];
  for await (const { Events = [] } of pages) messages.push(...Events.map(({ Message = '' }) => Message));
  return messages;
}
