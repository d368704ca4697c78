import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Deployment } from '../../deployment.ts';
import type { SimulatedClock } from '../../play/clock.ts';
import type { WorldFault } from '../faults.ts';
import { copyFolder } from './copy-folder.ts';
import { writeCrmFiles } from './crm-files.ts';
import { deviceLine, deviceTable } from './device-table.ts';

const run = promisify(execFile);

export interface Tag {
  Key?: string | undefined;
  Value?: string | undefined;
}

/** One EBS volume; what is on it lies in a folder. */
export interface SandboxVolume {
  volumeId: string;
  /** As EC2 says it. */
  state: 'creating' | 'available' | 'in-use' | 'deleting' | 'error';
  sizeGib: number;
  availabilityZone: string;
  encrypted: boolean;
  snapshotId?: string;
  tags: Tag[];
  createdAt: Date;
  folder: string;
  attachment?: Attachment;
}

export interface Attachment {
  instanceId: string;
  /** As it was attached, e.g. `/dev/sdf`. */
  device: string;
  state: 'attaching' | 'attached' | 'detaching';
  /** What the server calls it: NVMe devices are numbered as they come. */
  name: string;
  /** Where the server has mounted it, when it has. */
  mountPoint?: string;
}

/** One EBS snapshot: a copy of its volume's folder. */
export interface SandboxVolumeSnapshot {
  snapshotId: string;
  volumeId: string;
  state: 'pending' | 'completed' | 'error';
  sizeGib: number;
  encrypted: boolean;
  begun: number;
  /** How long it takes, in milliseconds of simulated time. */
  duration: number;
  description: string;
  tags: Tag[];
  folder: string;
}

export interface VolumeWorldOptions {
  deployment: Deployment;
  clock: SimulatedClock;
  faults: WorldFault[];
  workDirectory: string;
  /** Told of a fault of the world when it strikes. */
  onFault?: (name: WorldFault['world']) => void;
  /** A few files in place of some hundred, and no process to copy them. Default false. */
  quick?: boolean | undefined;
}

/** Devices of every model server; a server of few services has a boot volume only. */
const BOOT = { device: '/dev/xvda', sizeGib: 8 };
const DATA = { device: '/dev/sdf', sizeGib: 40, mountPoint: 'srv/crm' };

export const ZONES = ['a', 'b'] as const;

/** The EBS of the sandbox: volumes of the model servers, the CRM's files on them, and snapshots. */
export class VolumeWorld {
  readonly options: VolumeWorldOptions;
  readonly volumes = new Map<string, SandboxVolume>();
  readonly snapshots = new Map<string, SandboxVolumeSnapshot>();
  #made = 0;
  /** Copies under way: awaited before everything is removed. */
  readonly #work = new Set<Promise<void>>();

  constructor(options: VolumeWorldOptions) {
    this.options = options;
  }

  readonly #roots = new Map<string, string>();

  /** Makes the servers' volumes, with files on those of data. @param roots each server's own folder, by id. */
  async start(roots: Map<string, string>): Promise<void> {
    const { config } = this.options.deployment;
    for (const [index, server] of config.servers.entries()) {
      const root = roots.get(server.instanceId) ?? '';
      this.#roots.set(server.instanceId, root);
      const boot = this.#attached(server.instanceId, BOOT, index, '/');
      await mkdir(join(boot.folder, 'etc'), { recursive: true });
      await writeFile(join(boot.folder, 'etc', 'hostname'), `${server.name}\n`);
      this.#earlierSnapshot(boot);
      await this.writeDevices(server.instanceId);
      // The last one of several has no data volume, as servers that only compute.
      if (index === config.servers.length - 1 && index > 0) continue;
      const mountPoint = join(root, DATA.mountPoint);
      const data = this.#attached(server.instanceId, DATA, index, mountPoint);
      await writeCrmFiles(data.folder, server.name, this.options.quick === true ? 1 : undefined);
      this.#earlierSnapshot(data);
      await mkdir(dirname(mountPoint), { recursive: true });
      await symlink(data.folder, mountPoint);
      await this.writeDevices(server.instanceId);
    }
  }

  #attached(
    instanceId: string,
    { device, sizeGib }: { device: string; sizeGib: number },
    index: number,
    mountPoint: string,
  ): SandboxVolume {
    const volume = this.add({
      sizeGib,
      // Servers of one system are mostly spread over zones.
      availabilityZone: this.zone(index),
      encrypted: true,
      tags: [{ Key: 'Name', Value: `${instanceId} ${device}` }],
    });
    // Old enough to be listed from the first moment.
    volume.createdAt = new Date(this.options.clock.now() - 90 * 24 * 3600_000);
    volume.state = 'in-use';
    volume.attachment = {
      instanceId,
      device,
      state: 'attached',
      name: this.freeName(instanceId),
      mountPoint,
    };
    return volume;
  }

  /** The name that the server's kernel gives the next volume. */
  freeName(instanceId: string): string {
    const used = this.attachedTo(instanceId).map((volume) => volume.attachment?.name);
    let number = 0;
    while (used.includes(`nvme${number}n1`)) number += 1;
    return `nvme${number}n1`;
  }

  /** Tells a server which block devices it has: those that are attached to it just now. */
  async writeDevices(instanceId: string): Promise<void> {
    const lines = this.attachedTo(instanceId).flatMap(({ volumeId, sizeGib, folder, attachment }) => {
      if (attachment === undefined || attachment.state === 'attaching') return [];
      const { name, mountPoint = '' } = attachment;
      const serial = volumeId.replace('-', '');
      return [
        deviceLine({ name, serial, bytes: sizeGib * 1024 ** 3, filesystem: 'xfs', folder, mountPoint }),
      ];
    });
    const root = this.#roots.get(instanceId);
    if (root !== undefined) await writeFile(deviceTable(root), `${lines.join('\n')}\n`);
  }

  zone(index: number): string {
    return `${this.options.deployment.account.region}${ZONES[index % ZONES.length]}`;
  }

  /** Somebody's nightly snapshot, so that the run's own is an incremental one. */
  #earlierSnapshot(volume: SandboxVolume): void {
    const snapshot = this.addSnapshot(volume, { description: 'nightly', tags: [], duration: 0 });
    snapshot.begun -= 20 * 3600_000;
    snapshot.state = 'completed';
  }

  /** An id of EC2's form, the same in every rehearsal. */
  #id(prefix: string): string {
    this.#made += 1;
    return `${prefix}-${createHash('sha256').update(`${prefix}${this.#made}`).digest('hex').slice(0, 17)}`;
  }

  arn(kind: 'volume' | 'snapshot', id: string): string {
    const { partition, region, account } = this.options.deployment.account;
    return `arn:${partition}:ec2:${region}:${kind === 'snapshot' ? '' : account}:${kind}/${id}`;
  }

  /** Whether this fault strikes now: then it has happened. */
  strikes(name: WorldFault['world']): boolean {
    if (!this.options.faults.some((fault) => fault.world === name)) return false;
    this.options.onFault?.(name);
    return true;
  }

  add(
    properties: Pick<SandboxVolume, 'sizeGib' | 'availabilityZone' | 'encrypted' | 'tags'> & {
      snapshotId?: string;
    },
  ): SandboxVolume {
    const volumeId = this.#id('vol');
    const volume: SandboxVolume = {
      volumeId,
      state: 'creating',
      createdAt: new Date(this.options.clock.now()),
      folder: join(this.options.workDirectory, 'volumes', volumeId),
      ...properties,
    };
    this.volumes.set(volumeId, volume);
    return volume;
  }

  addSnapshot(
    volume: SandboxVolume,
    properties: Pick<SandboxVolumeSnapshot, 'description' | 'tags' | 'duration'>,
  ): SandboxVolumeSnapshot {
    const snapshotId = this.#id('snap');
    const snapshot: SandboxVolumeSnapshot = {
      snapshotId,
      volumeId: volume.volumeId,
      state: 'pending',
      sizeGib: volume.sizeGib,
      encrypted: volume.encrypted,
      begun: this.options.clock.now(),
      folder: join(this.options.workDirectory, 'volume-snapshots', snapshotId),
      ...properties,
    };
    this.snapshots.set(snapshotId, snapshot);
    return snapshot;
  }

  attachedTo(instanceId: string): SandboxVolume[] {
    return [...this.volumes.values()].filter((volume) => volume.attachment?.instanceId === instanceId);
  }

  /** Copies a folder with owners and times: what a snapshot, and a volume made from one, hold. */
  async copy(from: string, to: string): Promise<void> {
    await this.track(async () => {
      await rm(to, { recursive: true, force: true });
      await mkdir(dirname(to), { recursive: true });
      if (this.options.quick === true) copyFolder(from, to);
      else await run('/bin/cp', ['-a', from, to]);
    });
  }

  /** Real work: time runs at real speed, and a stop waits for it. */
  async track(work: () => Promise<void>): Promise<void> {
    const release = this.options.clock.work();
    const promise = work().finally(release);
    this.#work.add(promise);
    try {
      await promise;
    } finally {
      this.#work.delete(promise);
    }
  }

  /** Volumes that a run made: they carry its tag. */
  resources(): { testVolumes: string[] } {
    return {
      testVolumes: [...this.volumes.values()]
        .filter((volume) => volume.tags.some((tag) => tag.Key === 'lights-out:run'))
        .map((volume) => volume.volumeId),
    };
  }

  async stop(): Promise<void> {
    await Promise.allSettled([...this.#work]);
  }
}
