import type { Deployment } from '../../deployment.ts';
import type { SimulatedClock } from '../../play/clock.ts';
import type { WorldFault } from '../faults.ts';
import type { KeyWorld } from '../keys.ts';
import type { ServerCertificate } from './certificates.ts';
import type { Disturbance } from './connection-faults.ts';
import type { RowCounts } from './crm.ts';
import type { SandboxEngine } from './database-server.ts';
import type { Instance } from './instance.ts';

export interface DatabaseWorldOptions {
  deployment: Deployment;
  clock: SimulatedClock;
  faults: WorldFault[];
  /** SQL file to load in place of the generated CRM. */
  seedSql?: string | undefined;
  /** How many rows the generated CRM has. Default: 100,000 in all. */
  rows?: RowCounts | undefined;
  /** IAM database authentication: why a token does not let its bearer in; undefined when it does. */
  admit: Admission;
  /** Where data directories go; removed at the end by the caller. */
  workDirectory: string;
  /** Of the servers. */
  certificate: ServerCertificate;
  /** What is to go wrong with the next connection to a server. Default: nothing, and nothing stands before the servers. */
  disturb?: ((on: 'source' | 'copy') => Disturbance) | undefined;
  /** The keys of the account. Default: nothing is encrypted. */
  keys?: KeyWorld | undefined;
  /** Told of a fault of the world when it strikes. */
  onFault?: (name: WorldFault['world']) => void;
  /** What makes the servers. Default: the engine of the system, every server anew. */
  engine?: SandboxEngine | undefined;
}

/** Why a connection to an instance with a token is refused; undefined when it is not. */
export type Admission = (claim: {
  token: string;
  user: string;
  /** Of the endpoint that was connected to. */
  port: number;
  /** `db-ABC…`. */
  resourceId: string;
}) => string | undefined;

/** The instance or cluster that a server is made for. */
export type Served = Pick<Instance, 'identifier' | 'resourceId'> & {
  iamAuthentication?: boolean | undefined;
};

/** A quota of the account that may be reached. */
export type Quota = Extract<WorldFault, { world: 'quota-reached' }>['quota'];
