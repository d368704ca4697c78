import type { CommandInFlight, Progress } from './progress.ts';
import type { PlannedTag } from './tags-config.ts';

/** An EBS volume to be snapshotted. */
export interface PlannedVolume {
  volumeId: string;
  /** Device name of the attachment, e.g. `/dev/sdf`. */
  device: string;
  sizeGib: number;
  /** True for the volume that the server boots from. */
  boot: boolean;
  encrypted: boolean;
  /** The reason why its files cannot be compared, if EC2 already tells it. */
  notComparable?: string;
  /** Tags that the copy also gets, with `copyTags`. */
  tags?: PlannedTag[];
}

export interface PlannedVolumes {
  name: string;
  instanceId: string;
  platform: 'linux' | 'windows';
  /** Its SSM agent answers, so that the server can write out its buffers before the snapshot. */
  agent: boolean;
  volumes: PlannedVolume[];
  /** Attached data volumes that are left out. */
  excluded: string[];
}

/** The plan for the CRM's files. */
export interface PlannedFiles {
  backup: 'none' | 'snapshot' | 'verify';
  /** Servers with volumes to take snapshots of. */
  servers: PlannedVolumes[];
  /** Availability Zones of all servers, by server name. A volume can be attached only in its own zone. */
  zones: Record<string, string>;
  /** Objects without a snapshot or a comparison, with the reason. */
  notCovered: NotCovered[];
}

export interface NotCovered {
  object: string;
  reason: string;
  /** The volume, if it has a snapshot and only lacks the comparison. Absent: it has no snapshot. */
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
  /** Progress of all volumes, weighted by size, 0 to 100. */
  percent: number;
  /** Since when a requested snapshot is missing from the list, ISO 8601. */
  incompleteSince?: string;
  /** Object key of the evidence that lists the snapshots, once they are completed. */
  key?: string;
}

/** The contents of one file system, or why they are unknown. */
export interface PartReading {
  /** `0` for a whole disk, else the partition. */
  part: string;
  filesystem?: string;
  files?: number;
  /** Size of all files together, in bytes. */
  size?: number;
  /** SHA-256 over the list of files. */
  digest?: string;
  /** The reason for not reading it: `lvm`, `swap`, `not-mounted` … */
  skipped?: string;
  /** The failed action: `mount` or `read`. */
  failed?: string;
}

/** The contents of one volume, by the answer of its server. */
export interface VolumeReading {
  volumeId: string;
  /** Size of the block device. */
  bytes?: number;
  parts: PartReading[];
}

/** The progress of comparing one volume. */
export interface VolumeCheck {
  /** Server of the source volume. */
  server: string;
  volumeId: string;
  snapshotId: string;
  /** Server to which the restored volume is attached. */
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
  /** Commands that read the sources again, after a difference. */
  commands: CommandInFlight[];
  equal: boolean;
  /** Number of compared volumes. */
  volumes: number;
  files: number;
  key?: string;
}

/** The deletion of volumes that were restored for the comparison. */
export interface TestVolumesResult extends Progress {
  /** `none`, or the state of each volume in the words of EC2. */
  state: string;
  /** Commands that unmount the leftovers of an interrupted check. */
  commands: CommandInFlight[];
  /** The servers have been asked to unmount. */
  released: boolean;
}

/** Content of `volumes.json`. The step `Snapshot volumes` stores it once every snapshot is completed. */
export interface VolumesEvidence {
  snapshots: VolumeSnapshot[];
  notCovered: PlannedFiles['notCovered'];
}

export interface FilesDifference {
  server: string;
  volumeId: string;
  part: string;
  detail: string;
  /** The source itself changed since the snapshot: somebody wrote to it, and the backup is not to blame. */
  strayWrite?: boolean;
}

/** One file system of a volume, as read at the source. */
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

/** Content of `files-verification.json`. The step `Verify volumes` stores it. */
export interface FilesVerification extends VolumeComparison {
  equal: boolean;
  /** Whether the contents of the files were compared too. */
  contents: boolean;
  comparedAt: string;
}
