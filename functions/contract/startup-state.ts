import type { Service, SystemConfig } from './config.ts';
import type { HealthResult } from './health-state.ts';
import type { Reason } from './plan-state.ts';
import type { Progress, Spread } from './progress.ts';
import type { StartupInput } from './startup-input.ts';
import type { Failure, RunContext, ServicesResult } from './state.ts';

/**
 * The data of one start-up run, whole. It begins as the run's input. Each step adds one key (its `ResultPath`), so a step may read the
 * answers of all earlier steps. The state holds no secret.
 */
export interface StartupState extends StartupInput {
  /** Requester, times and options. The plan makes it, every later step reads it. */
  run: RunContext;
  /** The configuration at the time of the plan. */
  config: SystemConfig;
  wake: StartupPlan;
  /**
   * Set when the system was open already, so that the run did nothing. It is no part of `wake`: the state machine reads it, and the plan
   * of a large system lies in the evidence bucket.
   */
  alreadyOn?: AlreadyOn | undefined;
  database?: DatabaseStarted | undefined;
  confirmation?: Confirmation | undefined;
  servers?: ServersStarted | undefined;
  services?: ServicesResult | undefined;
  health?: HealthResult | undefined;
  opened?: Opened | undefined;
  /** Whether users were told that the promised time passes. */
  late?: { sent: number } | undefined;
  /** The error that ended the run, as a Catch writes it. */
  failure?: Failure | undefined;
}

/** The state of a start-up as far as it got. */
export type ReachedStartup = Partial<StartupState>;

/** What the plan of a start-up found. */
export interface StartupPlan {
  /** The shutdown that put the system away. Absent when no run did. */
  shutdown?: { run: string; verified: boolean; outAt?: string };
  /** The database's status in the words of RDS, before the first start. */
  database: string;
  servers: PlannedStart[];
  /** The services that come up: those that ran before the shutdown, or were down by a fault. */
  services: Pick<Service, 'name' | 'server'>[];
  confirm: ConfirmPlan;
  /** When the doors open. Absent: when everything is healthy. */
  backAt?: string;
  /** Facts that the operators should know. */
  warnings: string[];
  /** Reasons not to begin. Empty when the run may begin. */
  reasons: Reason[];
}

export interface AlreadyOn {
  /** When a start-up let users in, ISO 8601. Absent when no run ever has. */
  since?: string;
  seenAt: string;
}

export interface PlannedStart {
  name: string;
  instanceId: string;
  /** The server's state in the words of EC2, before the first start. */
  state: string;
  /** False for a server that was off before the shutdown: it stays off. */
  comesUp: boolean;
  /** Its public address before the shutdown. */
  publicAddress?: string;
}

/** Whether the data are confirmed before servers start. */
export type ConfirmPlan =
  | { policy: 'full'; manifestOf: string; accept?: Acceptance }
  /** There is nothing to compare with, the configuration says not to, or an earlier start-up of the same shutdown has done it. */
  | { policy: 'none'; why: string; accept?: Acceptance }
  /** A comparison would prove nothing any more. */
  | { policy: 'impossible'; why: string; accept?: Acceptance };

/** A person lets the system start in spite of what a comparison says. */
export interface Acceptance {
  reason: string;
  /** ARN or name of who said so. */
  by: string;
}

export interface DatabaseStarted extends Progress {
  identifier: string;
  state: string;
  /** False for a database that ran when the start-up found it. */
  wasStarted: boolean;
  /** Where it answers, once it does. */
  address?: string;
  port?: number;
}

export interface Confirmation extends Progress {
  /** Set when the workflow has to read batches before the next call. */
  spread?: Spread;
  /**
   * `equal`: what comes back is what was put away. `accepted`: a person let it start although it differs or could not be compared.
   * `not-confirmed`: it was not compared, on record, for the reason in `why`.
   */
  outcome: 'under way' | 'equal' | 'accepted' | 'not-confirmed';
  equal: boolean;
  tables: number;
  rows: number;
  /** Key of the evidence. */
  key: string;
  why?: string;
  accepted?: Acceptance;
}

export interface ServerStarted {
  name: string;
  instanceId: string;
  /** In the words of EC2. */
  state: string;
  /** Running, both status checks passed, SSM agent online. */
  ready: boolean;
  /** Why it is not ready. */
  problem?: string;
  /** Its public address, where it is another one than before the shutdown. */
  newAddress?: string;
  /** How EC2 refused the last request to start it. Absent once a request is accepted. */
  refusal?: string;
  /** Before this time EC2 is not asked again to start it, ISO 8601. */
  nextTryAt?: string;
  tries: number;
}

export interface ServersStarted extends Progress {
  servers: ServerStarted[];
}

export interface Opened extends Progress {
  /** When the doors opened, ISO 8601. */
  at?: string;
}

/** The outcome of a start-up, in the words of the rehearsal contract. */
export type StartupOutcome = 'succeeded' | 'planned' | 'already-on' | 'partly-on' | 'refused' | 'failed';
