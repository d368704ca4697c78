import {
  CreateDBClusterSnapshotCommand,
  type DBClusterSnapshot,
  DeleteDBClusterSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
  paginateDescribeDBClusterSnapshots,
} from '@aws-sdk/client-rds';
import { defined } from '../../../contract/defined.ts';
import { isAwsError, unlessAwsError } from '../../../runtime/aws-errors.ts';
import { rds } from '../../../runtime/clients.ts';
import type { FoundSnapshot, Refusal, SnapshotRequest } from '../kind.ts';
import { NOT_LISTED } from '../kind.ts';
import { snapshotRefusal } from '../refusals.ts';

const NOT_FOUND = ['DBClusterSnapshotNotFoundFault'];

export async function findSnapshot(identifier: string): Promise<FoundSnapshot | undefined> {
  const answer = await unlessAwsError(NOT_FOUND, () =>
    rds().send(new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: identifier })),
  );
  return answer?.DBClusterSnapshots?.map(found)[0];
}

export async function listSnapshots(database: string): Promise<FoundSnapshot[]> {
  const snapshots: FoundSnapshot[] = [];
  for await (const page of paginateDescribeDBClusterSnapshots(
    { client: rds() },
    { DBClusterIdentifier: database, SnapshotType: 'manual' },
  ))
    snapshots.push(...(page.DBClusterSnapshots ?? []).map(found));
  return snapshots;
}

export async function requestSnapshot({
  identifier,
  database,
  tags,
}: SnapshotRequest): Promise<FoundSnapshot | Refusal | typeof NOT_LISTED> {
  try {
    const answer = await rds().send(
      new CreateDBClusterSnapshotCommand({
        DBClusterSnapshotIdentifier: identifier,
        DBClusterIdentifier: database,
        Tags: tags,
      }),
    );
    return answer.DBClusterSnapshot === undefined ? NOT_LISTED : found(answer.DBClusterSnapshot);
  } catch (error) {
    if (isAwsError(error, 'DBClusterSnapshotAlreadyExistsFault')) return NOT_LISTED;
    return snapshotRefusal(error);
  }
}

export async function requestSnapshotDeletion(identifier: string): Promise<void> {
  await unlessAwsError(NOT_FOUND, () =>
    rds().send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: identifier })),
  );
}

function found(snapshot: DBClusterSnapshot): FoundSnapshot {
  return {
    identifier: snapshot.DBClusterSnapshotIdentifier ?? '',
    arn: snapshot.DBClusterSnapshotArn ?? '',
    database: snapshot.DBClusterIdentifier ?? '',
    status: snapshot.Status ?? 'unknown',
    percent: snapshot.PercentProgress ?? 0,
    tags: snapshot.TagList ?? [],
    ...defined({
      engineVersion: snapshot.EngineVersion,
      engine: snapshot.Engine,
      takenAt: snapshot.SnapshotCreateTime?.toISOString(),
    }),
  };
}
