import { type DBInstance, RestoreDBInstanceFromDBSnapshotCommand } from '@aws-sdk/client-rds';
import { rds } from '../shared/aws/clients.ts';
import { isAwsError } from '../shared/aws/errors.ts';
import { EnvironmentVariable } from '../shared/contract/environment.ts';
import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import { ResourceTag, resourceName } from '../shared/contract/keys.ts';
import type { RestoreResult, ShutdownState } from '../shared/contract/state.ts';
import { environmentVariable } from '../shared/environment.ts';
import { hasTags } from '../shared/ownership.ts';
import { requireDatabase } from '../shared/planned.ts';
import { predictWait } from '../shared/prediction.ts';
import { elapsed } from '../shared/step.ts';
import { findInstance } from './instance.ts';

type State = Pick<ShutdownState, 'run' | 'config' | 'plan' | 'backup' | 'restore'>;

/** How long a restore may take, in seconds. */
const DEADLINE_SECONDS = 4 * 3600;

/** An accepted restore may not be listed yet for some seconds; longer than this it was never begun. */
const VISIBLE_WITHIN_SECONDS = 300;

/**
 * Statuses that lead to `available` by themselves
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html#Overview.DBInstance.Status). Any other is terminal
 * for a test instance: `failed`, `incompatible-restore`, `inaccessible-encryption-credentials`, `storage-full` …
 */
const ON_THE_WAY = new Set([
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

/** One round of restoring: looks, asks for the restore when there is no instance yet, answers the endpoint once it is available. */
export async function restoreTestInstance(state: State): Promise<RestoreResult> {
  const { config, run, plan } = state;
  const previous: RestoreResult | undefined = state.restore;
  const { since, seconds } = elapsed(previous);
  const identifier = resourceName(config.name, run.id);
  const instance = (await findInstance(identifier)) ?? (await requestRestore(state, identifier));
  const answer = { since, identifier, arn: instance?.DBInstanceArn ?? '' };
  const wait = predictWait({
    elapsedSeconds: seconds,
    expectedSeconds: plan.expected.steps['Restore test instance'],
  });
  if (instance === undefined) {
    if (seconds > VISIBLE_WITHIN_SECONDS)
      throw failed(identifier, `it is not to be found ${Math.round(seconds)} s after it was requested`);
    return { done: false, waitSeconds: 10, ...answer };
  }
  if (!hasTags(instance.TagList, config.name, run.id) && (instance.TagList ?? []).length > 0) {
    throw failed(identifier, "an instance of that name exists but is not this run's");
  }
  const status = instance.DBInstanceStatus ?? 'creating';
  const address = instance.Endpoint?.Address;
  const port = instance.Endpoint?.Port;
  if (
    (status === 'available' || status === 'storage-optimization') &&
    address !== undefined &&
    port !== undefined
  ) {
    requireIsolated(instance, identifier);
    return {
      done: true,
      waitSeconds: 0,
      ...answer,
      address,
      port,
      ...(instance.DbiResourceId === undefined ? {} : { resourceId: instance.DbiResourceId }),
    };
  }
  if (status !== 'available' && !ON_THE_WAY.has(status)) throw failed(identifier, `it ended as "${status}"`);
  if (seconds > DEADLINE_SECONDS)
    throw failed(identifier, `still "${status}" after ${Math.round(seconds / 60)} min`);
  return { done: false, waitSeconds: wait, ...answer };
}

/** @returns undefined when it was requested already but is not listed yet. */
async function requestRestore(state: State, identifier: string): Promise<DBInstance | undefined> {
  const { config, run, plan, backup } = state;
  const source = requireDatabase(plan);
  const subnetGroup = config.database.testInstance.subnetGroup ?? source.subnetGroup;
  try {
    const answer = await rds().send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        DBInstanceIdentifier: identifier,
        DBSnapshotIdentifier: backup.snapshot.identifier,
        DBInstanceClass: config.database.testInstance.instanceClass ?? source.instanceClass,
        Port: source.port,
        // Left out, RDS would choose the default VPC, the default groups and the snapshot's protection.
        ...(subnetGroup === undefined ? {} : { DBSubnetGroupName: subnetGroup }),
        ...(source.parameterGroup === undefined ? {} : { DBParameterGroupName: source.parameterGroup }),
        ...(source.optionGroup === undefined ? {} : { OptionGroupName: source.optionGroup }),
        VpcSecurityGroupIds: [environmentVariable(EnvironmentVariable.TestSecurityGroup)],
        PubliclyAccessible: false,
        MultiAZ: false,
        DeletionProtection: false,
        AutoMinorVersionUpgrade: false,
        CopyTagsToSnapshot: false,
        // No automated backup of a copy that lives for an hour: it would delay both `available` and the deletion.
        BackupRetentionPeriod: 0,
        Tags: [
          { Key: ResourceTag.System, Value: config.name },
          { Key: ResourceTag.Run, Value: run.id },
        ],
      }),
    );
    return answer.DBInstance;
  } catch (error) {
    if (isAwsError(error, 'DBInstanceAlreadyExistsFault', 'DBInstanceAlreadyExists')) return undefined;
    // Seen `available` a moment ago, but not everywhere in RDS yet: asked for again, as long as it may take to show.
    if (isAwsError(error, 'InvalidDBSnapshotStateFault', 'InvalidDBSnapshotState')) return undefined;
    if (
      isAwsError(
        error,
        'InstanceQuotaExceededFault',
        'InstanceQuotaExceeded',
        'StorageQuotaExceededFault',
        'StorageQuotaExceeded',
      )
    ) {
      throw failed(
        identifier,
        'the account has reached its quota of DB instances or storage: delete unused ones or ask for a higher quota',
      );
    }
    if (isAwsError(error, 'InsufficientDBInstanceCapacityFault', 'InsufficientDBInstanceCapacity')) {
      throw failed(
        identifier,
        `AWS has no capacity for ${config.database.testInstance.instanceClass ?? source.instanceClass} just now: set database.testInstance.instanceClass to another class`,
      );
    }
    throw error;
  }
}

/** What was asked for is looked at, not believed: a copy of the CRM's data must never be public. */
function requireIsolated(instance: DBInstance, identifier: string): void {
  const group = environmentVariable(EnvironmentVariable.TestSecurityGroup);
  const groups = (instance.VpcSecurityGroups ?? []).map((entry) => entry.VpcSecurityGroupId);
  if (instance.PubliclyAccessible === true || groups.length !== 1 || groups[0] !== group) {
    throw failed(
      identifier,
      `it is not isolated (public: ${String(instance.PubliclyAccessible)}, security groups: ${groups.join(', ')})`,
    );
  }
}

function failed(identifier: string, found: string): LightsOutError {
  return new LightsOutError(
    ErrorName.RestoreFailed,
    `test instance ${identifier}: ${found}; expected it to become "available" in its own security group: see its events in the RDS console. It is deleted by the roll back`,
  );
}
