import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';
import type { SystemConfig } from '../../../contract/config.ts';
import { signInRefused } from '../authentication.ts';
import { wrongEngine } from '../engines.ts';
import type { Finding } from '../kind.ts';
import { CLUSTER_ON_THE_WAY, INSTANCE_ON_THE_WAY, statusFinding } from '../status.ts';

/** Facts about a cluster that need further requests to RDS. */
export interface ClusterFacts {
  members: DBInstance[];
  /** Its Aurora global database. */
  globalDatabase: string | undefined;
  blueGreenDeployments: string[];
}

/**
 * All reasons why RDS cannot stop a cluster, or why Lights Out cannot copy it, with their remedies
 * (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-cluster-stop-start.html#aurora-cluster-stop-limitations).
 */
export function whyNotStoppable(cluster: DBCluster, facts: ClusterFacts, config: SystemConfig): Finding[] {
  return [
    ...notAvailable(cluster, facts.members),
    ...wrongEngine(cluster.Engine, config.database),
    ...signInRefused(cluster.IAMDatabaseAuthenticationEnabled, config.database),
    ...deployment(cluster),
    ...replication(cluster, facts),
    ...notCopyable(cluster, facts.members, config),
  ];
}

function notAvailable(cluster: DBCluster, members: DBInstance[]): Finding[] {
  const { Status: status = 'unknown' } = cluster;
  const findings: Finding[] = [];
  if (status !== 'available') findings.push(statusFinding('its status', status, CLUSTER_ON_THE_WAY));
  // The members of a stopped cluster are stopped too: one reason, not several.
  if (status === 'stopped' || status === 'stopping') return findings;
  for (const { DBInstanceIdentifier, DBInstanceStatus = 'unknown' } of members) {
    if (DBInstanceStatus === 'available') continue;
    findings.push(
      statusFinding(
        `the status of its member ${DBInstanceIdentifier}, which RDS stops with it,`,
        DBInstanceStatus,
        INSTANCE_ON_THE_WAY,
      ),
    );
  }
  if (members.length > 0 && writerOf(cluster, members) === undefined) {
    findings.push({
      problem: 'RDS names none of its instances as the writer: a failover is under way, or it was just made',
      remedy: 'wait until it has one',
      passes: true,
    });
  }
  if (members.length === 0) {
    findings.push({
      problem: 'it has no DB instance, so nobody can connect to it and there is nothing to stop',
      remedy: 'add one, or name the cluster that the CRM uses',
    });
  }
  return findings;
}

function isAurora({ Engine = '' }: DBCluster): boolean {
  return Engine.startsWith('aurora');
}

/** Sorts of clusters that RDS cannot stop. */
function deployment(cluster: DBCluster): Finding[] {
  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.Limitations.html
  if (!isAurora(cluster) && (cluster.Engine === 'postgres' || cluster.Engine === 'mysql')) {
    return [
      {
        problem: 'it is a Multi-AZ DB cluster (one writer, two readable standbys), which RDS cannot stop',
        remedy:
          'move it to a Multi-AZ DB instance, which can be stopped: restore a snapshot of it (RestoreDBInstanceFromDBSnapshot with DBClusterSnapshotIdentifier and MultiAZ), let the CRM use that, and set database.kind to "instance"',
      },
    ];
  }
  switch (cluster.EngineMode) {
    case 'serverless':
      return [
        {
          problem: 'it is Aurora Serverless v1, which RDS cannot stop',
          remedy:
            'move it to Aurora Serverless v2 or to provisioned instances, or let it pause by itself and take it out of systems.ts',
        },
      ];
    case 'parallelquery':
      return [
        {
          problem: 'it was made in the engine mode "parallelquery", which RDS cannot stop',
          remedy:
            'move it to a provisioned cluster (Aurora MySQL 2.09 or later has parallel query as a parameter there)',
        },
      ];
    case 'multimaster':
      return [
        {
          problem: 'it is an Aurora multi-master cluster, which RDS cannot stop',
          remedy: 'move it to a provisioned cluster',
        },
      ];
    default:
      return [];
  }
}

function replication(cluster: DBCluster, facts: ClusterFacts): Finding[] {
  const findings: Finding[] = [];
  const global = facts.globalDatabase ?? (cluster.EngineMode === 'global' ? 'unnamed' : undefined);
  if (global !== undefined) {
    findings.push({
      problem: `it is part of the Aurora global database ${global}, which RDS cannot stop`,
      remedy: 'remove it from the global database first (RemoveFromGlobalCluster)',
      onlyOfStop: true,
    });
  }
  if (cluster.ReplicationSourceIdentifier !== undefined) {
    findings.push({
      problem: `it is a replica of ${cluster.ReplicationSourceIdentifier}, which RDS cannot stop`,
      remedy: 'name the source, or promote the replica (PromoteReadReplicaDBCluster)',
    });
  }
  const replicas = cluster.ReadReplicaIdentifiers ?? [];
  if (replicas.length > 0) {
    findings.push({
      problem: `it has read replicas outside the cluster (${replicas.join(', ')}), so RDS cannot stop it`,
      remedy: 'delete or promote them first',
      onlyOfStop: true,
    });
  }
  // https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/blue-green-deployments-considerations.html
  for (const name of facts.blueGreenDeployments) {
    findings.push({
      problem: `it is part of the blue/green deployment ${name}, which RDS cannot stop`,
      remedy: 'switch over, then delete the blue/green deployment; the databases stay',
      onlyOfStop: true,
    });
  }
  return findings;
}

/** Reasons why a restore would make no isolated copy that answers. */
function notCopyable(cluster: DBCluster, members: DBInstance[], config: SystemConfig): Finding[] {
  const findings: Finding[] = [];
  if (cluster.ClusterScalabilityType === 'limitless') {
    findings.push({
      problem:
        'it is an Aurora Limitless Database: a copy needs a DB shard group, which this version does not make',
      remedy: 'back it up by other means and take it out of systems.ts',
    });
  }
  if (cluster.VPCNetworkingEnabled === false) {
    findings.push({
      problem: 'it is not in a VPC, so no security group could isolate a copy of it',
      remedy: 'move it into a VPC',
    });
  }
  const { instanceClass } = config.database.testInstance;
  const serverless = (instanceClass ?? writerOf(cluster, members)?.DBInstanceClass) === SERVERLESS_CLASS;
  if (serverless && cluster.ServerlessV2ScalingConfiguration === undefined) {
    findings.push({
      problem: `the copy is to be ${SERVERLESS_CLASS}, but the cluster has no capacity range that it could take over`,
      remedy: 'set database.testInstance.instanceClass to a provisioned class, e.g. "db.r7g.large"',
    });
  }
  return findings;
}

/** Class of Aurora Serverless v2 instances. */
export const SERVERLESS_CLASS = 'db.serverless';

export function writerOf(cluster: DBCluster, members: DBInstance[]): DBInstance | undefined {
  const writer = cluster.DBClusterMembers?.find((member) => member.IsClusterWriter)?.DBInstanceIdentifier;
  return members.find((member) => member.DBInstanceIdentifier === writer);
}
