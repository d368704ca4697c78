import { paginateDescribeVolumes, type Volume } from '@aws-sdk/client-ec2';
import { ec2 } from '../shared/aws/clients.ts';
import { readEvidence } from '../shared/aws/evidence.ts';
import type { SystemConfig } from '../shared/contract/config.ts';
import { messageOf } from '../shared/contract/errors.ts';
import { EvidenceKey, ResourceTag } from '../shared/contract/keys.ts';
import type { Plan } from '../shared/contract/state.ts';
import type { KnownRun } from '../shared/known-runs.ts';
import { log } from '../shared/log.ts';
import { detachOrDelete, isTestVolume, plannedVolumes, sourceOf } from '../shared/test-volumes.ts';
import type { Deleted, Swept } from './copies.ts';
import { isOver } from './runs.ts';

/**
 * Removes every test volume whose run is over: attached ones are detached, the others deleted, so that one which was attached is gone an
 * hour later.
 *
 * Nobody unmounts it first. It was mounted read-only, so that nothing is lost when it is detached; where its server keeps it all the same,
 * it is still "detaching" at the next sweep, and pulled.
 */
export async function sweepVolumes(config: SystemConfig, runs: KnownRun[], dryRun: boolean): Promise<Swept> {
  const swept: Swept = { deleted: [], problems: [] };
  if (config.files.backup !== 'verify') return swept;
  const volumes = await testVolumes(config.name);
  const sources = new Set(volumes.map(sourceOf));
  for (const volume of volumes) {
    if (volume.State === 'deleting' || volume.State === 'deleted') continue;
    try {
      if (sources.has(volume.VolumeId))
        throw new Error('another volume is a copy of it, so it is left alone');
      const deleted = await sweep(config, runs, volume, dryRun);
      if (deleted !== undefined) swept.deleted.push(deleted);
    } catch (error) {
      // One that cannot be deleted keeps no other.
      const name = `test volume ${volume.VolumeId}`;
      log('error', 'tidy: a volume could not be swept', { name, reason: messageOf(error) });
      swept.problems.push(`${name}: ${messageOf(error)}`);
    }
  }
  return swept;
}

/** Volumes with the system's tag that name another one as their source, which no volume of the CRM does. */
async function testVolumes(system: string): Promise<Volume[]> {
  const Filters = [{ Name: `tag:${ResourceTag.System}`, Values: [system] }];
  const found: Volume[] = [];
  for await (const page of paginateDescribeVolumes({ client: ec2() }, { Filters }))
    found.push(...(page.Volumes ?? []));
  return found.filter((volume) => sourceOf(volume) !== undefined);
}

async function sweep(
  config: SystemConfig,
  runs: KnownRun[],
  volume: Volume,
  dryRun: boolean,
): Promise<Deleted | undefined> {
  const runId = volume.Tags?.find((tag) => tag.Key === ResourceTag.Run)?.Value ?? '';
  if (!runs.some((run) => run.id === runId))
    throw new Error(
      `its run "${runId}" left no evidence, so it is not deleted; expected ${ResourceTag.Run} to name a run: look at it and delete it by hand if it is a copy`,
    );
  if (!(await isOver(config.name, runId))) return undefined;
  const evidence = await readEvidence<{ plan?: Pick<Plan, 'files'> }>(EvidenceKey.plan(config.name, runId));
  const planned = plannedVolumes(evidence?.value.plan?.files);
  // Without the plan nobody knows which volumes are the CRM's.
  if (planned.length === 0 || !isTestVolume(volume, { system: config.name, runId, planned }))
    throw new Error(
      `it is no copy that run ${runId} made (source ${sourceOf(volume)}), so it is not deleted: look at it and delete it by hand if it is a copy`,
    );
  const [attachment] = volume.Attachments ?? [];
  const asked = dryRun
    ? attachment === undefined
      ? 'deleted'
      : 'detached'
    : await detachOrDelete(volume, attachment?.State === 'detaching');
  if (asked === 'nothing') return undefined;
  const held =
    attachment === undefined ? '' : ` by ${attachment.InstanceId}, detached and deleted at the next sweep`;
  return {
    runId,
    name: `test volume ${volume.VolumeId}`,
    reason: `was "${volume.State}"${held}, its run is over`,
  };
}
