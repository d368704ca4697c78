import type { Finding } from './kind.ts';

/**
 * Instance statuses that lead to `available` by themselves
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html#Overview.DBInstance.Status). A copy never leaves any
 * other status: `failed`, `incompatible-restore`, `inaccessible-encryption-credentials`, `storage-full` …
 */
export const INSTANCE_ON_THE_WAY: ReadonlySet<string> = new Set([
  'creating',
  'backing-up',
  'modifying',
  'configuring-enhanced-monitoring',
  'configuring-iam-database-auth',
  'configuring-log-exports',
  'maintenance',
  'rebooting',
  'renaming',
  'resetting-master-credentials',
  'starting',
  'storage-optimization',
  'storage-initialization',
  'storage-config-upgrade',
  'upgrading',
]);

/** Instance statuses from which RDS cannot stop the instance (same page). */
export const INSTANCE_TERMINAL: ReadonlySet<string> = new Set([
  'deleting',
  'failed',
  'inaccessible-encryption-credentials',
  'inaccessible-encryption-credentials-recoverable',
  'incompatible-network',
  'incompatible-option-group',
  'incompatible-parameters',
  'incompatible-restore',
  'restore-error',
  'storage-full',
]);

/** Remedies for statuses other than `available` that waiting does not mend. */
const REMEDIES: Record<string, string> = {
  stopped:
    'start it: a run backs a running database up and then stops it; nothing is to be done for one that is off already',
  stopping: 'wait until it is stopped, then start it if it is to be backed up',
  'storage-full':
    'give it more storage (ModifyDBInstance with AllocatedStorage), then wait until it is available',
  'inaccessible-encryption-credentials':
    'its KMS key is gone for good: restore the database from a backup that was encrypted with another key',
  'inaccessible-encryption-credentials-recoverable':
    'enable its KMS key (or cancel the deletion of it) and start it; RDS gives up after 7 days',
  failed: 'restore it to a point in time: RDS cannot recover it',
  'incompatible-network': 'mend its subnets or its VPC, then restart it',
  'incompatible-option-group': 'correct its option group: see its events in the RDS console',
  'incompatible-parameters': 'correct its parameter group and restart it: see its events in the RDS console',
  'incompatible-restore': 'restore it again, with a matching engine version and parameters',
  'restore-error': 'restore it again: see its events in the RDS console',
  'insufficient-capacity': 'choose another class for it, or wait until AWS has capacity',
  deleting: 'name another database: this one is being deleted',
};

/**
 * The finding for a database or a member that is not `available`.
 *
 * @param what begins the sentence: `its status`.
 * @param onTheWay statuses that lead to `available` by themselves.
 */
export function statusFinding(what: string, status: string, onTheWay: ReadonlySet<string>): Finding {
  return {
    problem: `${what} is "${status}", expected "available"`,
    remedy: REMEDIES[status] ?? 'wait until it is available: see its events in the RDS console',
    ...(onTheWay.has(status) ? { passes: true } : {}),
  };
}

/**
 * Cluster statuses that lead to `available` by themselves
 * (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html#Aurora.Status). A copy never leaves any other
 * status.
 */
export const CLUSTER_ON_THE_WAY: ReadonlySet<string> = new Set([
  'creating',
  'migrating',
  'backing-up',
  'failing-over',
  'maintenance',
  'modifying',
  'promoting',
  'renaming',
  'resetting-master-credentials',
  'starting',
  'storage-optimization',
  'update-iam-db-auth',
  'upgrading',
]);

/** Cluster statuses from which RDS cannot stop the cluster (same page). */
export const CLUSTER_TERMINAL: ReadonlySet<string> = new Set([
  'cloning-failed',
  'deleting',
  'failed',
  'inaccessible-encryption-credentials',
  'inaccessible-encryption-credentials-recoverable',
  'migration-failed',
]);

/** RDS statuses in which users can work: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html */
export const USABLE: ReadonlySet<string> = new Set([
  'available',
  'backing-up',
  'configuring-enhanced-monitoring',
  'configuring-log-exports',
  'failing-over',
  'modifying',
  'storage-config-upgrade',
  'storage-initialization',
  'storage-optimization',
  'update-iam-db-auth',
]);
