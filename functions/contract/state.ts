import type { SystemConfig } from './config.ts';
import type { RunInput, Verification } from './input.ts';
import type { ServicesLook, SourceLook } from './last-look.ts';
import type { Acceptance, Inspection, Plan, ServersLook } from './plan-state.ts';
import type { Answer, Requester } from './principal.ts';
import type { CommandInFlight, Progress, ServiceState, Spread } from './progress.ts';
import type { RunKind } from './run-kinds.ts';
import type { TestVolumesResult, VolumesCheckResult, VolumesResult } from './volumes-state.ts';

export type { CommandInFlight, Progress, ServiceState, Spread } from './progress.ts';

/**
 * The data of one shutdown run, whole. It begins as the run's input. Each step adds one key (its `ResultPath`) and overwrites none, so a step may
 * read the answers of all earlier steps. A step declares what it reads by `StateAfter` (`state-after.ts`). The state holds no secret. Large
 * parts lie in the evidence bucket, with a reference in their place (`functions/runtime/run-state.ts`).
 */
export interface ShutdownState extends RunInput {
  /** Requester, times and options. The plan makes it, every later step reads it. */
  run: RunContext;
  /** The configuration at the time of the plan. A change during the run has no effect. */
  config: SystemConfig;
  plan: Plan;
  /** The plan found everything off. The state machine reads it, and a large plan lies in the bucket. */
  isOff?: true;
  inspection: Inspection;
  /** Only for systems with services, maintenance mode or files on their servers. */
  serversLook?: ServersLook;
  acceptance: Acceptance;
  approval?: Approval;
  announcement: Announcement;
  drain: Drained;
  updates: Updates;
  services: ServicesResult;
  backup: {
    manifest: ManifestResult;
    snapshot: SnapshotResult;
    volumes?: VolumesResult;
    volumesCheck?: VolumesCheckResult;
    testVolumes?: TestVolumesResult;
  };
  restore: RestoreResult;
  comparison: VerificationResult;
  testInstance: { done: boolean };
  /** The last look before the point of no return. Absent in a run of an older workflow. */
  servicesLook?: ServicesLook;
  /** Absent in a run that verifies nothing. */
  sourceLook?: SourceLook;
  /** The run has confirmed its lock and is past the point of no return. */
  lock?: { held: true; isLookFresh?: boolean };
  off: { database: DatabaseResult | Failure; servers: ServersResult | Failure };
  /** The error that ended the way forward, as a Catch writes it. */
  failure?: Failure;
  /** Results of the roll back. A part that failed holds its {@link Failure}. */
  rollback?: Rollback;
  /** The error for which the run could not be closed. */
  closing?: Failure;
}

export interface Failure {
  Error: string;
  Cause: string;
}

/** The part of Step Functions' context object that every handler gets. */
export interface ExecutionReference {
  /** `$$.Execution.Id`: the ARN. */
  id: string;
  /** `$$.Execution.Name`. */
  name: string;
  /** `$$.Execution.StartTime`, ISO 8601. */
  startTime: string;
  /** `$$.Execution.RedriveCount`: 0 until the first redrive. Absent where another execution acts for this one. */
  redriveCount?: number;
}

export interface RunContext {
  /**
   * `20261127-2200-1a2b3c4d`: start time (UTC) and 8 hexadecimal digits of a hash of the execution's ARN. A repeated step gets the same id.
   */
  id: string;
  system: string;
  action: RunKind;
  executionArn: string;
  startedAt: string;
  /** The announced time, at which the shutdown begins. */
  at: string;
  dryRun: boolean;
  verification: Verification;
  /** No time in advance, and nobody is waited for. */
  emergency?: true;
  /** It goes on although a hold covers its time. */
  force?: true;
  /** A backup of the running system is taken and proved. Nothing is stopped, no user is told. */
  onlyProve?: true;
  /** The return time that users are told, ISO 8601. Absent: it will be announced. */
  backAt?: string;
  /** Of a start-up: from this time on users are told that the promise will not hold, ISO 8601. */
  lateAt?: string;
  /** Of a start-up: the same for what begins at the promised time: the last look and the opening. */
  overdueAt?: string;
  /** Version of the planned configuration. Absent in a run that ended before reading it, or is older than versions. */
  configuration?: string;
  reason?: string;
  /** The proved requester. Absent in a run older than this proof: then unknown. */
  requester?: Requester;
  /** The requester by the word of the input. Kept where there is no proof, and never believed. */
  requestedBy?: string;
}

export interface Approval {
  /** ARNs of the approvers who said yes, for people. */
  approvedBy: string;
  /** When the last approver said yes, ISO 8601. */
  approvedAt: string;
  /** Each yes, as recorded. Absent in a run that was approved before records existed. */
  approvals?: Answer[];
}

export interface Announcement extends Progress {
  /** Number of messages that the channels accepted, in all rounds. */
  sent: number;
  /** Lead times of the rounds that went out, in minutes. */
  rounds: number[];
  /** Position in the current round: number of mail recipients already served. */
  next: number;
  /** Names of the webhooks that took no message in some round, so that their readers were not told. */
  unreached?: string[];
}

export interface Drained extends Progress {
  maintenance: 'on' | 'none';
  /** Number of users still signed in at the last look. */
  sessions: number;
  /** True when the policy went on without the last sessions. */
  proceeded: boolean;
  /** When maintenance mode was seen on, ISO 8601: the users' time counts from here. */
  countedSince?: string;
}

export interface Updates extends Progress {
  installed: string[];
}

export interface ServicesResult extends Progress {
  services: ServiceState[];
  /** Commands in flight, one per server. A poll asks for their answers and sends no others. */
  commands: CommandInFlight[];
  /** The tier under way. */
  tier: number;
  /** When that tier began, ISO 8601. Its deadline counts from here. */
  tierSince: string;
}

/** Answer of the call for one batch. */
export type BatchRead = Pick<Progress, 'done' | 'waitSeconds'>;

export interface ManifestResult extends Progress {
  /** Set when the workflow has to read batches before the next call. */
  spread?: Spread;
  key: string;
  tables: number;
  rows: number;
}

export interface SnapshotResult extends Progress {
  identifier: string;
  arn: string;
  percent: number;
  /** Engine version of the database at the snapshot. A restored copy runs this version. */
  engineVersion?: string;
  /** Since when the snapshot is asked for but not visible, ISO 8601. */
  unseenSince?: string;
}

export interface RestoreResult extends Progress {
  identifier: string;
  arn: string;
  resourceId?: string;
  address?: string;
  port?: number;
  /** Since when a part is asked for but not visible, ISO 8601. */
  unseenSince?: string;
}

export interface VerificationResult extends Progress {
  /** Set when the workflow has to read batches before the next call. */
  spread?: Spread;
  equal: boolean;
  tables: number;
  rows: number;
  key: string;
}

export interface DatabaseResult extends Progress {
  identifier: string;
  state: string;
}

export interface ServersResult extends Progress {
  servers: { name: string; instanceId: string; state: string }[];
}

export interface Rollback {
  testInstance?: { done: boolean } | Failure;
  /** Only for systems that compare restored volumes. */
  testVolumes?: TestVolumesResult | Failure;
  services?: ServicesResult | Failure;
  maintenance?: { done: boolean } | Failure;
}

/** The outcome of a run, in the words of the rehearsal contract. */
export type Outcome =
  | 'succeeded'
  | 'planned'
  /** A backup of the running system is proved, and nothing was stopped. */
  | 'proved'
  /** An earlier run had switched everything off, and this run found it so. */
  | 'already-off'
  | 'rolled-back'
  | 'denied'
  /** Another run holds the system. */
  | 'refused'
  /** A hold kept it from beginning, before users were told. */
  | 'skipped'
  /** The same, after users were told. */
  | 'called-off'
  | 'partly-off'
  | 'failed';
