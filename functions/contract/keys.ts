/** Object keys in the evidence bucket, as the design lays them out. */
export const EvidenceKey = {
  lock: (system: string) => `locks/${system}`,
  durations: (system: string) => `durations/${system}`,
  /** Whether the system is meant to be on or off: one object, whose versions are its history. */
  intent: (system: string) => `intent/${system}`,
  /** What the watch has told the operators of, so that it tells them once. */
  watch: (system: string) => `watch/${system}`,
  /** What the sweeper (`sweep`) or the retention (`retain`) has deleted and not yet told. */
  untold: (system: string, action: string) => `tidy/${system}/${action}`,
  /** Folder of all runs. */
  runs: (system: string) => `runs/${system}/`,
  /** What was deleted of a run by the retention policy, written before. */
  retention: (system: string, runId: string) => `runs/${system}/${runId}/retention.json`,
  /** Folder of one run. */
  run: (system: string, runId: string) => `runs/${system}/${runId}/`,
  plan: (system: string, runId: string) => `runs/${system}/${runId}/plan.json`,
  /**
   * A part of the run's state that is too large for the execution, named by the SHA-256 of its content. No evidence, and it may hold users'
   * addresses: outside `runs/`, so that it expires.
   */
  statePart: (system: string, runId: string, digest: string) => `state/${system}/${runId}/${digest}.json`,
  announcement: (system: string, runId: string) => `runs/${system}/${runId}/announcement.json`,
  /** States of the services before the first was stopped: what a roll back may start again. */
  servicesBefore: (system: string, runId: string) => `runs/${system}/${runId}/services-before.json`,
  sourceManifest: (system: string, runId: string) => `runs/${system}/${runId}/manifest-source.json`,
  restoredManifest: (system: string, runId: string) => `runs/${system}/${runId}/manifest-restored.json`,
  /** The source as it was read once more before the point of no return: one a reading. */
  laterManifest: (system: string, runId: string, reading: string) =>
    `runs/${system}/${runId}/manifest-${reading}.json`,
  /** The last look at the source before the point of no return. */
  lastLook: (system: string, runId: string) => `runs/${system}/${runId}/last-look.json`,
  verification: (system: string, runId: string) => `runs/${system}/${runId}/verification.json`,
  /** Snapshots of the servers' volumes, and what is in none. */
  volumes: (system: string, runId: string) => `runs/${system}/${runId}/volumes.json`,
  /** Mark of a request for a server's snapshots, made before it: EC2 takes no token that would make a repeat harmless. */
  volumesRequest: (system: string, runId: string, instanceId: string) =>
    `runs/${system}/${runId}/volumes/request-${instanceId}.json`,
  /** What of a large database is read by which call, of the source or of the restored copy. */
  batchPlan: (system: string, runId: string, side: string) => `runs/${system}/${runId}/batches/${side}.json`,
  /** The list that a distributed Map reads: a batch an entry. */
  batchItems: (system: string, runId: string, side: string) =>
    `runs/${system}/${runId}/batches/${side}-items.json`,
  /** What one of those calls read. */
  batchResult: (system: string, runId: string, side: string, batch: number) =>
    `runs/${system}/${runId}/batches/${side}/${String(batch).padStart(5, '0')}.json`,
  /** How far the engine's own check of the copy got. */
  engineCheck: (system: string, runId: string) => `runs/${system}/${runId}/engine-check.json`,
  /** The files of the servers' volumes as they were before the snapshots: digests and counts, no name. */
  filesSource: (system: string, runId: string) => `runs/${system}/${runId}/files-source.json`,
  /** The restored volumes' files compared with them. */
  filesVerification: (system: string, runId: string) => `runs/${system}/${runId}/files-verification.json`,
  /** The certificate: the snapshot, the compared tables, the final state of every resource. */
  certificate: (system: string, runId: string) => `runs/${system}/${runId}/certificate.json`,
  /** The certificate as it was before the run went on by its n-th redrive. */
  certificateBefore: (system: string, runId: string, redrive: number) =>
    `runs/${system}/${runId}/certificate-before-redrive-${redrive}.json`,
  /** Mark of a closed run: its people have been told. */
  closed: (system: string, runId: string) => `runs/${system}/${runId}/closed.json`,
  report: (system: string, runId: string) => `runs/${system}/${runId}/report.html`,
  /** A waiting approval's task token: outside `runs/`, so that evidence never holds it; deleted when answered. */
  approval: (system: string, runId: string) => `approvals/${system}/${runId}`,
  /** Who asked for an execution: only the API's function and the schedule's may write there, before they start it. */
  request: (executionName: string) => `requests/${executionName}`,
  /** What the approvers answered: only the API's function may write there. */
  answers: (runId: string) => `answers/${runId}/approval.json`,
} as const;

/** Value of the tags that mark a snapshot: `Verified`, `Superseded`. */
export const MARKED = 'yes';

/** Tags on everything a run creates, so that a sweeper finds what is left behind. */
export const ResourceTag = {
  System: 'lights-out:system',
  Run: 'lights-out:run',
  /** `yes` on the snapshots of a run whose backup was verified. */
  Verified: 'lights-out:verified',
  /** `yes` on those of which the retention keeps enough newer ones. */
  Superseded: 'lights-out:superseded',
  /** `<instance>/<number>`: the volume snapshots that one request made, which are of the same moment. */
  VolumeSet: 'lights-out:volume-set',
  /** On a volume that was restored to be compared: the volume that it is a copy of. */
  SourceVolume: 'lights-out:source-volume',
} as const;

/** Prefix of the identifiers of snapshots and test instances: `lights-out-<system>-<run id>`. */
export const RESOURCE_PREFIX = 'lights-out';

/** Identifier of a run's snapshot and of its test instance (at most 63 characters: RDS's limit). */
export function resourceName(system: string, runId: string): string {
  return `${RESOURCE_PREFIX}-${system}-${runId}`;
}

/** `application_name` under which the functions connect to a database, so that a drain never counts itself. */
export const APPLICATION_NAME = 'lights-out';
