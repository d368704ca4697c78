import type { RestoreDBInstanceFromDBSnapshotCommandInput } from '@aws-sdk/client-rds';
import { describeInstance } from '../../../world/database/instance.ts';
import type { DatabaseWorld } from '../../../world/database/world.ts';
import { AwsError, type Caller, type Operation, type ServiceOperations } from '../../operation.ts';
import { requireIdentifier, requireKey, tagging } from './checks.ts';
import { DURATIONS } from './durations.ts';
import { later } from './later.ts';

/** Restores of snapshots to DB instances. */
export function restoreOperations(world: DatabaseWorld): ServiceOperations {
  const restore: Operation<RestoreDBInstanceFromDBSnapshotCommandInput, unknown> = {
    resources: (input) => [
      world.arn('db', input.DBInstanceIdentifier ?? ''),
      world.arn('snapshot', input.DBSnapshotIdentifier ?? ''),
      ...(input.DBSubnetGroupName === undefined ? [] : [world.arn('subgrp', input.DBSubnetGroupName)]),
      ...(input.DBParameterGroupName === undefined ? [] : [world.arn('pg', input.DBParameterGroupName)]),
      ...(input.OptionGroupName === undefined ? [] : [world.arn('og', input.OptionGroupName)]),
    ],
    actions: (input) => ['rds:RestoreDBInstanceFromDBSnapshot', ...tagging(input.Tags)],
    run: (input, { caller }) => restoreInstance(world, input, caller),
  };
  return { RestoreDBInstanceFromDBSnapshot: restore };
}

function restoreInstance(
  world: DatabaseWorld,
  input: RestoreDBInstanceFromDBSnapshotCommandInput,
  caller: Caller,
): unknown {
  const identifier = input.DBInstanceIdentifier ?? '';
  requireIdentifier('database', identifier);
  if (world.instances.has(identifier))
    throw new AwsError('DBInstanceAlreadyExistsFault', `DB instance already exists: ${identifier}`);
  const snapshot = world.snapshots.get(input.DBSnapshotIdentifier ?? '');
  if (snapshot === undefined)
    throw new AwsError('DBSnapshotNotFoundFault', `DBSnapshot ${input.DBSnapshotIdentifier} not found.`, 404);
  if (snapshot.status !== 'available') {
    throw new AwsError(
      'InvalidDBSnapshotStateFault',
      `DBSnapshot ${snapshot.identifier} is in state ${snapshot.status}.`,
    );
  }
  if (world.isUsedUp('instances'))
    throw new AwsError('InstanceQuotaExceeded', 'The maximum number of DB instances is reached.');
  requireKey(world, snapshot.source.kmsKey, caller);
  const instance = world.addInstance(identifier, {
    ...snapshot.source,
    ...(input.DBInstanceClass === undefined ? {} : { instanceClass: input.DBInstanceClass }),
    // What AWS takes when it is not told: the default VPC's groups, and the snapshot's own protection.
    subnetGroup: input.DBSubnetGroupName ?? 'default',
    parameterGroup: input.DBParameterGroupName ?? `default.${snapshot.source.engine.family}`,
    optionGroup: input.OptionGroupName ?? `default:${snapshot.source.engine.optionFamily}`,
    securityGroups: input.VpcSecurityGroupIds ?? ['sg-default'],
    publiclyAccessible: input.PubliclyAccessible ?? true,
    deletionProtection: input.DeletionProtection ?? false,
    multiAz: input.MultiAZ ?? false,
    iamAuthentication: input.EnableIAMDatabaseAuthentication ?? false,
    tags: input.Tags ?? [],
    listedFrom: world.options.clock.now() + DURATIONS.eventualConsistency,
  });
  const ends = world.strikes('restore-fails')
    ? (world.fault('restore-fails')?.status ?? 'incompatible-restore')
    : undefined;
  later(
    world,
    DURATIONS.restore,
    async () => {
      if (ends !== undefined) {
        instance.status = ends;
        return;
      }
      await world.startCopy(snapshot.directory, instance.server);
      instance.hasEndpoint = true;
      instance.status = 'available';
    },
    () => {
      instance.status = 'incompatible-restore';
    },
  );
  return { DBInstance: describeInstance(instance) };
}
