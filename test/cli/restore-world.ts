import {
  type DBInstance,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, vi } from 'vitest';
import { restoreCommand } from '../../cli/restore.ts';
import { allowNothing, awsError, tagsOf } from '../functions/fixtures.ts';

export const OLD = '20261120-1400-aaaaaaaa';
export const NEW = '20261127-1400-bbbbbbbb';
export const VERIFIED = { Key: 'lights-out:verified', Value: 'yes' };
export const named = (run: string): string => `lights-out-crm-${run}`;

/** The source: stopped, as after a shutdown. */
export const SOURCE: DBInstance = {
  DBInstanceIdentifier: 'crm-db',
  DBInstanceStatus: 'stopped',
  Engine: 'postgres',
  EngineVersion: '16.4',
  DBInstanceClass: 'db.m7g.large',
  Endpoint: { Address: 'crm-db.abc.eu-central-1.rds.amazonaws.com', Port: 5433 },
  DBSubnetGroup: { DBSubnetGroupName: 'crm-private' },
  VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-1' }, { VpcSecurityGroupId: 'sg-2' }],
  DBParameterGroups: [{ DBParameterGroupName: 'crm-postgres' }],
  OptionGroupMemberships: [{ OptionGroupName: 'default:postgres-16' }],
  MultiAZ: true,
  PubliclyAccessible: false,
  DeletionProtection: true,
  IAMDatabaseAuthenticationEnabled: true,
  BackupRetentionPeriod: 7,
  StorageType: 'io2',
  Iops: 6000,
  TagList: [
    { Key: 'cost-centre', Value: '42' },
    { Key: 'aws:cloudformation:stack-name', Value: 'crm' },
    { Key: 'lights-out:system', Value: 'crm' },
  ],
};

/** An RDS with DB instances and snapshots, for the tests of `lights-out restore`. */
export class RestoreWorld {
  readonly rds = mockClient(RDSClient);
  snapshots: object[] = [];
  /** By name, as RDS has them. */
  instances: Record<string, DBInstance> = {};
  /** What the command has printed. */
  output = '';
  pauses = 0;

  constructor() {
    allowNothing(this.rds);
    beforeEach(() => this.#begin());
  }

  #begin(): void {
    this.snapshots = [];
    this.instances = { 'crm-db': SOURCE };
    this.output = '';
    this.pauses = 0;
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      this.output += String(text);
      return true;
    });
    vi.spyOn(console, 'error').mockImplementation((text) => {
      this.output += `${String(text)}\n`;
    });
    this.rds.on(DescribeDBSnapshotsCommand).callsFake(() => ({ DBSnapshots: this.snapshots }));
    this.rds.on(DescribeDBInstancesCommand).callsFake(({ DBInstanceIdentifier: name }) => {
      const found = this.instances[name];
      if (found === undefined) throw awsError('DBInstanceNotFoundFault', 404);
      return { DBInstances: [found] };
    });
    this.rds.on(RestoreDBInstanceFromDBSnapshotCommand).callsFake((input) => {
      this.change(input.DBInstanceIdentifier, {
        ...input,
        DBInstanceStatus: 'creating',
        TagList: input.Tags,
      });
      return {};
    });
  }

  change(name: string, changes: DBInstance): void {
    this.instances[name] = { ...this.instances[name], ...changes };
  }

  /** A run has taken a snapshot, which was proved unless `changes` say otherwise. */
  snapshot(run: string, changes: object = {}): void {
    this.snapshots.push({
      DBSnapshotIdentifier: named(run),
      DBInstanceIdentifier: 'crm-db',
      Status: 'available',
      EngineVersion: '16.4',
      SnapshotCreateTime: new Date('2026-11-27T14:31:00Z'),
      TagList: [...tagsOf(run), VERIFIED],
      ...changes,
    });
  }

  /** Types the command. What was restored gets available while it waits. */
  restore(...argv: string[]): Promise<number> {
    return restoreCommand(['--system', 'crm', ...argv], async () => {
      this.pauses += 1;
      if (this.pauses <= 2) return;
      for (const name of Object.keys(this.instances).filter((each) => each !== 'crm-db'))
        this.change(name, {
          DBInstanceStatus: 'available',
          DBInstanceArn: `arn:aws:rds:eu-central-1:123456789012:db:${name}`,
          Endpoint: { Address: `${name}.example`, Port: 5433 },
        });
    });
  }

  /** What RDS was asked to restore. */
  requests() {
    return this.rds.commandCalls(RestoreDBInstanceFromDBSnapshotCommand).map((call) => call.args[0].input);
  }
}
