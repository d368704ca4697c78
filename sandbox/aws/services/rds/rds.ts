import type { DatabaseWorld } from '../../../world/database/world.ts';
import type { ServiceOperations } from '../../operation.ts';
import { clusterCopyOperations } from './cluster-copies.ts';
import { clusterSnapshotOperations } from './cluster-snapshots.ts';
import { clusterOperations } from './clusters.ts';
import { deploymentOperations } from './deployments.ts';
import { instanceOperations } from './instances.ts';
import { maintenanceOperations } from './maintenance.ts';
import { restoreOperations } from './restores.ts';
import { snapshotOperations } from './snapshots.ts';
import { tagOperations } from './tags.ts';

/** The operations of RDS that the functions use, over the sandbox's servers. Errors and states as the RDS API reference has them. */
export function createRds(world: DatabaseWorld): ServiceOperations {
  return {
    ...instanceOperations(world),
    ...restoreOperations(world),
    ...snapshotOperations(world),
    ...clusterOperations(world),
    ...clusterCopyOperations(world),
    ...clusterSnapshotOperations(world),
    ...maintenanceOperations(world),
    ...deploymentOperations(world),
    ...tagOperations(world),
  };
}
