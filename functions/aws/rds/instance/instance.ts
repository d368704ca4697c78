import { StartDBInstanceCommand, StopDBInstanceCommand } from '@aws-sdk/client-rds';
import { rds } from '../../../runtime/clients.ts';
import type { DatabaseKind } from '../kind.ts';
import { unlessRefusedForState } from '../power.ts';
import { INSTANCE_TERMINAL } from '../status.ts';
import { findCopy, requestCopy, requestCopyDeletion } from './copy.ts';
import { findInstance } from './find.ts';
import { lookAtInstance } from './look-at-instance.ts';
import { findSnapshot, listSnapshots, requestSnapshot, requestSnapshotDeletion } from './snapshot.ts';

/** A DB instance, Single-AZ or Multi-AZ. */
export const instanceKind: DatabaseKind = {
  noun: 'DB instance',
  terminal: INSTANCE_TERMINAL,
  quotas: {
    snapshots: 'ManualSnapshots',
    copies: [{ name: 'DB instances', quota: 'DBInstances' }],
    storage: true,
  },
  look: lookAtInstance,
  status: async (identifier) => {
    const instance = await findInstance(identifier);
    return instance === undefined ? undefined : (instance.DBInstanceStatus ?? 'unknown');
  },
  endpoint: async (identifier) => {
    const { Address: address, Port: port } = (await findInstance(identifier))?.Endpoint ?? {};
    return address === undefined || port === undefined ? undefined : { address, port };
  },
  requestStop: (identifier) =>
    unlessRefusedForState('the stop', identifier, () =>
      rds().send(new StopDBInstanceCommand({ DBInstanceIdentifier: identifier })),
    ),
  requestStart: (identifier) =>
    unlessRefusedForState('the start', identifier, () =>
      rds().send(new StartDBInstanceCommand({ DBInstanceIdentifier: identifier })),
    ),
  findSnapshot,
  listSnapshots,
  requestSnapshot,
  requestSnapshotDeletion,
  findCopy,
  requestCopy,
  requestCopyDeletion,
};
