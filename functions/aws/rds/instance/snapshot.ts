import {
  CreateDBSnapshotCommand,
  type DBSnapshot,
  DeleteDBSnapshotCommand,
  DescribeDBSnapshotsCommand,
  paginateDescribeDBSnapshots,
} from '@aws-sdk/client-rds';
import { defined } from '../../../contract/defined.ts';
import { isAwsError, unlessAwsError } from '../../../runtime/aws-errors.ts';
import { rds } from '../../../runtime/clients.ts';
import type { FoundSnapshot, Refusal, SnapshotRequest } from '../kind.ts';
import { NOT_LISTED } from '../kind.ts';
import { snapshotRefusal } from '../refusals.ts';

const NOT_FOUND = ['DBSnapshotNotFoundFault', 'DBSnapshotNotFound'];

export async function findSnapshot(identifier: string): Promise<FoundSnapshot | undefined> {
  const answer = await unlessAwsError(NOT_FOUND, () =>
    rds().send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: identifier })),
  );
  return answer?.DBSnapshots?.map(found)[0];
}

export async function listSnapshots(database: string): Promise<FoundSnapshot[]> {
  const snapshots: FoundSnapshot[] = [];
  for await (const page of paginateDescribeDBSnapshots(
    { client: rds() },
    { DBInstanceIdentifier: database, SnapshotType: 'manual' },
  ))
    snapshots.push(...(page.DBSnapshots ?? []).map(found));
  return snapshots;
}

export async function requestSnapshot({
  identifier,
  database,
  tags,
}: SnapshotRequest): Promise<FoundSnapshot | Refusal | typeof NOT_LISTED> {
  try {
    const answer = await rds().send(
      new CreateDBSnapshotCommand({
        DBSnapshotIdentifier: identifier,
        DBInstanceIdentifier: database,
        Tags: tags,
      }),
    );
    return answer.DBSnapshot === undefined ? NOT_LISTED : found(answer.DBSnapshot);
  } catch (error) {
    if (isAwsError(error, 'DBSnapshotAlreadyExistsFault', 'DBSnapshotAlreadyExists')) return NOT_LISTED;
    return snapshotRefusal(error);
  }
}

export async function requestSnapshotDeletion(identifier: string): Promise<void> {
  await unlessAwsError(NOT_FOUND, () =>
    rds().send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: identifier })),
  );
}

function found(snapshot: DBSnapshot): FoundSnapshot {
  return {
    identifier: snapshot.DBSnapshotIdentifier ?? '',
    arn: snapshot.DBSnapshotArn ?? '',
    database: snapshot.DBInstanceIdentifier ?? '',
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
