import type { Tag } from '@aws-sdk/client-rds';
import type { SystemConfig } from '../../contract/config.ts';
import type { PendingUpdate, PlannedDatabase } from '../../contract/plan-state.ts';

/**
 * The port of the steps to the database: DB instances and DB clusters implement it. Each request is one call that may be repeated. A repeat
 * finds the earlier request, and a state that passes by itself is no error. The steps decide how long to wait.
 */
export interface DatabaseKind {
  /** `DB instance` or `DB cluster`, for sentences. */
  readonly noun: string;
  /** Statuses from which RDS cannot stop the database. */
  readonly terminal: ReadonlySet<string>;
  /** The account's quotas that a run uses up. */
  readonly quotas: {
    /** Quota of manual snapshots. */
    snapshots: string;
    /** Quotas of the parts of a copy, one more of each. */
    copies: { name: string; quota: string }[];
    /** True if a copy counts towards the account's allocated storage. */
    storage: boolean;
  };

  /** All facts for the plan, or undefined when RDS has no such database of this kind. Reads only. */
  look(identifier: string, config: SystemConfig): Promise<LookedAt | undefined>;
  /** The database's status in the words of RDS. Undefined when there is no such database. */
  status(identifier: string): Promise<string | undefined>;

  /** Where the database answers; of a cluster its writer. Undefined while RDS names no endpoint. */
  endpoint(identifier: string): Promise<Endpoint | undefined>;

  /** Asks RDS to stop the database. A refusal for its state is logged, not thrown: the caller reads the status next. */
  requestStop(identifier: string): Promise<void>;

  /** Asks RDS to start the database. A refusal for its state is logged, not thrown: the caller reads the status next. */
  requestStart(identifier: string): Promise<void>;

  findSnapshot(identifier: string): Promise<FoundSnapshot | undefined>;
  listSnapshots(database: string): Promise<FoundSnapshot[]>;
  requestSnapshot(request: SnapshotRequest): Promise<FoundSnapshot | Refusal | typeof NOT_LISTED>;

  /** Asks for the deletion of a snapshot. A snapshot that is not there is no error. The caller has proved the owner. */
  requestSnapshotDeletion(identifier: string): Promise<void>;

  /** The copy with all of its parts. Undefined only when RDS has none of them. */
  findCopy(identifier: string): Promise<FoundCopy | undefined>;
  /** Asks for the copy, or for the next part of an `incomplete` one. */
  requestCopy(
    request: CopyRequest,
    found: FoundCopy | undefined,
  ): Promise<FoundCopy | Refusal | typeof NOT_LISTED>;
  /** Asks for the deletion of the parts that can be deleted now. A state that passes is no error. The caller has proved the owner. */
  requestCopyDeletion(copy: FoundCopy): Promise<void>;
}

export interface Endpoint {
  address: string;
  port: number;
}

/** RDS accepted the request, but does not list the resource yet: RDS is eventually consistent. */
export const NOT_LISTED = 'not listed yet';

/** RDS refused a request. */
export interface Refusal {
  refused: string;
  /** True if RDS may take the same request later: the database is busy. */
  passes: boolean;
}

export function isRdsRefusal(answer: unknown): answer is Refusal {
  return typeof answer === 'object' && answer !== null && 'refused' in answer;
}

/** A problem of the database and its remedy: a reason of the plan without its resource. */
export interface Finding {
  problem: string;
  remedy: string;
  /** True for a state that passes by itself. */
  passes?: true;
  /** True if it only keeps RDS from stopping the database: a snapshot of it can be taken and restored. */
  onlyOfStop?: true;
}

export interface LookedAt {
  status: string;
  arn: string | undefined;
  /** Facts that a restore keeps. Undefined while RDS names no endpoint: a stopped or creating database has none. */
  planned: PlannedDatabase | undefined;
  /** All reasons why RDS could not stop the database, or why a copy could not be made. */
  findings: Finding[];
  warnings: string[];
  /** KMS key of its storage, in the words of RDS. Absent if the storage is not encrypted. */
  kmsKey?: string;
  /** Modifications that a stop would discard, and pending maintenance. */
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
  /** Identifier of the source database. */
  database: string;
  status: string;
  /** 0 to 100. */
  percent: number;
  tags: Tag[];
  /** Engine version of the database at the snapshot. An update may have raised it since the plan. */
  engineVersion?: string;
  /** Engine in the words of RDS, e.g. `aurora-postgresql`. */
  engine?: string;
  /** Time of the snapshot, ISO 8601. */
  takenAt?: string;
}

export interface CopyRequest {
  identifier: string;
  snapshot: string;
  /** Engine version of the snapshot. Undefined if RDS did not tell it: then the source's, as the plan saw it. */
  engineVersion: string | undefined;
  source: PlannedDatabase;
  /** Class of the copy. Default: the source's, which is known to hold the data under the source's parameter groups. */
  instanceClass: string | undefined;
  /** Default: the source's. */
  subnetGroup: string | undefined;
  securityGroup: string;
  /** True if the database user signs in by IAM. A restore does not copy that setting from the source. */
  iamAuthentication: boolean;
  tags: Tag[];
}

export interface FoundCopy {
  identifier: string;
  arn: string;
  /** No two databases share it. */
  resourceId?: string;
  /** Status in the words of RDS. Of a copy in parts: that of the part furthest from ready. */
  status: string;
  /** `incomplete`: the next part has to be asked for. `ended`: waiting does not make it ready. */
  progress: 'ready' | 'incomplete' | 'on the way' | 'ended';
  address?: string;
  port?: number;
  publiclyAccessible: boolean;
  securityGroups: string[];
  /** All parts that a deletion would delete. */
  parts: CopyPart[];
}

export interface CopyPart {
  /** `instance crm-copy`: for sentences. */
  name: string;
  identifier: string;
  status: string;
  tags: Tag[];
  /** Somebody else added this part. Its tags are not read. */
  foreign?: true;
}
