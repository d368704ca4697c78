import { createHash } from 'node:crypto';
import type { DBInstance, DBSnapshot, Tag } from '@aws-sdk/client-rds';
import { defined } from '../../../functions/contract/defined.ts';
import type { Cluster } from './cluster.ts';
import type { DatabaseServer, EngineFacts } from './database-server.ts';
import type { Made } from './made.ts';

/** A DB instance of the sandbox: what RDS says of it, and the real server behind it. */
export interface Instance {
  identifier: string;
  arn: string;
  resourceId: string;
  status: string;
  engine: EngineFacts;
  server: DatabaseServer;
  tags: Tag[];
  instanceClass: string;
  subnetGroup: string;
  parameterGroup: string;
  optionGroup: string;
  securityGroups: string[];
  publiclyAccessible: boolean;
  deletionProtection: boolean;
  multiAz: boolean;
  /** IAM database authentication is on. */
  iamAuthentication: boolean;
  /** ARN of the KMS key of its storage; undefined where it is not encrypted. */
  kmsKey: string | undefined;
  createdAt: Date;
  /** Simulated time, in milliseconds, from which RDS lists it. */
  listedFrom: number;
  /** The cluster that it is a member of: then it shares that one's server. */
  cluster: Cluster | undefined;
  /** RDS tells an endpoint only once the instance has been created. */
  hasEndpoint: boolean;
}

export interface Snapshot {
  identifier: string;
  arn: string;
  instanceIdentifier: string;
  status: string;
  /** Simulated times, in milliseconds. */
  begun: number;
  tags: Tag[];
  /** Folder of the base backup. */
  directory: string;
  /** Of the snapshot's instance, which a restore takes over. */
  source: Pick<
    Instance,
    'engine' | 'instanceClass' | 'subnetGroup' | 'parameterGroup' | 'optionGroup' | 'kmsKey'
  >;
}

/** An instance that is being created, an ordinary one where nothing else is said. */
export function newInstance({ now, ...made }: Made, properties: Partial<Instance>): Instance {
  return {
    ...made,
    status: 'creating',
    tags: [],
    instanceClass: 'db.m7g.large',
    subnetGroup: 'crm-subnets',
    parameterGroup: `crm-${made.engine.family}`,
    optionGroup: `default:${made.engine.optionFamily}`,
    securityGroups: ['sg-0123456789abcdef0'],
    publiclyAccessible: false,
    deletionProtection: true,
    multiAz: false,
    iamAuthentication: false,
    kmsKey: undefined,
    createdAt: new Date(now),
    listedFrom: now,
    hasEndpoint: false,
    cluster: undefined,
    ...properties,
  };
}

export const STORAGE_GIB = 100;

/** `db-ABC…`: as RDS makes one up, here from the identifier and the time. */
export function resourceIdOf(identifier: string, now: number): string {
  return `db-${createHash('sha256').update(`${identifier} ${now}`).digest('hex').slice(0, 26).toUpperCase()}`;
}

/** What DescribeDBInstances says. */
export function describeInstance(instance: Instance): DBInstance {
  return {
    DBInstanceIdentifier: instance.identifier,
    DBInstanceArn: instance.arn,
    DbiResourceId: instance.resourceId,
    DBInstanceClass: instance.instanceClass,
    Engine: instance.engine.engine,
    EngineVersion: instance.engine.version,
    DBInstanceStatus: instance.status,
    ...(instance.cluster === undefined ? {} : { DBClusterIdentifier: instance.cluster.identifier }),
    ...(instance.hasEndpoint
      ? { Endpoint: { Address: '127.0.0.1', Port: instance.server.endpointPort } }
      : {}),
    AllocatedStorage: instance.cluster === undefined ? STORAGE_GIB : 1,
    InstanceCreateTime: instance.createdAt,
    MultiAZ: instance.multiAz,
    PubliclyAccessible: instance.publiclyAccessible,
    DeletionProtection: instance.deletionProtection,
    IAMDatabaseAuthenticationEnabled: instance.iamAuthentication,
    StorageEncrypted: instance.kmsKey !== undefined,
    ...defined({ KmsKeyId: instance.kmsKey }),
    StorageType: instance.cluster?.storageType ?? 'gp3',
    LicenseModel: instance.engine.licenseModel,
    MasterUsername: instance.engine.masterUser,
    DBSubnetGroup: { DBSubnetGroupName: instance.subnetGroup, SubnetGroupStatus: 'Complete' },
    DBParameterGroups: [{ DBParameterGroupName: instance.parameterGroup, ParameterApplyStatus: 'in-sync' }],
    OptionGroupMemberships: [{ OptionGroupName: instance.optionGroup, Status: 'in-sync' }],
    VpcSecurityGroups: instance.securityGroups.map((id) => ({ VpcSecurityGroupId: id, Status: 'active' })),
    PendingModifiedValues: {},
    ReadReplicaDBInstanceIdentifiers: [],
    TagList: instance.tags,
  };
}

/** What DescribeDBSnapshots says; `percent` from the time that has passed. */
export function describeSnapshot(snapshot: Snapshot, percent: number): DBSnapshot {
  return {
    DBSnapshotIdentifier: snapshot.identifier,
    DBSnapshotArn: snapshot.arn,
    DBInstanceIdentifier: snapshot.instanceIdentifier,
    SnapshotCreateTime: new Date(snapshot.begun),
    Engine: snapshot.source.engine.engine,
    EngineVersion: snapshot.source.engine.version,
    AllocatedStorage: STORAGE_GIB,
    Status: snapshot.status,
    SnapshotType: 'manual',
    PercentProgress: percent,
    Encrypted: snapshot.source.kmsKey !== undefined,
    ...defined({ KmsKeyId: snapshot.source.kmsKey }),
    TagList: snapshot.tags,
  };
}
