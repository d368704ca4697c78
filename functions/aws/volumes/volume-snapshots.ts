import { paginateDescribeSnapshots, type Snapshot } from '@aws-sdk/client-ec2';
import { ResourceTag } from '../../contract/keys.ts';
import { ec2 } from '../../runtime/clients.ts';

/** The EBS snapshots with both tags of the run. */
export async function volumeSnapshotsOf(system: string, runId: string): Promise<Snapshot[]> {
  const pages = paginateDescribeSnapshots(
    { client: ec2() },
    {
      OwnerIds: ['self'],
      Filters: [
        { Name: `tag:${ResourceTag.System}`, Values: [system] },
        { Name: `tag:${ResourceTag.Run}`, Values: [runId] },
      ],
    },
  );
  const found: Snapshot[] = [];
  for await (const page of pages) found.push(...(page.Snapshots ?? []));
  return found;
}
