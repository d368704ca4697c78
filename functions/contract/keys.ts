/** Object keys in the evidence bucket. */
export const EvidenceKey = {
  lock: (system: string) => `locks/${system}`,
  durations: (system: string) => `durations/${system}`,
  startupDurations: (system: string) => `durations/${system}-startup`,
  /** Whether the system is meant to be on or off. The versions of this one object are its history. */
  intent: (system: string) => `intent/${system}`,
  /** What the watch has told the operators, so that it tells them once. */
  watch: (system: string) => `watch/${system}`,
  /** What the sweeper (`sweep`) or the retention (`retain`) has deleted and not yet told. */
  untold: (system: string, action: string) => `tidy/${system}/${action}`,
  runs: (system: string) => `runs/${system}/`,
  /** The parts of a run that the retention deletes, written before the deletion. */
  retention: (system: string, runId: string) => `runs/${system}/${runId}/retention.json`,
  run: (system: string, runId: string) => `runs/${system}/${runId}/`,
  plan: (system: string, runId: string) => `runs/${system}/${runId}/plan.json`,
  /**
   * A part of the run's state that is too large for the execution, named by the SHA-256 of its content. It is no evidence and may hold
   * users' addresses, so it lies outside `runs/` and expires.
   */
  statePart: (system: string, runId: string, digest: string) => `state/${system}/${runId}/${digest}.json`,
  announcement: (system: string, runId: string) => `runs/${system}/${runId}/announcement.json`,
  /** States of the services before the first one was stopped. A roll back starts those that ran. */
  servicesBefore: (system: string, runId: string) => `runs/${system}/${runId}/services-before.json`,
  sourceManifest: (system: string, runId: string) => `runs/${system}/${runId}/manifest-source.json`,
  restoredManifest: (system: string, runId: string) => `runs/${system}/${runId}/manifest-restored.json`,
  /** A later manifest of the source, one for each reading before the point of no return. */
  laterManifest: (system: string, runId: string, reading: string) =>
    `runs/${system}/${runId}/manifest-${reading}.json`,
  /** The last look at the source before the point of no return. */
  lastLook: (system: string, runId: string) => `runs/${system}/${runId}/last-look.json`,
  /** Whether users were told that a start-up will not keep the promised time. */
  late: (system: string, runId: string) => `runs/${system}/${runId}/late.json`,
  /** The comparison of a start-up with what the shutdown had put away. */
  confirmation: (system: string, runId: string) => `runs/${system}/${runId}/confirmation.json`,
  verification: (system: string, runId: string) => `runs/${system}/${runId}/verification.json`,
  /** Snapshots of the servers' volumes, and the volumes without a snapshot. */
  volumes: (system: string, runId: string) => `runs/${system}/${runId}/volumes.json`,
  /** Mark of a request for a server's snapshots, written before the request: EC2 has no token that makes a repeat harmless. */
  volumesRequest: (system: string, runId: string, instanceId: string) =>
    `runs/${system}/${runId}/volumes/request-${instanceId}.json`,
  /** The batches of a large database, of the source or of the restored copy. */
  batchPlan: (system: string, runId: string, side: string) => `runs/${system}/${runId}/batches/${side}.json`,
  /** The list that a distributed Map reads, one batch per entry. */
  batchItems: (system: string, runId: string, side: string) =>
    `runs/${system}/${runId}/batches/${side}-items.json`,
  /** What the call for one batch read. */
  batchResult: (system: string, runId: string, side: string, batch: number) =>
    `runs/${system}/${runId}/batches/${side}/${String(batch).padStart(5, '0')}.json`,
  /** The progress of the engine's own check of the copy. */
  engineCheck: (system: string, runId: string) => `runs/${system}/${runId}/engine-check.json`,
  /** Digests and counts of the files on the servers' volumes, taken before the snapshots. No file names. */
  filesSource: (system: string, runId: string) => `runs/${system}/${runId}/files-source.json`,
  /** The comparison of the restored volumes' files with `filesSource`. */
  filesVerification: (system: string, runId: string) => `runs/${system}/${runId}/files-verification.json`,
  /** The health checks of a start-up: what each was seen as last. */
  health: (system: string, runId: string) => `runs/${system}/${runId}/health.json`,
  /** The certificate: the snapshot, the compared tables, the final state of every resource. */
  certificate: (system: string, runId: string) => `runs/${system}/${runId}/certificate.json`,
  /** Mark of a closed run, whose people have been told. */
  closed: (system: string, runId: string) => `runs/${system}/${runId}/closed.json`,
  report: (system: string, runId: string) => `runs/${system}/${runId}/report.html`,
  /** The task token of a waiting approval, deleted when it is answered. It lies outside `runs/`, so that evidence never holds it. */
  approval: (system: string, runId: string) => `approvals/${system}/${runId}`,
  /** The requester of an execution, written before the start. Only the API's function and the planner may write there. */
  request: (executionName: string) => `requests/${executionName}`,
  /** What keeps the system from being shut down. */
  holds: (system: string) => `holds/${system}.json`,
  /** What became of one time of the schedule. */
  occurrence: (system: string, name: string) => `schedule/${system}/${name}.json`,
  /** Since when the planner looks at the schedule of today. */
  planner: (system: string) => `schedule/${system}/planner.json`,
  /** The approvers' answers. Only the API's function may write there. */
  answers: (runId: string) => `answers/${runId}/approval.json`,
} as const;

/** Value of the tags `Verified` and `Superseded`, which mark a snapshot. */
export const MARKED = 'yes';

/** Tags on everything that a run creates, by which the sweeper finds leftovers. */
export const ResourceTag = {
  System: 'lights-out:system',
  Run: 'lights-out:run',
  /** `yes` on the snapshots of a run with a verified backup. */
  Verified: 'lights-out:verified',
  /** `yes` on snapshots that enough newer verified ones supersede, by the retention. */
  Superseded: 'lights-out:superseded',
  /** `<instance>/<number>`: the volume snapshots of one request, which all show the same moment. */
  VolumeSet: 'lights-out:volume-set',
  /** On a volume that was restored for the comparison: the id of its source volume. */
  SourceVolume: 'lights-out:source-volume',
} as const;

/** Prefix of the identifiers of snapshots and test instances: `lights-out-<system>-<run id>`. */
export const RESOURCE_PREFIX = 'lights-out';

/** Identifier of a run's snapshot and of its test instance. RDS takes 63 characters. */
export function resourceName(system: string, runId: string): string {
  return `${RESOURCE_PREFIX}-${system}-${runId}`;
}

/** The `application_name` of the functions' connections, by which a drain does not count its own sessions. */
export const APPLICATION_NAME = 'lights-out';
