import type { AlreadyOff } from './already-off.ts';
import type { CommandInFlight, Progress } from './progress.ts';
import type { StepName } from './steps.ts';
import type { PlannedTag } from './tags-config.ts';
import type { PlannedFiles } from './volumes-state.ts';

/** A reason why a run may not begin: shown together with all others. */
export interface Reason {
  /** What it is about: `database crm-db`, `server web-1`, `input.at`. */
  resource: string;
  /** What was found and what was expected. */
  problem: string;
  /** What to do. */
  remedy: string;
  /** True for a state that passes by itself: a run waits for it for a while before it refuses. */
  passes?: true;
}

export interface PendingUpdate {
  /** `database crm-db` or `server web-1`. */
  resource: string;
  /** `os-upgrade`, `missing patches`, `pending modification: AllocatedStorage` … */
  kind: string;
  description: string;
}

export interface PlannedDatabase {
  identifier: string;
  arn: string;
  /** DbiResourceId or DbClusterResourceId: never the same for two databases. */
  resourceId: string;
  engine: string;
  engineVersion: string;
  /** Of a cluster that of its writer. */
  instanceClass: string;
  /** Of a cluster its writer endpoint. */
  address: string;
  port: number;
  allocatedStorageGib: number;
  /** As RDS says it: `gp3`, `io2`, `aurora-iopt1` … */
  storageType?: string;
  /** Provisioned IOPS, where the storage has them. */
  iops?: number;
  subnetGroup?: string;
  /** Of the instance; of a cluster that of its writer. */
  parameterGroup?: string;
  /** Of a cluster. */
  clusterParameterGroup?: string;
  /** Of a cluster with Serverless v2 instances, in Aurora capacity units. */
  capacity?: { minimum: number; maximum: number };
  optionGroup?: string;
  multiAz: boolean;
  /** What its snapshot and its copy carry too, where `copyTags` says so. */
  tags?: PlannedTag[];
}

export interface PlannedServer {
  name: string;
  instanceId: string;
  platform: 'linux' | 'windows';
  /** As EC2 says it: `running`, `stopped` … */
  state: string;
}

/** What the plan found, read-only. */
export interface Plan {
  /** Absent when RDS does not know it: then `reasons` says so. */
  database?: PlannedDatabase;
  servers: PlannedServer[];
  /** The CRM's files. Absent in the plan of a run that began before they were covered. */
  files?: PlannedFiles;
  pendingUpdates: PendingUpdate[];
  /** Why not; empty when the run may begin. */
  reasons: Reason[];
  /** What the operators should know, though it does not stop the run. */
  warnings: string[];
  /** Set when there is nothing to do: then nothing else was looked at. */
  alreadyOff?: AlreadyOff;
  /** From earlier runs, else from the defaults, in seconds. */
  expected: { totalSeconds: number; steps: Partial<Record<StepName, number>> };
}

/** What the database said when it was asked. */
export interface Inspection {
  reachable: boolean;
  serverVersion?: string;
  databases: { name: string; bytes: number; tables: number }[];
  /** Sessions of people at planning time. */
  sessions: number;
  reasons: Reason[];
}

/** What the servers themselves said, before anybody is told. */
export interface ServersLook extends Progress {
  /** Sent and not yet answered. */
  commands: CommandInFlight[];
  reasons: Reason[];
  warnings: string[];
}

/** The plan as accepted: lock taken (not for a dry run), plan stored. */
export interface Acceptance {
  planKey: string;
  /** Taken over from a run that is over, when there was one. */
  takenOverFrom?: string;
}
