import type { SystemConfig } from '../../functions/contract/config.ts';
import type { Beside, RestoredDatabase } from './beside.ts';
import type { RunSnapshot } from './snapshots.ts';

export function listInWords(snapshots: RunSnapshot[]): string {
  if (snapshots.length === 0) return 'RDS has no snapshot of a run of this system.\n';
  const rows = snapshots.map(({ run, takenAt, isVerified, status, identifier }) => [
    run,
    momentOf(takenAt),
    isVerified ? 'proved' : 'not proved',
    status,
    identifier,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`)
    .join('');
}

/** `2026-11-27 14:31 UTC` */
const momentOf = (at: string | undefined): string =>
  at === undefined ? 'no time yet' : `${at.slice(0, 16).replace('T', ' ')} UTC`;

/**
 * RDS loads a restored instance lazily (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RestoreFromSnapshot.html,
 * https://aws.amazon.com/blogs/database/prewarm-an-amazon-rds-for-oracle-database-to-reduce-the-impact-of-lazy-loading/).
 */
const LAZY =
  'Its first reads are slow: RDS fetches each block from S3 when it is first asked for, and the rest in the background.';

/** What this command's requests do not name. RDS takes none of it when an instance is restored, and some of it for a cluster. */
const NOT_CARRIED_OVER =
  'Not carried over: the automated backups made so far, Enhanced Monitoring, Performance Insights, IAM roles, read replicas, alarms on the old one.';

/**
 * What was made, how the CRM is pointed at it, and what a person has to know of it. The endpoint follows from the name, and a renamed database
 * restarts (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RenameInstance.html). RDS modifies no stopped database
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html).
 */
export function restoredInWords(
  { name, database: { identifier: source, kind } }: SystemConfig,
  { identifier, snapshot }: Beside,
  restored: RestoredDatabase | undefined,
  renaming: string[],
): string {
  const made = `${identifier}, from the proved snapshot ${snapshot.identifier} of run ${snapshot.run}, taken ${momentOf(snapshot.takenAt)}`;
  const isCluster = kind === 'cluster';
  if (restored?.progress !== 'ready')
    return `Asked for: ${made}.
It becomes available in a quarter of an hour, or in hours where it is large. The same command waits for it${isCluster ? ' and makes its writer: until then nobody can connect' : ''}.
`;
  const notes = [
    ...(isCluster ? ['The cluster has its writer alone. Add readers where the old one has any.'] : [LAZY]),
    NOT_CARRIED_OVER,
    'Its passwords are those of the moment of the snapshot: a secret that was rotated since does not fit.',
    'It costs money until somebody deletes it. Nothing of Lights Out does.',
  ];
  return `Restored: ${made}.
  Endpoint   ${restored.address ?? 'unknown'}:${restored.port ?? 'unknown'}
  ARN        ${restored.arn}

${source} was not touched. To point the CRM at the restored one, either
  1. set its connection string, or the CNAME that it uses in DNS, to the endpoint above, and start its services again; or
  2. let it take the old name, and with it the old endpoint, while the CRM is stopped and both databases run:
${renaming.map((command) => `       ${command}`).join('\n')}
     Wait after the first until the old name is gone: some ten minutes. Lights Out goes on with the name in systems.ts.
     Where a shutdown has switched ${name} off, type this before, or what is started is stopped again:
       npm run -s lights-out -- release --system ${name}

${notes.map((note) => `${note}\n`).join('')}`;
}
