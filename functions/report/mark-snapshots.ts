import { CreateTagsCommand } from '@aws-sdk/client-ec2';
import { AddTagsToResourceCommand } from '@aws-sdk/client-rds';
import { hasTags, isMarked } from '../aws/ownership.ts';
import type { FoundSnapshot } from '../aws/rds/kind.ts';
import { databaseKindOf } from '../aws/rds/kinds.ts';
import { volumeSnapshotsOf } from '../aws/volumes/volume-snapshots.ts';
import type { SystemConfig } from '../contract/config.ts';
import { MARKED, ResourceTag, resourceName } from '../contract/keys.ts';
import { startOf } from '../guard/known-runs.ts';
import { type SnapshotKind, verifiedKindOf } from '../guard/proof.ts';
import { ec2, rds } from '../runtime/clients.ts';

/** The most resources that EC2 tags in one call: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html */
const RESOURCES_A_CALL = 1000;

/**
 * Marks the snapshots of verified runs as verified. A snapshot with enough newer verified ones of its kind is marked as superseded too. The retention's
 * role may only delete snapshots with both marks, and no other role may set them. So no fault of the retention costs a backup that is still
 * wanted.
 *
 * Called at the end of a run whose backup was verified. Twice is harmless, and the work that an earlier call left undone is done.
 */
export async function markSnapshots(config: SystemConfig): Promise<void> {
  const runs = await availableSnapshots(config);
  const verified: Record<SnapshotKind, OwnSnapshot[]> = { shutdown: [], proof: [] };
  for (const own of runs) {
    const marked = isMarked(own.snapshot.tags, ResourceTag.Verified);
    const kind = await verifiedKindOf(config.name, own.runId);
    // A marked one was verified, also where its certificate is gone.
    if (kind === undefined && !marked) continue;
    verified[kind ?? 'shutdown'].push(own);
    if (!marked) await mark(config, own, ResourceTag.Verified);
  }
  if (config.retention === 'keep-all') return;
  for (const ofKind of Object.values(verified))
    for (const own of ofKind.slice(config.retention.snapshots))
      if (!isMarked(own.snapshot.tags, ResourceTag.Superseded))
        await mark(config, own, ResourceTag.Superseded);
}

interface OwnSnapshot {
  runId: string;
  snapshot: FoundSnapshot;
}

/** Available snapshots of this system's runs, newest first. */
async function availableSnapshots(config: SystemConfig): Promise<OwnSnapshot[]> {
  const prefix = resourceName(config.name, '');
  const snapshots = await databaseKindOf(config).listSnapshots(config.database.identifier);
  return snapshots
    .flatMap((snapshot) => {
      const runId = snapshot.identifier.startsWith(prefix) ? snapshot.identifier.slice(prefix.length) : '';
      const isOwn = startOf(runId) !== undefined && hasTags(snapshot.tags, config.name, runId);
      return isOwn && snapshot.status === 'available' ? [{ runId, snapshot }] : [];
    })
    .sort((a, b) => (startOf(b.runId) ?? 0) - (startOf(a.runId) ?? 0));
}

/** The run's volumes come first: once the database's snapshot has the mark, nobody looks at them again. */
async function mark(
  config: SystemConfig,
  { runId, snapshot }: OwnSnapshot,
  key: typeof ResourceTag.Verified | typeof ResourceTag.Superseded,
): Promise<void> {
  const Tags = [{ Key: key, Value: MARKED }];
  const volumes = config.files.backup === 'none' ? [] : await volumeSnapshotsOf(config.name, runId);
  const ids = volumes.flatMap(({ SnapshotId }) => SnapshotId ?? []);
  for (let first = 0; first < ids.length; first += RESOURCES_A_CALL) {
    const Resources = ids.slice(first, first + RESOURCES_A_CALL);
    await ec2().send(new CreateTagsCommand({ Resources, Tags }));
  }
  await rds().send(new AddTagsToResourceCommand({ ResourceName: snapshot.arn, Tags }));
}
