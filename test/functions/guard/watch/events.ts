/** An event of RDS about the system's database. */
export const rdsEvent = (EventID: string) => ({
  source: 'aws.rds',
  'detail-type': 'RDS DB Instance Event',
  detail: { EventID, SourceIdentifier: 'crm-db' },
});

/** What the watch is called with every hour. */
export const hour = { look: true };
