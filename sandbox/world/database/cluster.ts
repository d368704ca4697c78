import type { DBClusterSnapshot, Tag } from '@aws-sdk/client-rds';
import type { DatabaseServer, EngineFacts } from './database-server.ts';
import type { Made } from './made.ts';

/**
 * An Aurora DB cluster of the sandbox: what RDS says of it, and the one real server behind its writer endpoint. On AWS the cluster holds
 * the data and its instances serve them; so does the server here begin with the first instance and end with the last.
 */
export interface Cluster {
  identifier: string;
  arn: string;
  resourceId: string;
  status: string;
  engine: EngineFacts;
  server: DatabaseServer;
  tags: Tag[];
  subnetGroup: string;
  /** DB cluster parameter group. */
  parameterGroup: string;
  securityGroups: string[];
  deletionProtection: boolean;
  backupRetentionDays: number;
  storageType: string;
  /** Of Serverless v2 instances. */
  capacity: { MinCapacity?: number | undefined; MaxCapacity?: number | undefined } | undefined;
  /** IAM database authentication is on. */
  iamAuthentication: boolean;
  /** ARN of the KMS key of its storage; undefined where it is not encrypted. */
  kmsKey: string | undefined;
  createdAt: Date;
  /** Simulated time, in milliseconds, from which RDS lists it. */
  listedFrom: number;
  /** Folder of the snapshot that holds its data until its first instance is there. */
  volume: string | undefined;
}

export interface ClusterSnapshot {
  identifier: string;
  arn: string;
  clusterIdentifier: string;
  status: string;
  /** Simulated time, in milliseconds. */
  begun: number;
  tags: Tag[];
  /** Folder of the base backup. */
  directory: string;
  engine: EngineFacts;
  kmsKey: string | undefined;
}

/** A cluster that is being created, an ordinary one where nothing else is said. */
export function newCluster({ now, ...made }: Made, properties: Partial<Cluster>): Cluster {
  return {
    ...made,
    status: 'creating',
    tags: [],
    subnetGroup: 'crm-subnets',
    parameterGroup: `crm-${made.engine.family}`,
    securityGroups: ['sg-0123456789abcdef0'],
    deletionProtection: false,
    backupRetentionDays: 7,
    storageType: 'aurora-iopt1',
    capacity: undefined,
    iamAuthentication: false,
    kmsKey: undefined,
    createdAt: new Date(now),
    listedFrom: now,
    volume: undefined,
    ...properties,
  };
}

/** Aurora's names for an engine: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html */
export function auroraFacts(facts: EngineFacts): EngineFacts {
  const postgres = facts.engine === 'postgres';
  const engine = postgres ? 'aurora-postgresql' : 'aurora-mysql';
  const family = `${engine}${postgres ? facts.version.split('.')[0] : '8.0'}`;
  return { ...facts, engine, family, optionFamily: family.replace(/(\d)/, '-$1') };
}

/** What DescribeDBClusterSnapshots says; `percent` from the time that has passed. */
export function describeClusterSnapshot(snapshot: ClusterSnapshot, percent: number): DBClusterSnapshot {
  return {
    DBClusterSnapshotIdentifier: snapshot.identifier,
    DBClusterSnapshotArn: snapshot.arn,
    DBClusterIdentifier: snapshot.clusterIdentifier,
    SnapshotCreateTime: new Date(snapshot.begun),
    Engine: snapshot.engine.engine,
    EngineVersion: snapshot.engine.version,
    EngineMode: 'provisioned',
    AllocatedStorage: 1,
    Status: snapshot.status,
    SnapshotType: 'manual',
    PercentProgress: percent,
    StorageEncrypted: snapshot.kmsKey !== undefined,
    ...(snapshot.kmsKey === undefined ? {} : { KmsKeyId: snapshot.kmsKey }),
    TagList: snapshot.tags,
  };
}
