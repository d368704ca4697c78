import {
  type DBInstance,
  DescribeAccountAttributesCommand,
  DescribeDBInstancesCommand,
  type DescribePendingMaintenanceActionsCommand,
  paginateDescribePendingMaintenanceActions,
} from '@aws-sdk/client-rds';
import { rds } from '../shared/aws/clients.ts';
import { isAwsError } from '../shared/aws/errors.ts';
import type { SystemConfig } from '../shared/contract/config.ts';
import type { Verification } from '../shared/contract/input.ts';
import type { PendingUpdate, PlannedDatabase, Reason } from '../shared/contract/state.ts';
import type { Findings } from './findings.ts';

export interface DatabaseFindings extends Findings {
  database?: PlannedDatabase;
}

/** Is the database there, can it be stopped, is there room for a snapshot and a test instance, what is pending? */
export async function lookAtDatabase(
  config: SystemConfig,
  verification: Verification,
): Promise<DatabaseFindings> {
  const identifier = config.database.identifier;
  const resource = `database ${identifier}`;
  const findings: DatabaseFindings = { pendingUpdates: [], reasons: [], warnings: [] };
  const instance = await find(identifier);
  if (instance === undefined) {
    findings.reasons.push({
      resource,
      problem: 'RDS does not know it in this account and Region',
      remedy: 'correct database.identifier in systems.ts, or deploy the stack where the database is',
    });
    return findings;
  }
  findings.reasons.push(
    ...whyNotStoppable(instance, config, resource),
    ...(await quotaReasons(verification === 'full', instance.AllocatedStorage ?? 0)),
  );
  findings.pendingUpdates.push(
    ...pendingModifications(instance, resource),
    ...(await pendingMaintenance(instance, resource)),
  );
  if (findings.pendingUpdates.some((update) => update.kind === PENDING_MODIFICATION)) {
    findings.warnings.push(
      `${resource}: stopping it discards its pending modifications; apply them first if they are wanted`,
    );
  }
  const database = planned(instance);
  if (database !== undefined) findings.database = database;
  else if (instance.DBInstanceStatus === 'available') {
    findings.reasons.push({
      resource,
      problem: 'RDS names no endpoint for it, so it cannot be asked',
      remedy: 'look at it in the RDS console, and start the run again when it has one',
    });
  }
  return findings;
}

const PENDING_MODIFICATION = 'pending modification';

async function find(identifier: string): Promise<DBInstance | undefined> {
  try {
    const answer = await rds().send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }));
    return answer.DBInstances?.[0];
  } catch (error) {
    if (isAwsError(error, 'DBInstanceNotFoundFault', 'DBInstanceNotFound')) return undefined;
    throw error;
  }
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html#USER_StopInstance.Limitations */
function whyNotStoppable(instance: DBInstance, config: SystemConfig, resource: string): Reason[] {
  const reasons: Reason[] = [];
  const add = (problem: string, remedy: string): void => {
    reasons.push({ resource, problem, remedy });
  };
  if (instance.DBInstanceStatus !== 'available') {
    add(
      `its status is "${instance.DBInstanceStatus}", expected "available"`,
      'wait until it is available, or start it',
    );
  }
  if (instance.Engine !== config.database.engine) {
    add(
      `it runs ${instance.Engine}, systems.ts says ${config.database.engine}`,
      'correct database.engine or database.identifier',
    );
  }
  const source =
    instance.ReadReplicaSourceDBInstanceIdentifier ?? instance.ReadReplicaSourceDBClusterIdentifier;
  if (source !== undefined) {
    add(
      `it is a read replica of ${source}, which RDS cannot stop`,
      'name the source database, or promote the replica',
    );
  }
  const replicas = [
    ...(instance.ReadReplicaDBInstanceIdentifiers ?? []),
    ...(instance.ReadReplicaDBClusterIdentifiers ?? []),
  ];
  if (replicas.length > 0) {
    add(
      `it has read replicas (${replicas.join(', ')}), so RDS cannot stop it`,
      'delete or promote the replicas first',
    );
  }
  if (instance.DBClusterIdentifier !== undefined) {
    add(
      `it is a member of cluster ${instance.DBClusterIdentifier}, which is stopped as a whole`,
      'this version stops DB instances only',
    );
  }
  if (instance.Engine?.startsWith('sqlserver') === true && instance.MultiAZ === true) {
    add('it is SQL Server in Multi-AZ, which RDS cannot stop', 'make it Single-AZ first');
  }
  return reasons;
}

/**
 * One more manual snapshot must fit, and, when the backup is proved, one more DB instance with the source's storage.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_AccountQuota.html
 */
async function quotaReasons(testInstance: boolean, storageGib: number): Promise<Reason[]> {
  const answer = await rds().send(new DescribeAccountAttributesCommand({}));
  const full = (name: string, needed: number): string | undefined => {
    const quota = answer.AccountQuotas?.find((entry) => entry.AccountQuotaName === name);
    if (quota?.Max === undefined || quota.Used === undefined || quota.Used + needed <= quota.Max)
      return undefined;
    return `${quota.Used} of ${quota.Max} are used`;
  };
  const reasons: Reason[] = [];
  const add = (quota: string, found: string | undefined, consequence: string, unused: string): void => {
    if (found === undefined) return;
    reasons.push({
      resource: `RDS quota of ${quota}`,
      problem: `${found}, so ${consequence}`,
      remedy: `delete ${unused} or ask for a higher quota`,
    });
  };
  add('manual snapshots', full('ManualSnapshots', 1), 'no snapshot can be taken', 'old snapshots');
  if (!testInstance) return reasons;
  add('DB instances', full('DBInstances', 1), 'there is no room for the test instance', 'unused instances');
  add(
    'storage (GiB)',
    full('AllocatedStorage', storageGib),
    `there is no room for the test instance's ${storageGib} GiB`,
    'unused instances',
  );
  return reasons;
}

/** Members of PendingModifiedValues that a stop does not discard: they are not modifications waiting for a restart. */
const NOT_A_MODIFICATION = new Set(['ResumeFullAutomationModeTime', 'AutomationMode']);

function pendingModifications(instance: DBInstance, resource: string): PendingUpdate[] {
  return Object.entries(instance.PendingModifiedValues ?? {})
    .filter(([name, value]) => value !== undefined && !NOT_A_MODIFICATION.has(name))
    .map(([name]) => ({ resource, kind: PENDING_MODIFICATION, description: name }));
}

async function pendingMaintenance(instance: DBInstance, resource: string): Promise<PendingUpdate[]> {
  if (instance.DBInstanceArn === undefined) return [];
  const updates: PendingUpdate[] = [];
  const input: ConstructorParameters<typeof DescribePendingMaintenanceActionsCommand>[0] = {
    ResourceIdentifier: instance.DBInstanceArn,
  };
  for await (const page of paginateDescribePendingMaintenanceActions({ client: rds() }, input)) {
    for (const action of (page.PendingMaintenanceActions ?? []).flatMap(
      (entry) => entry.PendingMaintenanceActionDetails ?? [],
    )) {
      const forced =
        action.ForcedApplyDate === undefined
          ? ''
          : ` (forced on ${action.ForcedApplyDate.toISOString().slice(0, 10)})`;
      updates.push({
        resource,
        kind: action.Action ?? 'maintenance',
        description: `${action.Description ?? 'pending maintenance'}${forced}`,
      });
    }
  }
  return updates;
}

function planned(instance: DBInstance): PlannedDatabase | undefined {
  const {
    DBInstanceIdentifier,
    DBInstanceArn,
    DbiResourceId,
    Engine,
    EngineVersion,
    DBInstanceClass,
    Endpoint,
  } = instance;
  if (DBInstanceIdentifier === undefined || DBInstanceArn === undefined || DbiResourceId === undefined)
    return undefined;
  // A stopped or creating instance has no endpoint; its status is a reason of its own.
  if (Endpoint?.Address === undefined || Endpoint.Port === undefined) return undefined;
  const subnetGroup = instance.DBSubnetGroup?.DBSubnetGroupName;
  const parameterGroup = instance.DBParameterGroups?.[0]?.DBParameterGroupName;
  const optionGroup = instance.OptionGroupMemberships?.[0]?.OptionGroupName;
  return {
    identifier: DBInstanceIdentifier,
    arn: DBInstanceArn,
    resourceId: DbiResourceId,
    engine: Engine ?? 'unknown',
    engineVersion: EngineVersion ?? 'unknown',
    instanceClass: DBInstanceClass ?? 'unknown',
    address: Endpoint.Address,
    port: Endpoint.Port,
    allocatedStorageGib: instance.AllocatedStorage ?? 0,
    multiAz: instance.MultiAZ ?? false,
    ...(subnetGroup === undefined ? {} : { subnetGroup }),
    ...(parameterGroup === undefined ? {} : { parameterGroup }),
    ...(optionGroup === undefined ? {} : { optionGroup }),
  };
}
