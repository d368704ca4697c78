import type { Tag } from '@aws-sdk/client-rds';
import type { SystemConfig } from '../../contract/config.ts';
import type { PendingUpdate, PlannedDatabase } from '../../contract/plan-state.ts';

/**
 * What the steps ask of "the database", whatever RDS calls it: the port behind which DB instances and DB clusters stand. Each
 * request is one call that may be made again: what was asked for already is found, and a state that only has to pass is no error.
 * How long to wait, and when it has been too long, is the steps' business.
 */
export interface DatabaseKind {
  /** `DB instance` or `DB cluster`, for sentences. */
  readonly noun: string;
  /** Statuses that no stop leads out of. */
  readonly terminal: ReadonlySet<string>;
  /** Quotas of the account that a run draws on. */
  readonly quotas: {
    /** Of manual snapshots. */
    snapshots: string;
    /** Of what a copy is made of, each one more. */
    copies: { name: string; quota: string }[];
    /** True where a copy counts to the account's allocated storage. */
    storage: boolean;
  };

  /** Everything the plan wants to know, or undefined when RDS knows no such database of this kind. Reads only. */
  look(identifier: string, config: SystemConfig): Promise<LookedAt | undefined>;
  /** RDS's word for how the database is now; undefined when there is none. */
  status(identifier: string): Promise<string | undefined>;

  /** Asks RDS to stop the database. A refusal for its state is logged, not thrown: the status, read next, tells. */
  requestStop(identifier: string): Promise<void>;
  /** Asks RDS to start the database; a refusal for its state as with {@link requestStop}. */
  requestStart(identifier: string): Promise<void>;

  findSnapshot(identifier: string): Promise<FoundSnapshot | undefined>;
  /** Every manual snapshot of the database. */
  listSnapshots(database: string): Promise<FoundSnapshot[]>;
  requestSnapshot(request: SnapshotRequest): Promise<FoundSnapshot | Refusal | typeof NOT_LISTED>;

  /** Asks for the deletion of a snapshot; one that is gone already is no error. The caller has proved whose it is. */
  requestSnapshotDeletion(identifier: string): Promise<void>;

  /** The copy with all of its parts; undefined only when RDS knows none of them. */
  findCopy(identifier: string): Promise<FoundCopy | undefined>;
  /** Asks for the copy, or for the next part of one that is `incomplete`. */
  requestCopy(
    request: CopyRequest,
    found: FoundCopy | undefined,
  ): Promise<FoundCopy | Refusal | typeof NOT_LISTED>;
  /** Asks for the deletion of what can be deleted now; a state that passes is no error. The caller has proved whose it is. */
  requestCopyDeletion(copy: FoundCopy): Promise<void>;
}

/** Asked for, accepted, and not to be seen yet: RDS is eventually consistent. */
export const NOT_LISTED = 'not listed yet';

/** RDS would not. */
export interface Refusal {
  refused: string;
  /** True when the same request may be taken later: the database is busy with something else. */
  passes: boolean;
}

export function isRdsRefusal(answer: unknown): answer is Refusal {
  return typeof answer === 'object' && answer !== null && 'refused' in answer;
}

/** A problem of the database and what to do about it: a reason of the plan without its resource. */
export interface Finding {
  problem: string;
  remedy: string;
  /** True for a state that passes by itself. */
  passes?: true;
}

export interface LookedAt {
  status: string;
  arn: string | undefined;
  /** What a restore keeps; undefined while RDS names no endpoint (a stopped or creating database has none). */
  planned: PlannedDatabase | undefined;
  /** Why RDS would not stop it, or a copy of it could not be made: all of it. */
  findings: Finding[];
  warnings: string[];
  /** KMS key of its storage, as RDS names it; undefined where the storage is not encrypted. */
  kmsKey?: string;
  /** What a stop would discard, and what maintenance waits. */
  pendingUpdates: PendingUpdate[];
}

export interface SnapshotRequest {
  identifier: string;
  database: string;
  tags: Tag[];
}

export interface FoundSnapshot {
  identifier: string;
  arn: string;
  /** Identifier of the database it was taken of. */
  database: string;
  status: string;
  /** 0 to 100. */
  percent: number;
  tags: Tag[];
  /** Of the database when it was taken; an update may have raised it since the plan. */
  engineVersion?: string;
}

export interface CopyRequest {
  identifier: string;
  snapshot: string;
  /** Of the snapshot; undefined where RDS did not say it. Default: the source's, as the plan saw it. */
  engineVersion: string | undefined;
  source: PlannedDatabase;
  /** Class of the copy. Default: the source's, which is known to hold the data under the source's parameter groups. */
  instanceClass: string | undefined;
  /** Default: the source's. */
  subnetGroup: string | undefined;
  securityGroup: string;
  /** True when its user signs in by IAM: a restore does not take that over from the source. */
  iamAuthentication: boolean;
  tags: Tag[];
}

export interface FoundCopy {
  identifier: string;
  arn: string;
  /** Never the same for two databases. */
  resourceId?: string;
  /** RDS's word; of a copy in parts, that of the part which is furthest from being ready. */
  status: string;
  /** `incomplete`: its next part has to be asked for. `ended`: no waiting makes it ready. */
  progress: 'ready' | 'incomplete' | 'on the way' | 'ended';
  address?: string;
  port?: number;
  publiclyAccessible: boolean;
  securityGroups: string[];
  /** All that a deletion would delete. */
  parts: CopyPart[];
}

export interface CopyPart {
  /** `instance crm-copy`: for sentences. */
  name: string;
  identifier: string;
  status: string;
  tags: Tag[];
  /** Somebody else put it there; its tags are not looked at. */
  foreign?: true;
}
