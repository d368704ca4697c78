import { createHash } from 'node:crypto';
import type { DBInstance, DBSnapshot, Tag } from '@aws-sdk/client-rds';
import type { DatabaseServer, EngineFacts } from './database-server.ts';

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
  createdAt: Date;
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
  source: Pick<Instance, 'engine' | 'instanceClass' | 'subnetGroup' | 'parameterGroup' | 'optionGroup'>;
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
    ...(instance.hasEndpoint
      ? { Endpoint: { Address: '127.0.0.1', Port: instance.server.endpointPort } }
      : {}),
    AllocatedStorage: STORAGE_GIB,
    InstanceCreateTime: instance.createdAt,
    MultiAZ: instance.multiAz,
    PubliclyAccessible: instance.publiclyAccessible,
    DeletionProtection: instance.deletionProtection,
    IAMDatabaseAuthenticationEnabled: instance.iamAuthentication,
    StorageEncrypted: true,
    StorageType: 'gp3',
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
    Encrypted: true,
    TagList: snapshot.tags,
  };
}
