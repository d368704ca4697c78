import {
  type DBCluster,
  type DBInstance,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
} from '@aws-sdk/client-rds';
import type { PlannedDatabase } from '../../../../functions/contract/plan-state.ts';
import type { RestoreEvent } from '../../../../functions/steps/restore/handler.ts';
import { awsError, IDENTIFIER, plan, system, systemInput, tagsOf } from '../../fixtures.ts';
import { event as copyEvent, GROUP, rds } from './copy.ts';

export const WRITER = `${IDENTIFIER}-writer`;

const source: PlannedDatabase = {
  identifier: 'crm-db',
  arn: 'arn:aws:rds:eu-central-1:123456789012:cluster:crm-db',
  resourceId: 'cluster-SOURCE',
  engine: 'aurora-postgresql',
  engineVersion: '17.4',
  instanceClass: 'db.r7g.xlarge',
  address: 'crm-db.cluster-abc.example',
  port: 5432,
  allocatedStorageGib: 1,
  storageType: 'aurora-iopt1',
  subnetGroup: 'crm-subnets',
  parameterGroup: 'crm-writer17',
  clusterParameterGroup: 'crm-aurora17',
  multiAz: true,
};

/**
 * A call for a cluster.
 *
 * @param state Parts of the state.
 * @param database Changes of the configured database.
 * @param found Changes of what the plan found of it.
 */
export const event = (
  action: RestoreEvent['action'],
  state: object = {},
  database: object = {},
  found: Partial<PlannedDatabase> = {},
): RestoreEvent =>
  copyEvent(action, {
    config: system({ database: { ...systemInput().database, kind: 'cluster', ...database } }),
    plan: plan({ database: { ...source, ...found } }),
    ...state,
  });

/** The copy of a cluster as RDS describes it: this run's, isolated, and without an instance. */
export const cluster = (Status: string, more: Partial<DBCluster> = {}): DBCluster => ({
  DBClusterIdentifier: IDENTIFIER,
  DBClusterArn: 'arn:copy',
  DbClusterResourceId: 'cluster-COPY',
  Status,
  TagList: tagsOf(),
  Endpoint: 'copy.cluster-abc.example',
  Port: 5432,
  VpcSecurityGroups: [{ VpcSecurityGroupId: GROUP }],
  DBClusterMembers: [],
  ...more,
});
/** The copy's one instance. */
export const writer = (DBInstanceStatus: string, more: Partial<DBInstance> = {}): DBInstance => ({
  DBInstanceIdentifier: WRITER,
  DBInstanceStatus,
  TagList: tagsOf(),
  PubliclyAccessible: false,
  VpcSecurityGroups: [{ VpcSecurityGroupId: GROUP }],
  ...more,
});
/** What RDS shows of the copy; undefined: it knows none. */
export const shows = (DBCluster: DBCluster | undefined, DBInstance?: DBInstance): void => {
  const clusters = rds.on(DescribeDBClustersCommand, { DBClusterIdentifier: IDENTIFIER });
  if (DBCluster === undefined) clusters.rejects(awsError('DBClusterNotFoundFault', 404));
  else clusters.resolves({ DBClusters: [DBCluster] });
  const instances = rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: WRITER });
  if (DBInstance === undefined) instances.rejects(awsError('DBInstanceNotFoundFault', 404));
  else instances.resolves({ DBInstances: [DBInstance] });
};
/** What RDS was asked to change, in order. */
export const asked = (): string[] =>
  rds
    .calls()
    .map((call) => call.args[0].constructor.name.replace('Command', ''))
    .filter((name) => !name.startsWith('Describe'));
