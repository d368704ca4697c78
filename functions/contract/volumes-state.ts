import type { CommandInFlight, Progress } from './progress.ts';
import type { PlannedTag } from './tags-config.ts';

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
  /** What its copy carries too, where `copyTags` says so. */
  tags?: PlannedTag[];
}

export interface PlannedVolumes {
  name: string;
  instanceId: string;
  platform: 'linux' | 'windows';
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
  /** Availability Zones of all servers, by name: a volume can be attached only in its own. */
  zones: Record<string, string>;
  /** What is in no snapshot, or not compared, and why. */
  notCovered: NotCovered[];
}

export interface NotCovered {
  object: string;
  reason: string;
  /** The volume that is in the snapshots, and only not compared. Absent: it is in none. */
  inSnapshot?: string;
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

/** What one file system of a volume holds, or why that is not known. */
export interface PartReading {
  /** `0` for a whole disk, else the partition. */
  part: string;
  filesystem?: string;
  files?: number;
  /** Of all files together, in bytes. */
  size?: number;
  /** SHA-256 over the list of files. */
  digest?: string;
  /** Why it was not read: `lvm`, `swap`, `not-mounted` … */
  skipped?: string;
  /** What went wrong: `mount` or `read`. */
  failed?: string;
}

/** What is on one volume, as its server said it. */
export interface VolumeReading {
  volumeId: string;
  /** Size of the block device. */
  bytes?: number;
  parts: PartReading[];
}

/** The comparison of one volume on its way. */
export interface VolumeCheck {
  /** Server that the volume is of. */
  server: string;
  volumeId: string;
  snapshotId: string;
  /** Server that the restored volume is attached to. */
  checker: string;
  phase: 'waiting' | 'restore' | 'read' | 'remove' | 'done';
  /** When that phase began, ISO 8601. */
  phaseSince: string;
  testVolumeId?: string;
  command?: CommandInFlight;
  reading?: VolumeReading;
}

/** The step `Verify volumes`. */
export interface VolumesCheckResult extends Progress {
  checks: VolumeCheck[];
  /** Commands that look at the sources once more, since something differed. */
  commands: CommandInFlight[];
  equal: boolean;
  /** Volumes compared. */
  volumes: number;
  files: number;
  key?: string;
}

/** The deletion of the volumes that were restored to be compared. */
export interface TestVolumesResult extends Progress {
  /** `none`, or each volume's state as EC2 says it. */
  state: string;
  /** Commands that unmount what is left of a check that was cut off. */
  commands: CommandInFlight[];
  /** The servers have been asked to. */
  released: boolean;
}

/** What `volumes.json` holds: the step `Snapshot volumes` stores it once every snapshot is completed. */
export interface VolumesEvidence {
  snapshots: VolumeSnapshot[];
  notCovered: PlannedFiles['notCovered'];
}

export interface FilesDifference {
  server: string;
  volumeId: string;
  part: string;
  detail: string;
  /** The source itself no longer holds what it held before the snapshot: somebody wrote to it, and the backup is not to blame. */
  strayWrite?: boolean;
}

/** One file system of a volume, as it was at the source. */
export interface ComparedPart {
  server: string;
  volumeId: string;
  part: string;
  filesystem: string;
  files: number;
  size: number;
  digest: string;
  equal: boolean;
}

export interface VolumeComparison {
  compared: ComparedPart[];
  differences: FilesDifference[];
  notCompared: { object: string; reason: string }[];
}

/** What `files-verification.json` holds: the step `Verify volumes` stores it. */
export interface FilesVerification extends VolumeComparison {
  equal: boolean;
  /** Whether what the files contain was compared too. */
  contents: boolean;
  comparedAt: string;
}
