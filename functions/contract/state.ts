import type { SystemConfig } from './config.ts';
import type { RunInput, Verification } from './input.ts';
import type { ServicesLook, SourceLook } from './last-look.ts';
import type { Acceptance, Inspection, Plan, ServersLook } from './plan-state.ts';
import type { Answer, Requester } from './principal.ts';
import type { CommandInFlight, Progress, ServiceState, Spread } from './progress.ts';
import type { TestVolumesResult, VolumesCheckResult, VolumesResult } from './volumes-state.ts';

export type { CommandInFlight, Progress, ServiceState, Spread } from './progress.ts';

/**
 * The data of one shutdown run, whole. They begin as the run's input. Each step adds one key (its `ResultPath`), and nothing is ever overwritten, so a
 * step may read what an earlier step found. A step declares what it reads by `StateAfter` (`state-after.ts`).
 * Nothing secret travels here. What is large lies in the evidence bucket, with a reference in its place (`functions/runtime/run-state.ts`).
 */
export interface ShutdownState extends RunInput {
  /** Who, when and how: made by the plan, read by every later step. */
  run: RunContext;
  /** The configuration this run was planned with: a change during the run does not matter. */
  config: SystemConfig;
  plan: Plan;
  inspection: Inspection;
  /** Of systems that have something on their servers that a run would meet. */
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
  /** The last look before the point of no return. Absent in a run whose workflow had none yet. */
  servicesLook?: ServicesLook;
  /** Absent in a run that verifies nothing. */
  sourceLook?: SourceLook;
  /** The lock was confirmed: the run is past the point of no return. */
  lock?: { held: true; isLookFresh?: boolean };
  off: { database: DatabaseResult | Failure; servers: ServersResult | Failure };
  /** The error that ended the run's way forward, as a Catch writes it. */
  failure?: Failure;
  /** What the roll back did; a part that failed holds its {@link Failure}. */
  rollback?: Rollback;
  /** Why the run could not be closed. */
  closing?: Failure;
  /** How often the execution had been redriven when it came to its end. */
  ended?: { redriveCount: number };
  /** The way that a redrive took from there. */
  redriven?: Redriven;
}

/** What the end of a run answers when it is redriven. */
export interface Redriven {
  /** Which redrive it was: `$$.Execution.RedriveCount`. */
  count: number;
  /** ISO 8601. */
  at: string;
  next: 'close' | 'confirm-source' | 'switch-off' | 'roll-back' | 'succeeded';
  /** What had ended the run in the first place, when its state only tells why it was not let go on since. */
  failure?: Failure;
}

/** What a Catch writes. */
export interface Failure {
  Error: string;
  Cause: string;
}

/** What every handler gets from Step Functions' context object. */
export interface ExecutionReference {
  /** `$$.Execution.Id`: the ARN. */
  id: string;
  /** `$$.Execution.Name`. */
  name: string;
  /** `$$.Execution.StartTime`, ISO 8601. */
  startTime: string;
  /** `$$.Execution.RedriveCount`: 0 until it is redriven. Absent where another execution acts for this one. */
  redriveCount?: number;
}

export interface RunContext {
  /** `20261127-2200-1a2b3c4d`: start time (UTC) and 8 hexadecimal digits of the execution's ARN: the same however often a step runs. */
  id: string;
  system: string;
  action: 'shutdown';
  executionArn: string;
  startedAt: string;
  /** When the shutdown begins: the announced time. */
  at: string;
  dryRun: boolean;
  verification: Verification;
  /** Version of the configuration that the run was planned with. Absent in a run that ended before it was read, or began before versions were. */
  configuration?: string;
  reason?: string;
  /** Who asked, where it is proved. Absent of a run that began before it was proved: unknown. */
  requester?: Requester;
  /** Who asked, as the input says. Kept where nothing is proved; believed nowhere. */
  requestedBy?: string;
}

export interface Approval {
  /** ARNs of those who said yes, for people. */
  approvedBy: string;
  /** When the last of them did, ISO 8601. */
  approvedAt: string;
  /** Each yes as its record holds it. Absent of a run that was approved before they were recorded. */
  approvals?: Answer[];
}

export interface Announcement extends Progress {
  /** Messages that their channels accepted, all rounds. */
  sent: number;
  /** Lead times, in minutes, whose round went out. */
  rounds: number[];
  /** Position in the round under way: mail recipients already served. */
  next: number;
  /** Names of the webhooks that took no message in some round: whoever reads there was not told. */
  unreached?: string[];
}

export interface Drained extends Progress {
  maintenance: 'on' | 'none';
  /** Still signed in at the last look. */
  sessions: number;
  /** True when the policy went on without the last sessions. */
  proceeded: boolean;
}

export interface Updates extends Progress {
  installed: string[];
}

export interface ServicesResult extends Progress {
  services: ServiceState[];
  /** Commands in flight, one a server, so that a poll asks for them rather than sends others. */
  commands: CommandInFlight[];
  /** The tier under way. */
  tier: number;
  /** When that tier began, ISO 8601: its deadline counts from here. */
  tierSince: string;
}

/** What the call of one batch answers. */
export type BatchRead = Pick<Progress, 'done' | 'waitSeconds'>;

export interface ManifestResult extends Progress {
  /** Set when batches are to be read before the next call. */
  spread?: Spread;
  key: string;
  tables: number;
  rows: number;
}

export interface SnapshotResult extends Progress {
  identifier: string;
  arn: string;
  percent: number;
  /** Of the database when it was taken: what a restore of it runs. */
  engineVersion?: string;
  /** Since when it was asked for and is not to be seen, ISO 8601. */
  unseenSince?: string;
}

export interface RestoreResult extends Progress {
  identifier: string;
  arn: string;
  resourceId?: string;
  address?: string;
  port?: number;
  /** Since when a part was asked for and is not to be seen, ISO 8601. */
  unseenSince?: string;
}

export interface VerificationResult extends Progress {
  /** Set when batches are to be read before the next call. */
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
  /** Only for systems that restore volumes to compare them. */
  testVolumes?: TestVolumesResult | Failure;
  services?: ServicesResult | Failure;
  maintenance?: { done: boolean } | Failure;
}

/** How a run ended, as the rehearsal contract names it. */
export type Outcome =
  | 'succeeded'
  | 'planned'
  /** A run before it had switched everything off, and that is how it was found. */
  | 'already-off'
  | 'rolled-back'
  | 'denied'
  | 'skipped'
  | 'partly-off'
  | 'failed';
