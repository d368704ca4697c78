import { DeleteSnapshotCommand, paginateDescribeSnapshots } from '@aws-sdk/client-ec2';
import { ec2 } from '../shared/aws/clients.ts';
import { isAwsError } from '../shared/aws/errors.ts';
import { readEvidence, writeEvidence } from '../shared/aws/evidence.ts';
import type { SystemConfig } from '../shared/contract/config.ts';
import { messageOf } from '../shared/contract/errors.ts';
import { EvidenceKey, ResourceTag, resourceName } from '../shared/contract/keys.ts';
import type { FoundSnapshot } from '../shared/database-kinds/kind.ts';
import { kindOf } from '../shared/database-kinds/kinds.ts';
import { readIntent } from '../shared/intent.ts';
import type { KnownRun } from '../shared/known-runs.ts';
import { log } from '../shared/log.ts';
import { hasTags } from '../shared/ownership.ts';
import type { CertifiedSnapshot } from '../shared/proof.ts';
import type { Deleted } from './copies.ts';

export interface Retention {
  deleted: Deleted[];
  /** Snapshots that are kept by the policy, newest first. */
  kept: string[];
  /** Snapshots that are neither kept by the policy nor deleted, and why: a sentence each. */
  problems: string[];
}

const DAY = 24 * 3600_000;

/**
 * Deletes the verified snapshots that the policy no longer keeps: all but the newest `retention.snapshots` of them, those of the last
 * `retention.days`, and the one that the system is off on. One that is not verified, or whose certificate is gone, is never deleted: it is
 * named. Before a deletion the run's evidence says that, when and why.
 */
export async function retainSnapshots(
  config: SystemConfig,
  runs: KnownRun[],
  dryRun: boolean,
): Promise<Retention> {
  const retention: Retention = { deleted: [], kept: [], problems: [] };
  const policy = config.retention;
  if (policy === 'keep-all') return retention;
  const intent = (await readIntent(config.name))?.value;
  let verified = 0;
  for (const run of runs) {
    const identifier = resourceName(config.name, run.id);
    try {
      const snapshot = await kindOf(config).findSnapshot(identifier);
      const isVerified = await wasVerified(config.name, run.id);
      // Only what is still there counts: the policy is about snapshots, not about certificates.
      if (isVerified && snapshot?.status === 'available') verified += 1;
      const isOld = Date.now() - run.startedAt > policy.days * DAY;
      if (!isOld || intent?.run?.id === run.id || (isVerified && verified <= policy.snapshots)) {
        if (isVerified && snapshot !== undefined) retention.kept.push(identifier);
      } else if (isVerified) {
        await forget({ config, run, snapshot, dryRun, days: policy.days }, retention);
      } else if (snapshot !== undefined) {
        retention.problems.push(
          `snapshot ${identifier}: it was never verified, or its certificate is gone, so it is not deleted by itself`,
        );
      }
    } catch (error) {
      log('error', 'tidy: a snapshot could not be deleted', { identifier, reason: messageOf(error) });
      retention.problems.push(`snapshot ${identifier}: ${messageOf(error)}`);
    }
  }
  return retention;
}

async function wasVerified(system: string, runId: string): Promise<boolean> {
  const certificate = await readEvidence<CertifiedSnapshot>(EvidenceKey.certificate(system, runId));
  const snapshot = certificate?.value.snapshot;
  return snapshot?.verified === true && snapshot.identifier === resourceName(system, runId);
}

interface Forgotten {
  config: SystemConfig;
  run: KnownRun;
  snapshot: FoundSnapshot | undefined;
  dryRun: boolean;
  days: number;
}

async function forget(
  { config, run, snapshot, dryRun, days }: Forgotten,
  retention: Retention,
): Promise<void> {
  const volumes = await volumeSnapshots(config.name, run.id);
  if (snapshot === undefined && volumes.length === 0) return;
  if (snapshot !== undefined && !isOwn(config, run.id, snapshot))
    throw new Error(
      'it does not carry the tags of its run or is of another database, so it is not deleted; expected this run’s own: look at it by hand',
    );
  if (snapshot !== undefined && snapshot.status !== 'available') return;
  const reason = `older than ${days} days, and not among the newest verified ones`;
  const names = [...(snapshot === undefined ? [] : [snapshot.identifier]), ...volumes];
  if (!dryRun) {
    const at = new Date(Date.now()).toISOString();
    await writeEvidence(EvidenceKey.retention(config.name, run.id), { at, deleted: names, reason });
    if (snapshot !== undefined) await kindOf(config).requestSnapshotDeletion(snapshot.identifier);
    for (const SnapshotId of volumes) await deleteVolumeSnapshot(SnapshotId);
  }
  for (const each of names) retention.deleted.push({ runId: run.id, name: `snapshot ${each}`, reason });
}

/** Deleting is final: name, source and both tags must agree that it is this run's. */
function isOwn(config: SystemConfig, runId: string, snapshot: FoundSnapshot): boolean {
  return (
    snapshot.identifier.toLowerCase() === resourceName(config.name, runId) &&
    snapshot.database.toLowerCase() === config.database.identifier.toLowerCase() &&
    hasTags(snapshot.tags, config.name, runId)
  );
}

/** The EBS snapshots of a run, by both of its tags. */
async function volumeSnapshots(system: string, runId: string): Promise<string[]> {
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
  const ids: string[] = [];
  for await (const page of pages)
    ids.push(...(page.Snapshots ?? []).flatMap(({ SnapshotId }) => SnapshotId ?? []));
  return ids;
}

async function deleteVolumeSnapshot(SnapshotId: string): Promise<void> {
  try {
    await ec2().send(new DeleteSnapshotCommand({ SnapshotId }));
  } catch (error) {
    if (!isAwsError(error, 'InvalidSnapshot.NotFound')) throw error;
  }
}
