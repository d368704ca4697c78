import { StartDBClusterCommand, StopDBClusterCommand } from '@aws-sdk/client-rds';
import { rds } from '../../../runtime/clients.ts';
import type { DatabaseKind } from '../kind.ts';
import { unlessRefusedForState } from '../power.ts';
import { CLUSTER_TERMINAL } from '../status.ts';
import { findCopy, requestCopy, requestCopyDeletion } from './copy.ts';
import { findCluster } from './find.ts';
import { lookAtCluster } from './look-at-cluster.ts';
import { findSnapshot, listSnapshots, requestSnapshot, requestSnapshotDeletion } from './snapshot.ts';

/** A DB cluster: Aurora, or a Multi-AZ DB cluster. The plan refuses the latter, since RDS cannot stop it. */
export const clusterKind: DatabaseKind = {
  noun: 'DB cluster',
  terminal: CLUSTER_TERMINAL,
  quotas: {
    snapshots: 'ManualClusterSnapshots',
    copies: [
      { name: 'DB clusters', quota: 'DBClusters' },
      { name: 'DB instances', quota: 'DBInstances' },
    ],
    storage: false,
  },
  look: lookAtCluster,
  status: async (identifier) => {
    const cluster = await findCluster(identifier);
    return cluster === undefined ? undefined : (cluster.Status ?? 'unknown');
  },
  endpoint: async (identifier) => {
    const { Endpoint: address, Port: port } = (await findCluster(identifier)) ?? {};
    return address === undefined || port === undefined ? undefined : { address, port };
  },
  requestStop: (identifier) =>
    unlessRefusedForState('the stop', identifier, () =>
      rds().send(new StopDBClusterCommand({ DBClusterIdentifier: identifier })),
    ),
  requestStart: (identifier) =>
    unlessRefusedForState('the start', identifier, () =>
      rds().send(new StartDBClusterCommand({ DBClusterIdentifier: identifier })),
    ),
  findSnapshot,
  listSnapshots,
  requestSnapshot,
  requestSnapshotDeletion,
  findCopy,
  requestCopy,
  requestCopyDeletion,
};
