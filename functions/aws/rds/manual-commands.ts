import type { SystemConfig } from '../../contract/config.ts';
import { writerName } from './cluster/writer-name.ts';

/** AWS CLI commands by which people do the work of a run by hand. */
interface ByHand {
  start(identifier: string): string;
  stop(identifier: string): string;
  deleteCopy(identifier: string): string;
}

const deleteInstance = (identifier: string): string =>
  `aws rds delete-db-instance --skip-final-snapshot --delete-automated-backups --db-instance-identifier ${identifier}`;

const BY_HAND: Record<SystemConfig['database']['kind'], ByHand> = {
  instance: {
    start: (identifier) => `aws rds start-db-instance --db-instance-identifier ${identifier}`,
    stop: (identifier) => `aws rds stop-db-instance --db-instance-identifier ${identifier}`,
    deleteCopy: deleteInstance,
  },
  cluster: {
    start: (identifier) => `aws rds start-db-cluster --db-cluster-identifier ${identifier}`,
    stop: (identifier) => `aws rds stop-db-cluster --db-cluster-identifier ${identifier}`,
    // RDS accepts the cluster's deletion once the deletion of its instance has begun.
    deleteCopy: (identifier) =>
      `${deleteInstance(writerName(identifier))} && aws rds delete-db-cluster --skip-final-snapshot --db-cluster-identifier ${identifier}`,
  },
};

export function byHand({ database }: Pick<SystemConfig, 'database'>): ByHand {
  return BY_HAND[database.kind];
}
