import { paginateDescribeVolumes, type Volume } from '@aws-sdk/client-ec2';
import { detachOrDelete, isTestVolume, plannedVolumes, sourceOf } from '../../aws/volumes/test-volumes.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { EvidenceKey, ResourceTag } from '../../contract/keys.ts';
import type { Plan } from '../../contract/plan-state.ts';
import { ec2 } from '../../runtime/clients.ts';
import { readEvidence } from '../../runtime/evidence.ts';
import type { KnownRun } from '../known-runs.ts';
import { keep, LeftAlone, type Swept } from './outcome.ts';
import { isOver } from './runs.ts';
import type { Deleted, Untold } from './untold-deletions.ts';

/**
 * Removes every test volume whose run is over. An attached volume is detached, a detached volume is deleted, so an attached volume is gone
 * an hour later.
 *
 * No server unmounts the volume first: it was mounted read-only, so detaching loses nothing. If the server still holds the volume, its
 * attachment is still "detaching" at the next sweep and is then forced.
 */
export async function sweepVolumes(
  config: SystemConfig,
  runs: KnownRun[],
  untold: Untold | undefined,
): Promise<Swept> {
  const swept: Swept = { deleted: [], problems: [], failures: [] };
  if (config.files.backup !== 'verify') return swept;
  const volumes = await testVolumes(config.name);
  const sources = new Set(volumes.map(sourceOf));
  const there = volumes.filter(({ State }) => State !== 'deleting' && State !== 'deleted');
  await untold?.seen(({ name }) => name.startsWith(NAME), there.map(nameOf));
  for (const volume of there) {
    try {
      if (sources.has(volume.VolumeId))
        throw new LeftAlone('another volume is a copy of it, so it is left alone');
      const deleted = await sweep(config, runs, volume, untold);
      if (deleted !== undefined) swept.deleted.push(deleted);
    } catch (error) {
      keep(swept, nameOf(volume), error);
    }
  }
  return swept;
}

const NAME = 'test volume ';

function nameOf({ VolumeId }: Volume): string {
  return `${NAME}${VolumeId}`;
}

/** Volumes with the system's tag that name another volume as their source. No volume of the CRM does. */
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
  untold: Untold | undefined,
): Promise<Deleted | undefined> {
  const runId = volume.Tags?.find((tag) => tag.Key === ResourceTag.Run)?.Value ?? '';
  if (!runs.some((run) => run.id === runId))
    throw new LeftAlone(
      `its run "${runId}" left no evidence, so it is not deleted; expected ${ResourceTag.Run} to name a run: look at it and delete it by hand if it is a copy`,
    );
  if (!(await isOver(config.name, runId))) return undefined;
  const evidence = await readEvidence<{ plan?: Pick<Plan, 'files'> }>(EvidenceKey.plan(config.name, runId));
  const planned = plannedVolumes(evidence?.value.plan?.files);
  // Without the plan nobody knows which volumes are the CRM's.
  if (planned.length === 0 || !isTestVolume(volume, { system: config.name, runId, planned }))
    throw new LeftAlone(
      `it is no copy that run ${runId} made (source ${sourceOf(volume)}), so it is not deleted: look at it and delete it by hand if it is a copy`,
    );
  const [attachment] = volume.Attachments ?? [];
  const held =
    attachment === undefined ? '' : ` by ${attachment.InstanceId}, detached and deleted at the next sweep`;
  const what = {
    runId,
    name: nameOf(volume),
    reason: `was "${volume.State}"${held}, its run is over`,
  };
  const request = async (): Promise<boolean> =>
    (await detachOrDelete(volume, attachment?.State === 'detaching')) !== 'nothing';
  const isThere = async (): Promise<boolean> => {
    const now = (await testVolumes(config.name)).find(({ VolumeId }) => VolumeId === volume.VolumeId);
    const isAsBefore =
      now?.State === volume.State && now?.Attachments?.[0]?.State === volume.Attachments?.[0]?.State;
    return now !== undefined && isAsBefore;
  };
  return untold === undefined || (await untold.delete({ what, request, isThere })) ? what : undefined;
}
