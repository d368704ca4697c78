import type { AlreadyOff } from './already-off.ts';
import type { CommandInFlight, Progress } from './progress.ts';
import type { StepName } from './steps.ts';
import type { PlannedTag } from './tags-config.ts';
import type { PlannedFiles } from './volumes-state.ts';

/** A reason why a run may not begin. The plan shows all reasons together. */
export interface Reason {
  /** The resource: `database crm-db`, `server web-1`, `input.at`. */
  resource: string;
  /** What was found and what was expected. */
  problem: string;
  /** What to do. */
  remedy: string;
  /** True for a state that passes by itself. A run waits for a while before it refuses. */
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
  /** DbiResourceId or DbClusterResourceId. No two databases share one. */
  resourceId: string;
  engine: string;
  engineVersion: string;
  /** Of a cluster: the class of its writer. */
  instanceClass: string;
  /** Of a cluster: its writer endpoint. */
  address: string;
  port: number;
  allocatedStorageGib: number;
  /** In the words of RDS: `gp3`, `io2`, `aurora-iopt1` … */
  storageType?: string;
  /** Provisioned IOPS, for storage types that have them. */
  iops?: number;
  subnetGroup?: string;
  /** Parameter group of the instance. Of a cluster: that of its writer. */
  parameterGroup?: string;
  /** Of a cluster. */
  clusterParameterGroup?: string;
  /** Of a cluster with Serverless v2 instances, in Aurora capacity units. */
  capacity?: { minimum: number; maximum: number };
  optionGroup?: string;
  multiAz: boolean;
  /** Tags that the snapshot and the copy also get, with `copyTags`. */
  tags?: PlannedTag[];
}

export interface PlannedServer {
  name: string;
  instanceId: string;
  platform: 'linux' | 'windows';
  /** In the words of EC2: `running`, `stopped` … */
  state: string;
  /** Its public address, where it has one. A start may bring another. */
  publicAddress?: string;
}

/** What the plan found. The plan only reads. */
export interface Plan {
  /** Absent when RDS has no such database. Then `reasons` says so. */
  database?: PlannedDatabase;
  servers: PlannedServer[];
  /** The CRM's files. Absent in the plan of a run older than this field. */
  files?: PlannedFiles;
  pendingUpdates: PendingUpdate[];
  /** Reasons not to begin. Empty when the run may begin. */
  reasons: Reason[];
  /** Facts that the operators should know but that do not stop the run. */
  warnings: string[];
  /** Set when the system is off already. Then the plan looked at nothing else. */
  alreadyOff?: AlreadyOff;
  /** Expected durations from earlier runs, else from the defaults. */
  expected: { totalSeconds: number; steps: Partial<Record<StepName, number>> };
}

/** Answers of the database to the inspection. */
export interface Inspection {
  reachable: boolean;
  serverVersion?: string;
  databases: { name: string; bytes: number; tables: number }[];
  /** Sessions of people at planning time. */
  sessions: number;
  reasons: Reason[];
}

/** Answers of the servers, before anybody is told. */
export interface ServersLook extends Progress {
  /** Sent and not yet answered. */
  commands: CommandInFlight[];
  reasons: Reason[];
  warnings: string[];
}

/** The accepted plan: it is stored and the lock is taken. A dry run takes no lock. */
export interface Acceptance {
  planKey: string;
  /** The ended run whose lock this run took over, if there was one. */
  takenOverFrom?: string;
}
