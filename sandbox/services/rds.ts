import { join } from 'node:path';
import type {
  ApplyPendingMaintenanceActionCommandInput,
  CreateDBSnapshotCommandInput,
  DeleteDBInstanceCommandInput,
  DescribeDBInstancesCommandInput,
  DescribeDBSnapshotsCommandInput,
  DescribePendingMaintenanceActionsCommandInput,
  RestoreDBInstanceFromDBSnapshotCommandInput,
  StartDBInstanceCommandInput,
  StopDBInstanceCommandInput,
  Tag,
} from '@aws-sdk/client-rds';
import { describeInstance, describeSnapshot, type Instance, type Snapshot } from '../database/instance.ts';
import type { DatabaseWorld } from '../database/world.ts';
import { AwsError, type Operation, type ServiceOperations } from '../operation.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** How long the operations take, in milliseconds of simulated time: a small instance, some tens of GiB. */
export const DURATIONS = {
  /** A status that was just changed still reads as before. */
  eventualConsistency: 5 * SECOND,
  snapshot: 7 * MINUTE,
  restore: 14 * MINUTE,
  delete: 3 * MINUTE,
  stop: 5 * MINUTE,
  start: 6 * MINUTE,
  maintenance: 8 * MINUTE,
} as const;

/** When the source's files are copied, as a part of the snapshot's time. */
const COPIED_AT = 0.5;

const IDENTIFIER = /^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{0,61}[a-zA-Z0-9]$/;

/** The operations of RDS that the functions use, over the sandbox's servers. Errors and states as the RDS API reference has them. */
export function createRds(world: DatabaseWorld): ServiceOperations {
  return {
    ...instanceOperations(world),
    ...snapshotOperations(world),
    ...maintenanceOperations(world),
  };
}

function find(world: DatabaseWorld, identifier: string | undefined): Instance {
  const instance = world.instances.get(identifier ?? '');
  if (instance === undefined)
    throw new AwsError('DBInstanceNotFoundFault', `DBInstance ${identifier} not found.`, 404);
  return instance;
}

/** Runs later on the simulated clock; what goes wrong there shows as the resource's state, never as a lost rejection. */
function later(
  world: DatabaseWorld,
  milliseconds: number,
  work: () => Promise<void> | void,
  failed: () => void,
): void {
  world.options.clock.after(milliseconds, () => {
    Promise.resolve()
      .then(work)
      .catch((error: unknown) => {
        console.error(
          `sandbox: an operation of RDS failed: ${error instanceof Error ? error.message : String(error)}`,
        );
        failed();
      });
  });
}

function requireState(instance: Instance, ...states: string[]): void {
  if (states.includes(instance.status)) return;
  throw new AwsError(
    'InvalidDBInstanceStateFault',
    `Instance ${instance.identifier} cannot be used: it is in state ${instance.status}, expected ${states.join(' or ')}.`,
  );
}

function instanceOperations(world: DatabaseWorld): ServiceOperations {
  const database = (input: { DBInstanceIdentifier?: string | undefined }): string[] => [
    world.arn('db', input.DBInstanceIdentifier ?? '*'),
  ];
  const describe: Operation<DescribeDBInstancesCommandInput, unknown> = {
    resources: database,
    run: ({ DBInstanceIdentifier, Marker, MaxRecords }) => {
      if (DBInstanceIdentifier !== undefined)
        return { DBInstances: [describeInstance(find(world, DBInstanceIdentifier))] };
      const all = [...world.instances.values()].map(describeInstance);
      const first = Number(Marker ?? 0);
      const size = MaxRecords ?? 100;
      return {
        DBInstances: all.slice(first, first + size),
        ...(first + size < all.length ? { Marker: String(first + size) } : {}),
      };
    },
  };
  const stop: Operation<StopDBInstanceCommandInput, unknown> = {
    resources: database,
    run: ({ DBInstanceIdentifier }) => {
      const instance = find(world, DBInstanceIdentifier);
      requireState(instance, 'available');
      if (stopping.has(instance))
        throw new AwsError(
          'InvalidDBInstanceStateFault',
          `Instance ${instance.identifier} is not in available state.`,
        );
      stopping.add(instance);
      later(
        world,
        DURATIONS.eventualConsistency,
        () => {
          instance.status = 'stopping';
        },
        () => undefined,
      );
      later(
        world,
        DURATIONS.stop,
        () => finishStop(world, instance),
        () => {
          instance.status = 'failed';
        },
      );
      return { DBInstance: describeInstance(instance) };
    },
  };
  const start: Operation<StartDBInstanceCommandInput, unknown> = {
    resources: database,
    run: ({ DBInstanceIdentifier }) => {
      const instance = find(world, DBInstanceIdentifier);
      requireState(instance, 'stopped');
      startLater(world, instance);
      return { DBInstance: describeInstance(instance) };
    },
  };
  const remove: Operation<DeleteDBInstanceCommandInput, unknown> = {
    resources: database,
    resourceTags: ({ DBInstanceIdentifier }) => tagsOf(world.instances.get(DBInstanceIdentifier ?? '')?.tags),
    run: (input) => deleteInstance(world, input),
  };
  return {
    DescribeDBInstances: describe,
    StopDBInstance: stop,
    StartDBInstance: start,
    DeleteDBInstance: remove,
    ...restoreOperation(world),
  };
}

/** Instances whose stop was accepted but does not show yet. */
const stopping = new WeakSet<Instance>();

/** World fault `started-by-someone-else`: once. */
const startedAgain = new WeakSet<Instance>();

async function finishStop(world: DatabaseWorld, instance: Instance): Promise<void> {
  await world.track(() => instance.server.stop());
  stopping.delete(instance);
  if (world.hasFault('started-by-someone-else') && !startedAgain.has(instance)) {
    startedAgain.add(instance);
    startLater(world, instance);
    return;
  }
  instance.status = 'stopped';
  world.onEvent('stopped', instance);
}

/** Starts a stopped instance: a person's call, or RDS itself after seven days. */
export function startLater(world: DatabaseWorld, instance: Instance): void {
  instance.status = 'starting';
  later(
    world,
    DURATIONS.start,
    async () => {
      await world.track(() => instance.server.start());
      instance.status = 'available';
      world.onEvent('started', instance);
    },
    () => {
      instance.status = 'failed';
    },
  );
}

function tagsOf(tags: Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
}

function deleteInstance(world: DatabaseWorld, input: DeleteDBInstanceCommandInput): unknown {
  const instance = find(world, input.DBInstanceIdentifier);
  if (input.SkipFinalSnapshot === true && input.FinalDBSnapshotIdentifier !== undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      'FinalDBSnapshotIdentifier can not be specified when deleting with SkipFinalSnapshot.',
    );
  }
  if (input.SkipFinalSnapshot !== true && input.FinalDBSnapshotIdentifier === undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      'FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.',
    );
  }
  if (instance.deletionProtection) {
    throw new AwsError(
      'InvalidParameterCombination',
      'Cannot delete protected DB Instance, please disable deletion protection and try again.',
    );
  }
  if (instance.status === 'deleting' || instance.status === 'creating') {
    throw new AwsError(
      'InvalidDBInstanceStateFault',
      `Instance ${instance.identifier} is ${instance.status}.`,
    );
  }
  instance.status = 'deleting';
  later(
    world,
    DURATIONS.delete,
    async () => {
      await world.track(() => instance.server.stop());
      world.instances.delete(instance.identifier);
    },
    () => {
      instance.status = 'failed';
    },
  );
  return { DBInstance: describeInstance(instance) };
}

function restoreOperation(world: DatabaseWorld): ServiceOperations {
  const restore: Operation<RestoreDBInstanceFromDBSnapshotCommandInput, unknown> = {
    resources: (input) => [
      world.arn('db', input.DBInstanceIdentifier ?? ''),
      world.arn('snapshot', input.DBSnapshotIdentifier ?? ''),
      ...(input.DBSubnetGroupName === undefined ? [] : [world.arn('subgrp', input.DBSubnetGroupName)]),
      ...(input.DBParameterGroupName === undefined ? [] : [world.arn('pg', input.DBParameterGroupName)]),
      ...(input.OptionGroupName === undefined ? [] : [world.arn('og', input.OptionGroupName)]),
    ],
    run: (input) => restoreInstance(world, input),
  };
  return { RestoreDBInstanceFromDBSnapshot: restore };
}

function restoreInstance(world: DatabaseWorld, input: RestoreDBInstanceFromDBSnapshotCommandInput): unknown {
  const identifier = input.DBInstanceIdentifier ?? '';
  if (!IDENTIFIER.test(identifier))
    throw new AwsError('InvalidParameterValue', `Invalid database identifier: ${identifier}`);
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
  const instance = world.addInstance(identifier, {
    ...snapshot.source,
    ...(input.DBInstanceClass === undefined ? {} : { instanceClass: input.DBInstanceClass }),
    // What AWS takes when it is not told: the default VPC's groups, and the snapshot's own protection.
    subnetGroup: input.DBSubnetGroupName ?? 'default',
    parameterGroup: input.DBParameterGroupName ?? 'default.postgres18',
    optionGroup: input.OptionGroupName ?? 'default:postgres-18',
    securityGroups: input.VpcSecurityGroupIds ?? ['sg-default'],
    publiclyAccessible: input.PubliclyAccessible ?? true,
    deletionProtection: input.DeletionProtection ?? false,
    multiAz: input.MultiAZ ?? false,
    tags: input.Tags ?? [],
  });
  const fails = world.hasFault('restore-fails');
  later(
    world,
    DURATIONS.restore,
    async () => {
      if (fails) {
        instance.status = 'incompatible-restore';
        return;
      }
      await world.startCopy(snapshot, instance);
      instance.hasEndpoint = true;
      instance.status = 'available';
    },
    () => {
      instance.status = 'incompatible-restore';
    },
  );
  return { DBInstance: describeInstance(instance) };
}

function snapshotOperations(world: DatabaseWorld): ServiceOperations {
  const create: Operation<CreateDBSnapshotCommandInput, unknown> = {
    resources: (input) => [
      world.arn('db', input.DBInstanceIdentifier ?? ''),
      world.arn('snapshot', input.DBSnapshotIdentifier ?? ''),
    ],
    run: (input) => createSnapshot(world, input),
  };
  const describe: Operation<DescribeDBSnapshotsCommandInput, unknown> = {
    resources: (input) => [
      input.DBSnapshotIdentifier === undefined
        ? world.arn('db', input.DBInstanceIdentifier ?? '*')
        : world.arn('snapshot', input.DBSnapshotIdentifier),
    ],
    run: ({ DBSnapshotIdentifier, DBInstanceIdentifier }) => {
      const matching = [...world.snapshots.values()].filter(
        (snapshot) =>
          (DBSnapshotIdentifier === undefined || snapshot.identifier === DBSnapshotIdentifier) &&
          (DBInstanceIdentifier === undefined || snapshot.instanceIdentifier === DBInstanceIdentifier),
      );
      if (DBSnapshotIdentifier !== undefined && matching.length === 0) {
        throw new AwsError('DBSnapshotNotFoundFault', `DBSnapshot ${DBSnapshotIdentifier} not found.`, 404);
      }
      return {
        DBSnapshots: matching.map((snapshot) => describeSnapshot(snapshot, percentOf(world, snapshot))),
      };
    },
  };
  return { CreateDBSnapshot: create, DescribeDBSnapshots: describe };
}

function percentOf(world: DatabaseWorld, snapshot: Snapshot): number {
  if (snapshot.status === 'available') return 100;
  const part = (world.options.clock.now() - snapshot.begun) / DURATIONS.snapshot;
  return Math.max(0, Math.min(99, Math.floor(part * 100)));
}

function createSnapshot(world: DatabaseWorld, input: CreateDBSnapshotCommandInput): unknown {
  const identifier = input.DBSnapshotIdentifier ?? '';
  if (!IDENTIFIER.test(identifier))
    throw new AwsError('InvalidParameterValue', `Invalid snapshot identifier: ${identifier}`);
  if (world.snapshots.has(identifier)) {
    throw new AwsError(
      'DBSnapshotAlreadyExistsFault',
      `Cannot create the snapshot because a snapshot with the identifier ${identifier} already exists.`,
    );
  }
  const instance = find(world, input.DBInstanceIdentifier);
  requireState(instance, 'available', 'storage-optimization');
  const snapshot: Snapshot = {
    identifier,
    arn: world.arn('snapshot', identifier),
    instanceIdentifier: instance.identifier,
    status: 'creating',
    begun: world.options.clock.now(),
    tags: input.Tags ?? [],
    directory: join(world.options.workDirectory, 'instances', `snapshot-${world.snapshots.size}`),
    source: {
      instanceClass: instance.instanceClass,
      subnetGroup: instance.subnetGroup,
      parameterGroup: instance.parameterGroup,
      optionGroup: instance.optionGroup,
    },
  };
  world.snapshots.set(identifier, snapshot);
  const fail = (): void => {
    snapshot.status = 'failed';
  };
  if (world.hasFault('snapshot-fails')) {
    later(world, DURATIONS.snapshot / 2, fail, fail);
    return { DBSnapshot: describeSnapshot(snapshot, 0) };
  }
  instance.status = 'backing-up';
  later(
    world,
    DURATIONS.snapshot * COPIED_AT,
    async () => {
      await world.copySource(snapshot);
      later(
        world,
        DURATIONS.snapshot * (1 - COPIED_AT),
        () => {
          snapshot.status = 'available';
          if (instance.status === 'backing-up') instance.status = 'available';
        },
        fail,
      );
    },
    () => {
      fail();
      instance.status = 'available';
    },
  );
  return { DBSnapshot: describeSnapshot(snapshot, 0) };
}

/** What every account's quotas look like, with room for the test instance. */
const QUOTAS = { DBInstances: 40, ManualSnapshots: 100 };

function maintenanceOperations(world: DatabaseWorld): ServiceOperations {
  let pending = ['system-update'];
  const describe: Operation<DescribePendingMaintenanceActionsCommandInput, unknown> = {
    resources: (input) => [input.ResourceIdentifier ?? world.arn('db', '*')],
    run: () => ({
      PendingMaintenanceActions:
        pending.length === 0
          ? []
          : [
              {
                ResourceIdentifier: world.source.arn,
                PendingMaintenanceActionDetails: pending.map((Action) => ({
                  Action,
                  Description: 'New Operating System update is available',
                })),
              },
            ],
    }),
  };
  const apply: Operation<ApplyPendingMaintenanceActionCommandInput, unknown> = {
    resources: (input) => [input.ResourceIdentifier ?? ''],
    run: (input) => {
      if (!pending.includes(input.ApplyAction ?? '')) {
        throw new AwsError(
          'ResourceNotFoundFault',
          `No pending maintenance action ${input.ApplyAction}.`,
          404,
        );
      }
      world.source.status = 'upgrading';
      later(
        world,
        DURATIONS.maintenance,
        () => {
          pending = pending.filter((action) => action !== input.ApplyAction);
          world.source.status = 'available';
        },
        () => undefined,
      );
      return { ResourcePendingMaintenanceActions: { ResourceIdentifier: input.ResourceIdentifier } };
    },
  };
  const quotas: Operation<object, unknown> = {
    resources: () => ['*'],
    run: () => ({
      AccountQuotas: [
        { AccountQuotaName: 'DBInstances', Used: world.instances.size, Max: QUOTAS.DBInstances },
        { AccountQuotaName: 'ManualSnapshots', Used: world.snapshots.size, Max: QUOTAS.ManualSnapshots },
      ],
    }),
  };
  return {
    DescribePendingMaintenanceActions: describe,
    ApplyPendingMaintenanceAction: apply,
    DescribeAccountAttributes: quotas,
  };
}
