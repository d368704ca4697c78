import {
  CreateDBSnapshotCommand,
  type DBSnapshot,
  DeleteDBSnapshotCommand,
  DescribeDBSnapshotsCommand,
  paginateDescribeDBSnapshots,
} from '@aws-sdk/client-rds';
import { isAwsError } from '../../../runtime/aws-errors.ts';
import { rds } from '../../../runtime/clients.ts';
import type { FoundSnapshot, Refusal, SnapshotRequest } from '../kind.ts';
import { NOT_LISTED } from '../kind.ts';
import { snapshotRefusal } from '../refusals.ts';

export async function findSnapshot(identifier: string): Promise<FoundSnapshot | undefined> {
  try {
    const answer = await rds().send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: identifier }));
    const [snapshot] = answer.DBSnapshots ?? [];
    return snapshot === undefined ? undefined : found(snapshot);
  } catch (error) {
    if (isAwsError(error, 'DBSnapshotNotFoundFault', 'DBSnapshotNotFound')) return undefined;
    throw error;
  }
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
  try {
    await rds().send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: identifier }));
  } catch (error) {
    if (!isAwsError(error, 'DBSnapshotNotFoundFault', 'DBSnapshotNotFound')) throw error;
  }
}

function found(snapshot: DBSnapshot): FoundSnapshot {
  return {
    identifier: snapshot.DBSnapshotIdentifier ?? '',
    arn: snapshot.DBSnapshotArn ?? '',
    database: snapshot.DBInstanceIdentifier ?? '',
    status: snapshot.Status ?? 'unknown',
    percent: snapshot.PercentProgress ?? 0,
    tags: snapshot.TagList ?? [],
    ...(snapshot.EngineVersion === undefined ? {} : { engineVersion: snapshot.EngineVersion }),
  };
}
