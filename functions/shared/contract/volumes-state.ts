import type { CommandInFlight, Progress } from './progress.ts';

/** An EBS volume that a run takes a snapshot of. */
export interface PlannedVolume {
  volumeId: string;
  /** As it is attached, e.g. `/dev/sdf`. */
  device: string;
  sizeGib: number;
  /** The volume that the server boots from. */
  boot: boolean;
  encrypted: boolean;
  /** Why its files cannot be compared, where EC2 alone tells that already. */
  notComparable?: string;
}

export interface PlannedVolumes {
  name: string;
  instanceId: string;
  platform: 'linux' | 'windows';
  availabilityZone: string;
  /** Its SSM agent answers, so that what its files' buffers hold can be written out before the snapshot. */
  agent: boolean;
  volumes: PlannedVolume[];
  /** Attached data volumes that are left out. */
  excluded: string[];
}

/** What a run will do with the CRM's files. */
export interface PlannedFiles {
  backup: 'none' | 'snapshot' | 'verify';
  /** Servers with volumes to take snapshots of. */
  servers: PlannedVolumes[];
  /** What is in no snapshot, or not compared, and why. */
  notCovered: { object: string; reason: string }[];
}

export interface VolumeSnapshot {
  server: string;
  volumeId: string;
  snapshotId: string;
  device: string;
  sizeGib: number;
  boot: boolean;
  /** As EC2 says it: `pending`, `completed` … */
  state: string;
  percent: number;
}

/** The step `Snapshot volumes`. */
export interface VolumesResult extends Progress {
  /** `quiet`: the servers write out their buffers; `snapshot`: snapshots are made. */
  phase: 'quiet' | 'snapshot';
  commands: CommandInFlight[];
  snapshots: VolumeSnapshot[];
  /** Of all volumes by their size, 0 to 100. */
  percent: number;
  /** Since when a snapshot that was asked for is not listed, ISO 8601. */
  incompleteSince?: string;
  /** Evidence that lists the snapshots, once they are completed. */
  key?: string;
}
