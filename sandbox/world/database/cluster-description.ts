import type { DBCluster } from '@aws-sdk/client-rds';
import { defined } from '../../../functions/contract/defined.ts';
import type { Cluster } from './cluster.ts';
import type { Instance } from './instance.ts';

/** True for a cluster, of what RDS starts and stops. */
export function isCluster(resource: Instance | Cluster): resource is Cluster {
  return 'volume' in resource;
}

/** What DescribeDBClusters says. */
export function describeCluster(cluster: Cluster, members: Instance[]): DBCluster {
  const { server } = cluster;
  return {
    DBClusterIdentifier: cluster.identifier,
    DBClusterArn: cluster.arn,
    DbClusterResourceId: cluster.resourceId,
    Status: cluster.status,
    Engine: cluster.engine.engine,
    EngineVersion: cluster.engine.version,
    EngineMode: 'provisioned',
    // The endpoint is there before any instance is, and nobody answers at it.
    Endpoint: '127.0.0.1',
    Port: server.endpointPort,
    AllocatedStorage: 1,
    StorageType: cluster.storageType,
    StorageEncrypted: cluster.kmsKey !== undefined,
    ...defined({ KmsKeyId: cluster.kmsKey }),
    MultiAZ: members.length > 1,
    DBSubnetGroup: cluster.subnetGroup,
    DBClusterParameterGroup: cluster.parameterGroup,
    VpcSecurityGroups: cluster.securityGroups.map((id) => ({ VpcSecurityGroupId: id, Status: 'active' })),
    DeletionProtection: cluster.deletionProtection,
    BackupRetentionPeriod: cluster.backupRetentionDays,
    IAMDatabaseAuthenticationEnabled: cluster.iamAuthentication,
    ...defined({ ServerlessV2ScalingConfiguration: cluster.capacity }),
    DBClusterMembers: members.map((member, index) => ({
      DBInstanceIdentifier: member.identifier,
      IsClusterWriter: index === 0,
      DBClusterParameterGroupStatus: 'in-sync',
      PromotionTier: 1,
    })),
    ReadReplicaIdentifiers: [],
    ClusterCreateTime: cluster.createdAt,
    MasterUsername: cluster.engine.masterUser,
    TagList: cluster.tags,
  };
}
