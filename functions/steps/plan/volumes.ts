import type { Instance, Volume } from '@aws-sdk/client-ec2';
import { onlineInstances } from '../../aws/commands.ts';
import { copyable } from '../../aws/ownership.ts';
import { describeInstancesById } from '../../aws/servers/instances.ts';
import type { Server, SystemConfig } from '../../contract/config.ts';
import type { Verification } from '../../contract/input.ts';
import type { Reason } from '../../contract/plan-state.ts';
import type { PlannedFiles, PlannedVolume, PlannedVolumes } from '../../contract/volumes-state.ts';
import { describeVolumesOf, instanceStoreGigabytes, volumesWithSnapshot } from './block-storage.ts';
import type { Findings } from './findings.ts';
import { tooManyTags } from './tags.ts';
import { startKeyWarnings, volumeKeyReasons } from './volume-keys.ts';

export interface VolumeFindings extends Findings {
  files: PlannedFiles;
}

/**
 * The most volumes of a server that EC2 leaves out: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceSpecification.html
 */
const MOST_EXCLUDED = 40;

interface Look {
  config: SystemConfig;
  instances: Map<string, Instance>;
  volumes: Volume[];
  online: Set<string>;
  findings: VolumeFindings;
  /** Shared volumes that an earlier server of the list already has. */
  taken: Set<string>;
}

/** Which volumes do the servers have, which will be in a snapshot, which can be compared, and which files are in no snapshot? */
export async function lookAtVolumes(
  config: SystemConfig,
  verification: Verification,
): Promise<VolumeFindings> {
  const backup =
    config.files.backup === 'verify' && verification === 'none' ? 'snapshot' : config.files.backup;
  const findings: VolumeFindings = {
    pendingUpdates: [],
    reasons: [],
    warnings: [],
    files: { backup, servers: [], zones: {}, notCovered: [] },
  };
  const ids = config.servers.map((server) => server.instanceId);
  const instances = await describeInstancesById(ids);
  await lookAtInstanceStores(config, instances, findings);
  const volumes = await describeVolumesOf(ids);
  findings.warnings.push(...(await startKeyWarnings(config, volumes)));
  if (backup === 'none') {
    cover(findings, 'the servers’ volumes', 'files.backup is "none": they are in no snapshot');
    return findings;
  }
  const running = ids.filter((id) => instances.get(id)?.State?.Name === 'running');
  const online = await onlineInstances(running);
  const look: Look = { config, instances, volumes, online, findings, taken: new Set() };
  for (const server of config.servers) {
    const instance = instances.get(server.instanceId);
    // A server that EC2 does not know is a reason of the look at the servers.
    if (instance === undefined) continue;
    findings.files.zones[server.name] = instance.Placement?.AvailabilityZone ?? '';
    lookAtServer(look, server, instance);
  }
  notThere(look);
  if (backup === 'verify') {
    lookAtComparison(look);
    findings.reasons.push(...(await volumeKeyReasons(config, findings.files, volumes)));
  }
  await lookAtFirstSnapshots(findings);
  return findings;
}

function lookAtServer(look: Look, server: Server, instance: Instance): void {
  const { config, findings, taken, online } = look;
  const resource = `server ${server.name}`;
  const volumes: PlannedVolume[] = [];
  const excluded: string[] = [];
  for (const volume of look.volumes) {
    const attachment = volume.Attachments?.find((each) => each.InstanceId === server.instanceId);
    const volumeId = volume.VolumeId;
    if (attachment === undefined || volumeId === undefined) continue;
    const device = attachment.Device ?? '';
    const boot = device === instance.RootDeviceName;
    const object = `volume ${volumeId} (${device} of ${server.name}, ${volume.Size} GiB)`;
    if (boot && !config.files.bootVolumes) {
      cover(findings, object, 'boot volume, and files.bootVolumes is false');
      continue;
    }
    if (config.files.excludeVolumes.includes(volumeId) || taken.has(volumeId)) {
      if (boot) {
        findings.reasons.push({
          resource: object,
          problem: 'files.excludeVolumes names a boot volume, which EC2 leaves out by another setting',
          remedy: 'set files.bootVolumes to false, or take it out of files.excludeVolumes',
        });
        continue;
      }
      if (!taken.has(volumeId)) cover(findings, object, 'files.excludeVolumes names it');
      excluded.push(volumeId);
      continue;
    }
    const notComparable = whyNotComparable(volume, boot, instance);
    volumes.push({
      volumeId,
      device,
      sizeGib: volume.Size ?? 0,
      boot,
      encrypted: volume.Encrypted === true,
      ...(config.copyTags ? { tags: copyable(volume.Tags) } : {}),
      ...(notComparable === undefined ? {} : { notComparable }),
    });
    // EC2 copies the tags of a volume to its snapshot, whatever copyTags says.
    const many = tooManyTags(config, copyable(volume.Tags), 'remove some of them, or shorten tags');
    findings.reasons.push(...many.map((finding) => ({ resource: object, ...finding })));
    lookAtSharing(look, volume, object);
  }
  if (excluded.length > MOST_EXCLUDED) {
    findings.reasons.push({
      resource,
      problem: `${excluded.length} of its volumes are left out; EC2 takes at most ${MOST_EXCLUDED}`,
      remedy: 'shorten files.excludeVolumes',
    });
  }
  if (volumes.length === 0) {
    cover(findings, resource, 'none of its volumes is in a snapshot');
    return;
  }
  if (volumes.every((volume) => volume.boot)) {
    findings.warnings.push(`${resource} has no data volume: its files are on the boot volume, if it has any`);
  }
  const agent = online.has(server.instanceId);
  if (!agent && instance.State?.Name === 'running') {
    findings.warnings.push(
      `${resource}: its SSM agent does not answer, so what is still in its buffers cannot be written out before the snapshot`,
    );
  }
  findings.files.servers.push({
    name: server.name,
    instanceId: server.instanceId,
    platform: server.platform,
    agent,
    volumes,
    excluded,
  } satisfies PlannedVolumes);
}

function cover(findings: VolumeFindings, object: string, reason: string): void {
  findings.files.notCovered.push({ object, reason });
  findings.warnings.push(`${object}: ${reason}`);
}

/**
 * The reason why a volume's files are not compared, as far as EC2 can tell. Only the server knows the volume's content (LVM, RAID,
 * BitLocker).
 */
function whyNotComparable(volume: Volume, boot: boolean, instance: Instance): string | undefined {
  if (boot) return 'boot volume: the running system writes to it';
  if (instance.State?.Name !== 'running') return 'its server does not run, so nobody can read its files';
  if (volume.MultiAttachEnabled === true) return 'Multi-Attach: other servers may write to it';
  return undefined;
}

/** A volume that several servers share is only in the first server's snapshot. */
function lookAtSharing({ config, taken, findings }: Look, volume: Volume, object: string): void {
  const attachments = volume.Attachments ?? [];
  if (volume.MultiAttachEnabled !== true && attachments.length < 2) return;
  taken.add(volume.VolumeId ?? '');
  const strangers = attachments
    .map((attachment) => attachment.InstanceId ?? '')
    .filter((id) => !config.servers.some((server) => server.instanceId === id));
  findings.warnings.push(
    strangers.length === 0
      ? `${object}: shared by Multi-Attach; it is in one server's snapshot`
      : `${object}: shared by Multi-Attach with ${strangers.join(', ')}, which this system does not stop: its snapshot may catch a write half-way`,
  );
}

/** A configured volume that no server has: usually a typing error, or a volume that was replaced. */
function notThere({ config, volumes, findings }: Look): void {
  for (const volumeId of config.files.excludeVolumes) {
    if (volumes.some((volume) => volume.VolumeId === volumeId)) continue;
    findings.warnings.push(`files.excludeVolumes: ${volumeId} is attached to none of the servers`);
  }
}

/** Whether the comparison can be made: agents, zones, platforms, keys. */
function lookAtComparison({ config, instances, online, findings }: Look): void {
  const { files } = findings;
  const comparable = files.servers.flatMap((server) =>
    server.volumes
      .filter((volume) => volume.notComparable === undefined)
      .map((volume) => ({ server, volume })),
  );
  for (const server of files.servers) {
    for (const { volumeId, device, notComparable } of server.volumes) {
      if (notComparable === undefined) continue;
      files.notCovered.push({
        object: `volume ${volumeId} (${device} of ${server.name})`,
        reason: `in the snapshot, but not compared: ${notComparable}`,
        inSnapshot: volumeId,
      });
    }
  }
  if (comparable.length === 0) {
    findings.reasons.push(nothingComparable(config, instances));
    return;
  }
  const sources = new Set(comparable.map(({ server }) => server));
  const checker = config.servers.find((server) => server.name === config.files.checkServer);
  const involved = checker === undefined ? [...sources] : [...sources, checker];
  for (const { name, instanceId } of involved) {
    if (online.has(instanceId)) continue;
    findings.reasons.push({
      resource: `server ${name} (${instanceId})`,
      problem: 'its SSM agent does not answer, and files.backup "verify" reads files through it',
      remedy: 'check that the agent is started, or set files.backup to "snapshot"',
    });
  }
  for (const source of sources) {
    if (checker === undefined || source.platform === checker.platform) continue;
    findings.reasons.push({
      resource: `server ${source.name}`,
      problem: `it runs ${source.platform}, and files.checkServer "${checker.name}" runs ${checker.platform}, which cannot read its file systems`,
      remedy: 'leave files.checkServer out, or name a server of the same platform',
    });
  }
  if (checker !== undefined && (files.zones[checker.name] ?? '') === '') {
    findings.reasons.push({
      resource: `server ${checker.name}`,
      problem: 'EC2 does not say its Availability Zone, so no volume can be made for it',
      remedy: 'look at it in the EC2 console',
    });
  }
}

/** A server that does not run may have such volumes, so the warning is given only when all servers run. */
function nothingComparable(config: SystemConfig, instances: Map<string, Instance>): Reason {
  const resting = config.servers.flatMap(({ name, instanceId }) => {
    const state = instances.get(instanceId)?.State?.Name ?? 'not there';
    return state === 'running' ? [] : [`${name} is "${state}"`];
  });
  if (resting.length > 0) {
    return {
      resource: 'files.backup',
      problem: `it is "verify", but no file can be read for the comparison: ${resting.join(', ')}`,
      remedy: 'start the servers first, or set it to "snapshot"',
    };
  }
  return {
    resource: 'files.backup',
    problem: 'it is "verify", but no server has a data volume whose files could be compared',
    remedy: 'set it to "snapshot"',
  };
}

/** Instance store volumes are emptied by a stop and in no snapshot: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-store-lifetime.html */
async function lookAtInstanceStores(
  { servers, files }: SystemConfig,
  instances: Map<string, Instance>,
  findings: VolumeFindings,
): Promise<void> {
  const gigabytes = await instanceStoreGigabytes(
    [...instances.values()].flatMap((instance) => instance.InstanceType ?? []),
  );
  for (const server of servers) {
    const type = instances.get(server.instanceId)?.InstanceType;
    const size = type === undefined ? 0 : (gigabytes.get(type) ?? 0);
    if (size === 0) continue;
    const object = `server ${server.name}`;
    const problem = `its ${size} GB of instance store (${type}) are emptied when it stops, and are in no snapshot`;
    if (files.instanceStore === 'discard') cover(findings, object, problem);
    else
      findings.reasons.push({
        resource: object,
        problem,
        remedy:
          'move what matters to an EBS volume, then set files.instanceStore to "discard": it says that the rest may go',
      });
  }
}

/** The first snapshot of a volume copies all of it, and everybody waits. */
async function lookAtFirstSnapshots({ files, warnings }: VolumeFindings): Promise<void> {
  const planned = files.servers.flatMap((server) => server.volumes.map((volume) => ({ server, volume })));
  const known = await volumesWithSnapshot(planned.map(({ volume }) => volume.volumeId));
  for (const { server, volume } of planned) {
    if (known.has(volume.volumeId)) continue;
    warnings.push(
      `volume ${volume.volumeId} (${volume.device} of ${server.name}): no snapshot of it exists, so the first one copies all that is on it (up to ${volume.sizeGib} GiB); take one beforehand to keep the outage short`,
    );
  }
}
