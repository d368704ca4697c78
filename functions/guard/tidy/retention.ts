import { DeleteSnapshotCommand } from '@aws-sdk/client-ec2';
import { hasTags, isMarked } from '../../aws/ownership.ts';
import type { FoundSnapshot } from '../../aws/rds/kind.ts';
import { databaseKindOf } from '../../aws/rds/kinds.ts';
import { volumeSnapshotsOf } from '../../aws/volumes/volume-snapshots.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { EvidenceKey, ResourceTag, resourceName } from '../../contract/keys.ts';
import { isAwsError } from '../../runtime/aws-errors.ts';
import { ec2 } from '../../runtime/clients.ts';
import { changeEvidence, readEvidence } from '../../runtime/evidence.ts';
import { readIntent } from '../intent.ts';
import type { KnownRun } from '../known-runs.ts';
import { type SnapshotKind, verifiedKindOf } from '../proof.ts';
import { keep, LeftAlone, type Swept } from './outcome.ts';
import type { Deleted, Untold } from './untold-deletions.ts';

export interface Retention extends Swept {
  /** Snapshots that the policy keeps, newest first. */
  kept: string[];
}

const DAY = 24 * 3600_000;

/**
 * Deletes the verified snapshots that the policy no longer keeps. The policy keeps the newest `retention.snapshots` of shutdowns and as many
 * of running systems, those of the last `retention.days`, and the snapshot of the shutdown that the system is off on.
 * Only snapshots that a later run's closing has marked as superseded are deleted. A snapshot that is not verified, or whose certificate is
 * missing, is reported and never deleted. The run's evidence records a deletion, with time and reason, before it happens.
 */
export async function retainSnapshots(
  config: SystemConfig,
  runs: KnownRun[],
  untold: Untold | undefined,
): Promise<Retention> {
  const retention: Retention = { deleted: [], kept: [], problems: [], failures: [] };
  const policy = config.retention;
  if (policy === 'keep-all') return retention;
  const intent = (await readIntent(config.name))?.value;
  const verified: Record<SnapshotKind, number> = { shutdown: 0, proof: 0 };
  for (const run of runs) {
    const identifier = resourceName(config.name, run.id);
    try {
      const snapshot = await databaseKindOf(config).findSnapshot(identifier);
      const kind = await verifiedKindOf(config.name, run.id);
      const isVerified = kind !== undefined;
      // Only existing snapshots count: the policy is about snapshots, not about certificates.
      const isThere = snapshot?.status === 'available';
      if (isVerified && isThere) verified[kind] += 1;
      const isOld = Date.now() - run.startedAt > policy.days * DAY;
      const isKept =
        !isOld ||
        intent?.run?.id === run.id ||
        // A later run's closing marks the snapshot; until then nobody may delete it.
        (isVerified && isThere && !isSuperseded(snapshot.tags)) ||
        // A deletion that has begun is completed, although the snapshot no longer counts.
        (isVerified &&
          verified[kind] <= policy.snapshots &&
          (isThere || !(await wasBegun(config.name, run.id))));
      if (isKept) {
        if (isVerified && snapshot !== undefined) retention.kept.push(identifier);
      } else if (isVerified) {
        await forget({ config, run, snapshot, untold, days: policy.days }, retention);
      } else if (snapshot !== undefined) {
        retention.problems.push(
          `snapshot ${identifier}: it was never verified, or its certificate is gone, so it is not deleted by itself`,
        );
      }
    } catch (error) {
      keep(retention, `snapshot ${identifier}`, error);
    }
  }
  return retention;
}

/** Tells whether the evidence records that the retention has begun to delete the run's snapshot. */
async function wasBegun(system: string, runId: string): Promise<boolean> {
  return (await readEvidence(EvidenceKey.retention(system, runId))) !== undefined;
}

/** Both marks, which only the closing of a verified run sets. RDS and EC2 refuse to delete a snapshot without both. */
function isSuperseded(tags: FoundSnapshot['tags'] | undefined): boolean {
  return isMarked(tags, ResourceTag.Verified) && isMarked(tags, ResourceTag.Superseded);
}

interface Forgotten {
  config: SystemConfig;
  run: KnownRun;
  snapshot: FoundSnapshot | undefined;
  untold: Untold | undefined;
  days: number;
}

async function forget(
  { config, run, snapshot, untold, days }: Forgotten,
  retention: Retention,
): Promise<void> {
  const volumes = await volumeSnapshots(config, run.id);
  const database = snapshot?.status === 'available' ? [snapshot.identifier] : [];
  const what = (name: string): Deleted => ({ runId: run.id, name: `snapshot ${name}`, reason });
  const reason = `older than ${days} days, and not among the newest verified ones`;
  await untold?.seen(
    ({ runId }) => runId === run.id,
    [...database, ...volumes].map((name) => what(name).name),
  );
  if (snapshot === undefined && volumes.length === 0) return;
  if (snapshot !== undefined && !isOwn(config, run.id, snapshot))
    throw new LeftAlone(
      'it does not carry the tags of its run or is of another database, so it is not deleted; expected this run’s own: look at it by hand',
    );
  // A snapshot already in deletion comes from a call that ended before it reached the volumes.
  if (snapshot !== undefined && !['available', 'deleting'].includes(snapshot.status)) return;
  if (untold === undefined) {
    retention.deleted.push(...[...database, ...volumes].map(what));
    return;
  }
  await noteInEvidence(config.name, run.id, [...database, ...volumes], reason);
  const kind = databaseKindOf(config);
  const remove = async (
    name: string,
    request: () => Promise<void>,
    isThere: () => Promise<boolean>,
  ): Promise<boolean> => {
    try {
      await untold.delete({ what: what(name), request, isThere });
      retention.deleted.push(what(name));
      return true;
    } catch (error) {
      keep(retention, `snapshot ${name}`, error);
      return false;
    }
  };
  for (const identifier of database) {
    const isGone = await remove(
      identifier,
      () => kind.requestSnapshotDeletion(identifier),
      async () => (await kind.findSnapshot(identifier))?.status === 'available',
    );
    // If the database's snapshot stays, a person may want it again, and its files too.
    if (!isGone) return;
  }
  for (const SnapshotId of volumes) {
    await remove(
      SnapshotId,
      () => deleteVolumeSnapshot(SnapshotId),
      async () => (await volumeSnapshots(config, run.id)).includes(SnapshotId),
    );
  }
}

/** Records in a run's evidence what is deleted of it, even if the deletion takes more than a day. */
async function noteInEvidence(system: string, runId: string, names: string[], reason: string): Promise<void> {
  await changeEvidence<{ at: string; deleted: string[]; reason: string }>(
    EvidenceKey.retention(system, runId),
    (current) => {
      const fresh = names.filter((name) => current?.deleted.includes(name) !== true);
      if (fresh.length === 0) return undefined;
      const at = current?.at ?? new Date(Date.now()).toISOString();
      return { at, deleted: [...(current?.deleted ?? []), ...fresh], reason };
    },
  );
}

/** Deleting is final: name, source and both tags must show that the snapshot is this run's. */
function isOwn(config: SystemConfig, runId: string, snapshot: FoundSnapshot): boolean {
  return (
    snapshot.identifier.toLowerCase() === resourceName(config.name, runId) &&
    snapshot.database.toLowerCase() === config.database.identifier.toLowerCase() &&
    hasTags(snapshot.tags, config.name, runId)
  );
}

/** The EBS snapshots of a run that newer verified snapshots have superseded, by their tags. EC2 lets this function delete no other. */
async function volumeSnapshots({ name, files }: SystemConfig, runId: string): Promise<string[]> {
  if (files.backup === 'none') return [];
  const snapshots = await volumeSnapshotsOf(name, runId);
  return snapshots.filter(({ Tags }) => isSuperseded(Tags)).flatMap(({ SnapshotId }) => SnapshotId ?? []);
}

async function deleteVolumeSnapshot(SnapshotId: string): Promise<void> {
  try {
    await ec2().send(new DeleteSnapshotCommand({ SnapshotId }));
  } catch (error) {
    if (!isAwsError(error, 'InvalidSnapshot.NotFound')) throw error;
  }
}
