import {
  CreateSnapshotsCommand,
  paginateDescribeSnapshots,
  type Snapshot,
  type SnapshotInfo,
} from '@aws-sdk/client-ec2';
import { tagsOf } from '../../aws/ownership.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { ErrorName, LightsOutError, messageOf } from '../../contract/errors.ts';
import { EvidenceKey, RESOURCE_PREFIX, ResourceTag } from '../../contract/keys.ts';
import type { RunContext } from '../../contract/state.ts';
import type { PlannedVolumes, VolumeSnapshot } from '../../contract/volumes-state.ts';
import { isAwsError, isAwsRefusal } from '../../runtime/aws-errors.ts';
import { ec2, ec2Once } from '../../runtime/clients.ts';
import { readEvidence, writeEvidenceIf } from '../../runtime/evidence.ts';
import { log } from '../../runtime/log.ts';

/**
 * If the answer of a request was lost, EC2 may have done it, and its snapshots are listed within seconds. If nothing is listed after this
 * many seconds, EC2 never did it.
 */
const VISIBLE_WITHIN_SECONDS = 180;

/** The most requests for one server's snapshots. Each request with an unknown outcome costs the time above. */
const MOST_REQUESTS = 3;

/** What `volumes/request-<instance>.json` holds. */
interface RequestMark {
  /** The number of the request, from 1. The snapshots' tags hold it, so that a set is known as one. */
  number: number;
  requestedAt: string;
  /** EC2 refused the request, so it certainly made nothing. */
  refused?: true;
}

/** EC2 is busy with other snapshots of these volumes, which passes. */
const BUSY = [
  'ConcurrentSnapshotLimitExceeded',
  'PendingSnapshotLimitExceeded',
  'SnapshotCreationPerVolumeRateExceeded',
  'IncorrectState',
];

/**
 * The snapshots that this run made of one server's volumes. If there are several sets (a request was made twice after all), the first
 * complete set counts, else the first.
 */
export async function findSet(
  run: Pick<RunContext, 'id' | 'system'>,
  server: PlannedVolumes,
): Promise<VolumeSnapshot[]> {
  const pages = paginateDescribeSnapshots(
    { client: ec2() },
    {
      OwnerIds: ['self'],
      Filters: [
        { Name: `tag:${ResourceTag.System}`, Values: [run.system] },
        { Name: `tag:${ResourceTag.Run}`, Values: [run.id] },
        { Name: `tag:${ResourceTag.VolumeSet}`, Values: setsOf(server.instanceId) },
      ],
    },
  );
  const found: Snapshot[] = [];
  for await (const page of pages) found.push(...(page.Snapshots ?? []));
  const sets = [...Map.groupBy(found, setOf).entries()]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([, snapshots]) => snapshots.map((snapshot) => seen(server, snapshot)));
  return sets.find((set) => missingFrom(server, set).length === 0) ?? sets[0] ?? [];
}

/** Planned volumes that have no snapshot in a set. */
export function missingFrom(server: PlannedVolumes, set: VolumeSnapshot[]): string[] {
  return server.volumes
    .map((volume) => volume.volumeId)
    .filter((volumeId) => !set.some((snapshot) => snapshot.volumeId === volumeId));
}

/**
 * Requests the snapshots of one server's volumes once. The evidence marks the request before it is made. While its outcome is unknown, no
 * other request is made.
 */
export async function requestSet(
  run: Pick<RunContext, 'id' | 'system'>,
  server: PlannedVolumes,
  { files: { bootVolumes }, tags }: Pick<SystemConfig, 'files' | 'tags'>,
): Promise<VolumeSnapshot[] | 'not listed yet' | 'busy'> {
  const key = EvidenceKey.volumesRequest(run.system, run.id, server.instanceId);
  const held = await readEvidence<RequestMark>(key);
  const { number: last = 0, requestedAt, refused } = held?.value ?? {};
  const open = requestedAt !== undefined && refused !== true;
  if (open && (Date.now() - Date.parse(requestedAt)) / 1000 < VISIBLE_WITHIN_SECONDS) return 'not listed yet';
  const number = refused === true ? last : last + 1;
  if (number > MOST_REQUESTS)
    throw failed(server, `no snapshot is to be found after ${MOST_REQUESTS} requests`);
  const mark: RequestMark = { number, requestedAt: new Date(Date.now()).toISOString() };
  const etag = await writeEvidenceIf(key, mark, held?.etag);
  // Another call of the same step was faster: that call makes the request.
  if (etag === undefined) return 'not listed yet';
  try {
    const answer = await create(run, server, number, { bootVolumes, tags });
    return answer.map((snapshot) => seen(server, snapshot));
  } catch (error) {
    // If the answer is lost, the mark stays: the next call looks for the snapshots before it makes another request.
    if (!isAwsRefusal(error)) throw error;
    await writeEvidenceIf(key, { ...mark, refused: true } satisfies RequestMark, etag);
    if (isAwsError(error, ...BUSY)) {
      log('info', 'volumes: EC2 refused it just now; it is asked for again', { reason: messageOf(error) });
      return 'busy';
    }
    if (isAwsError(error, 'SnapshotLimitExceeded', 'ResourceLimitExceeded')) {
      throw failed(
        server,
        'the account has reached its quota of EBS snapshots: delete old ones or ask for a higher quota',
      );
    }
    throw error;
  }
}

async function create(
  run: Pick<RunContext, 'id' | 'system'>,
  server: PlannedVolumes,
  number: number,
  { bootVolumes, tags }: { bootVolumes: boolean; tags: SystemConfig['tags'] },
): Promise<SnapshotInfo[]> {
  const answer = await ec2Once().send(
    new CreateSnapshotsCommand({
      InstanceSpecification: {
        InstanceId: server.instanceId,
        ExcludeBootVolume: !bootVolumes,
        ...(server.excluded.length === 0 ? {} : { ExcludeDataVolumeIds: server.excluded }),
      },
      Description: `${RESOURCE_PREFIX}: ${run.system}, run ${run.id}, server ${server.name}`,
      CopyTagsFromSource: 'volume',
      TagSpecifications: [
        {
          ResourceType: 'snapshot',
          Tags: tagsOf({ name: run.system, tags }, run.id, [], {
            [ResourceTag.VolumeSet]: `${server.instanceId}/${number}`,
          }),
        },
      ],
    }),
  );
  return answer.Snapshots ?? [];
}

function setsOf(instanceId: string): string[] {
  return Array.from({ length: MOST_REQUESTS }, (_each, index) => `${instanceId}/${index + 1}`);
}

function setOf(snapshot: Snapshot): string {
  return snapshot.Tags?.find((tag) => tag.Key === ResourceTag.VolumeSet)?.Value ?? '';
}

function seen(server: PlannedVolumes, snapshot: Snapshot | SnapshotInfo): VolumeSnapshot {
  const volume = server.volumes.find((each) => each.volumeId === snapshot.VolumeId);
  const percent = Number.parseInt(snapshot.Progress ?? '', 10);
  return {
    server: server.name,
    volumeId: snapshot.VolumeId ?? '',
    snapshotId: snapshot.SnapshotId ?? '',
    // A volume that was attached after the plan is in the snapshot too.
    device: volume?.device ?? '',
    sizeGib: snapshot.VolumeSize ?? volume?.sizeGib ?? 0,
    boot: volume?.boot ?? false,
    state: snapshot.State ?? 'unknown',
    percent: snapshot.State === 'completed' ? 100 : Number.isNaN(percent) ? 0 : percent,
  };
}

/** The error for a server whose volumes could not be brought into a snapshot. */
export function failed(server: Pick<PlannedVolumes, 'name' | 'instanceId'>, found: string): LightsOutError {
  return new LightsOutError(
    ErrorName.VolumeSnapshotFailed,
    `volumes of server ${server.name} (${server.instanceId}): ${found}; expected a completed snapshot of each: look at Snapshots in the EC2 console, then start the run again`,
  );
}
