import { type DBInstance, DescribeDBClustersCommand, DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { beforeEach } from 'vitest';
import { awsError } from '../../fixtures.ts';
import { nothingAgainst, rds } from './rds-look.ts';

const instance: DBInstance = {
  DBInstanceIdentifier: 'crm-db',
  DBInstanceArn: 'arn:aws:rds:eu-central-1:123456789012:db:crm-db',
  DbiResourceId: 'db-SOURCE',
  DBInstanceClass: 'db.m7g.large',
  DBInstanceStatus: 'available',
  Engine: 'postgres',
  EngineVersion: '18.4',
  Endpoint: { Address: 'crm-db.example', Port: 5432 },
  AllocatedStorage: 100,
  StorageType: 'io2',
  Iops: 3000,
  MultiAZ: true,
  DBSubnetGroup: { DBSubnetGroupName: 'crm-subnets' },
  DBParameterGroups: [{ DBParameterGroupName: 'crm-postgres18' }],
  OptionGroupMemberships: [{ OptionGroupName: 'default:postgres-18' }],
};
/** RDS describes the system's DB instance, an ordinary one apart from these changes. */
export const answers = (changes: Partial<DBInstance>): void => {
  rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ ...instance, ...changes }] });
};

/** Before each test of a file: an ordinary DB instance that nothing speaks against. */
export function ordinaryInstance(): void {
  nothingAgainst();
  beforeEach(() => {
    rds.on(DescribeDBClustersCommand).rejects(awsError('DBClusterNotFoundFault', 404));
    answers({});
  });
}
