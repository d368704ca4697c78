import type { SystemConfig } from '../../functions/contract/config.ts';
import type { Beside, RestoredDatabase } from './beside.ts';
import type { RunSnapshot } from './snapshots.ts';

export function listInWords(snapshots: RunSnapshot[]): string {
  if (snapshots.length === 0) return 'RDS has no snapshot of a run of this system.\n';
  const rows = snapshots.map(({ run, isVerified, status, identifier }) => [
    run,
    isVerified ? 'proved' : 'not proved',
    status,
    identifier,
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`)
    .join('');
}

/**
 * What was made, how the CRM is pointed at it, and what a person has to know of it. The endpoint follows from the name
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RenameInstance.html); RDS modifies no stopped database
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html) and loads a restored one lazily
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RestoreFromSnapshot.html).
 */
export function restoredInWords(
  { database: { identifier: source, kind } }: SystemConfig,
  { identifier, snapshot }: Beside,
  restored: RestoredDatabase | undefined,
  renaming: string[],
): string {
  const made = `${identifier}, from the proved snapshot ${snapshot.identifier} of run ${snapshot.run}`;
  if (restored?.progress !== 'ready')
    return `Asked for: ${made}.\nIt becomes available in a quarter of an hour, or in hours where it is large. The same command waits for it.\n`;
  const readers =
    kind === 'cluster' ? '\nThe cluster has its writer alone. Add readers where the old one has any.' : '';
  return `Restored: ${made}.
  Endpoint   ${restored.address ?? 'unknown'}:${restored.port ?? 'unknown'}
  ARN        ${restored.arn}

${source} was not touched. To point the CRM at the restored one, either
  1. set its connection string (or the DNS name it uses) to the endpoint above, and start its services again; or
  2. let it take the old name, and with it the old endpoint, while the CRM is stopped and both databases run:
${renaming.map((command) => `       ${command}`).join('\n')}
     Wait after the first until the old name is gone. Lights Out goes on with the name in systems.ts.
${readers}
Its first reads are slow: RDS fetches each block from the snapshot when it is asked for. It costs money until somebody deletes it.
`;
}
