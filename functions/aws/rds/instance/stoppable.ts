import type { DBInstance } from '@aws-sdk/client-rds';
import type { SystemConfig } from '../../../contract/config.ts';
import { signInRefused } from '../authentication.ts';
import { wrongEngine } from '../engines.ts';
import type { Finding } from '../kind.ts';
import { INSTANCE_ON_THE_WAY, statusFinding } from '../status.ts';

/**
 * All reasons why RDS cannot stop an instance, with their remedies
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html#USER_StopInstance.Limitations).
 */
export function whyNotStoppable(instance: DBInstance, config: SystemConfig): Finding[] {
  return [
    ...notAvailable(instance),
    ...wrongEngine(instance.Engine, config.database),
    ...signInRefused(instance.IAMDatabaseAuthenticationEnabled, config.database),
    ...replication(instance),
    ...member(instance),
    ...deployment(instance),
  ];
}

function notAvailable({ DBInstanceStatus: status = 'unknown' }: DBInstance): Finding[] {
  if (status === 'available') return [];
  return [statusFinding('its status', status, INSTANCE_ON_THE_WAY)];
}

function replication(instance: DBInstance): Finding[] {
  const findings: Finding[] = [];
  const source =
    instance.ReadReplicaSourceDBInstanceIdentifier ?? instance.ReadReplicaSourceDBClusterIdentifier;
  if (source !== undefined) {
    findings.push({
      problem: `it is a read replica of ${source}, which RDS cannot stop`,
      remedy: 'name the source database, or promote the replica',
    });
  }
  const replicas = [
    ...(instance.ReadReplicaDBInstanceIdentifiers ?? []),
    ...(instance.ReadReplicaDBClusterIdentifiers ?? []),
  ];
  if (replicas.length > 0) {
    findings.push({
      problem: `it has read replicas (${replicas.join(', ')}), so RDS cannot stop it`,
      remedy: 'delete or promote the replicas first',
      onlyOfStop: true,
    });
  }
  return findings;
}

function member({ DBClusterIdentifier: cluster }: DBInstance): Finding[] {
  if (cluster === undefined) return [];
  return [
    {
      problem: `it is a member of DB cluster ${cluster}, which is stopped as a whole`,
      remedy: `set database.kind to "cluster" and database.identifier to "${cluster}"`,
    },
  ];
}

function deployment(instance: DBInstance): Finding[] {
  const findings: Finding[] = [];
  const engine = instance.Engine ?? '';
  if (engine.startsWith('sqlserver') && instance.MultiAZ === true) {
    findings.push({
      problem: 'it is SQL Server in Multi-AZ, which RDS cannot stop',
      remedy: 'make it Single-AZ first',
      onlyOfStop: true,
    });
  }
  // StopDBInstance "doesn't apply to RDS Custom": https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StopDBInstance.html
  if (engine.startsWith('custom-')) {
    findings.push({
      problem: `it is RDS Custom (${engine}), which RDS cannot stop`,
      remedy: 'move it to RDS, or stop it by hand and take it out of systems.ts',
    });
  }
  return findings;
}
