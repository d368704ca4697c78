import {
  type DBInstance,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { nameBeside } from '../../cli/restore/beside.ts';
import { restoreCommand } from '../../cli/restore.ts';
import { allowNothing, awsError, tagsOf } from '../functions/fixtures.ts';

const rds = mockClient(RDSClient);

const OLD = '20261120-1400-aaaaaaaa';
const NEW = '20261127-1400-bbbbbbbb';
const VERIFIED = { Key: 'lights-out:verified', Value: 'yes' };
const named = (run: string): string => `lights-out-crm-${run}`;

/** The source: stopped, as after a shutdown. */
const SOURCE: DBInstance = {
  DBInstanceIdentifier: 'crm-db',
  DBInstanceStatus: 'stopped',
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

let snapshots: object[];
/** Instances by name, as RDS has them. */
let instances: Record<string, DBInstance>;
let output: string;
let pauses: number;

allowNothing(rds);
beforeEach(() => {
  snapshots = [];
  instances = { 'crm-db': SOURCE };
  output = '';
  pauses = 0;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
  vi.spyOn(console, 'error').mockImplementation((text) => {
    output += `${String(text)}\n`;
  });
  rds.on(DescribeDBSnapshotsCommand).callsFake(() => ({ DBSnapshots: snapshots }));
  rds.on(DescribeDBInstancesCommand).callsFake(({ DBInstanceIdentifier: name }) => {
    const found = instances[name];
    if (found === undefined) throw awsError('DBInstanceNotFoundFault', 404);
    return { DBInstances: [found] };
  });
  rds.on(RestoreDBInstanceFromDBSnapshotCommand).callsFake((input) => {
    instances[input.DBInstanceIdentifier] = { ...input, DBInstanceStatus: 'creating', TagList: input.Tags };
    return {};
  });
});

function snapshot(run: string, changes: object = {}): void {
  snapshots.push({
    DBSnapshotIdentifier: named(run),
    DBInstanceIdentifier: 'crm-db',
    Status: 'available',
    TagList: [...tagsOf(run), VERIFIED],
    ...changes,
  });
}

/** What was restored gets available while the command waits. */
const restore = (...argv: string[]) =>
  restoreCommand(['--system', 'crm', ...argv], async () => {
    pauses += 1;
    for (const [name, instance] of Object.entries(instances))
      if (name !== 'crm-db' && pauses > 2)
        instances[name] = {
          ...instance,
          DBInstanceStatus: 'available',
          DBInstanceArn: `arn:aws:rds:eu-central-1:123456789012:db:${name}`,
          Endpoint: { Address: `${name}.example`, Port: 5433 },
        };
  });
const requests = () =>
  rds.commandCalls(RestoreDBInstanceFromDBSnapshotCommand).map((call) => call.args[0].input);

describe('lights-out restore', () => {
  it('makes a database beside the old one, with what the old one has, and says how the CRM gets to it', async () => {
    snapshot(OLD);
    snapshot(NEW);

    expect(await restore()).toBe(0);

    expect(requests()).toEqual([
      {
        DBInstanceIdentifier: `crm-db-restored-${NEW}`,
        DBSnapshotIdentifier: named(NEW),
        DBInstanceClass: 'db.m7g.large',
        Port: 5433,
        DBSubnetGroupName: 'crm-private',
        VpcSecurityGroupIds: ['sg-1', 'sg-2'],
        DBParameterGroupName: 'crm-postgres',
        OptionGroupName: 'default:postgres-16',
        MultiAZ: true,
        PubliclyAccessible: false,
        DeletionProtection: true,
        EnableIAMDatabaseAuthentication: true,
        BackupRetentionPeriod: 7,
        StorageType: 'io2',
        Iops: 6000,
        // Neither AWS's own tags nor those by which a function would take it for its own.
        Tags: [
          { Key: 'cost-centre', Value: '42' },
          { Key: 'lights-out:restored-from', Value: named(NEW) },
        ],
      },
    ]);
    expect(output).toContain(`crm-db-restored-${NEW}.example:5433`);
    expect(output).toContain('crm-db was not touched');
    expect(output).toContain(
      `aws rds modify-db-instance --db-instance-identifier crm-db-restored-${NEW} --new-db-instance-identifier crm-db --apply-immediately`,
    );
  });

  it('restores that of a run, and names no gp3, of which RDS takes type and throughput over by itself', async () => {
    instances['crm-db'] = { ...SOURCE, StorageType: 'gp3', Iops: 3000 };
    snapshot(OLD);
    snapshot(NEW);

    expect(await restore('--run', OLD, '--json')).toBe(0);

    expect(requests()[0]).toMatchObject({ DBSnapshotIdentifier: named(OLD) });
    expect(requests()[0]).not.toHaveProperty('StorageType');
    expect(requests()[0]).not.toHaveProperty('Iops');
    expect(JSON.parse(output.slice(output.indexOf('{')))).toMatchObject({
      restored: `crm-db-restored-${OLD}`,
      status: 'available',
      endpoint: { port: 5433 },
      from: { run: OLD, snapshot: named(OLD) },
    });
  });

  it('goes on where an earlier one was interrupted, and asks for nothing twice', async () => {
    snapshot(NEW);

    expect(await restore('--no-wait')).toBe(0);
    expect(output).toContain('Asked for:');
    expect(await restore()).toBe(0);
    expect(await restore()).toBe(0);

    expect(requests()).toHaveLength(1);
  });

  it.each<[string, () => void, RegExp]>([
    ['no snapshot at all', () => undefined, /no proved snapshot: RDS has no snapshot/],
    [
      'none that is proved',
      () => snapshot(NEW, { TagList: tagsOf(NEW) }),
      /no proved snapshot: RDS has 1 of runs.*lights-out:verified/,
    ],
    ['none of this system', () => snapshot(NEW, { TagList: [...tagsOf(NEW, 'erp'), VERIFIED] }), /no proved/],
    [
      'a name that is another’s',
      taken,
      /there is a database of this name already .* has not made.*--as NAME/,
    ],
    [
      'a source that is gone',
      gone,
      /RDS knows no such DB instance.*aws rds restore-db-instance-from-db-snapshot/,
    ],
  ])('refuses with what to do, and touches nothing: %s', async (_what, prepare, refusal) => {
    prepare();

    await expect(restore()).rejects.toThrow(refusal);
    expect(requests()).toEqual([]);
  });

  function taken(): void {
    snapshot(NEW);
    instances[`crm-db-restored-${NEW}`] = { ...SOURCE, DBInstanceIdentifier: `crm-db-restored-${NEW}` };
  }
  function gone(): void {
    snapshot(NEW);
    instances = {};
  }

  it('refuses a run whose snapshot is not proved or not there, and names those that are', async () => {
    snapshot(OLD);
    snapshot(NEW, { TagList: tagsOf(NEW) });

    await expect(restore('--run', NEW)).rejects.toThrow(new RegExp(`never proved; expected .*: ${OLD}$`));
    await expect(restore('--run', '20260101-0000-cccccccc')).rejects.toThrow(/no snapshot of such a run/);
  });

  it.each([
    ['crm-db', /never written over/],
    ['CRM-DB', /never written over/],
    [`lights-out-crm-${NEW}`, /are those of test instances/],
    ['two--hyphens', /expected at most 63 letters/],
    ['ends-', /expected at most 63 letters/],
    ['1st', /expected at most 63 letters/],
    ['x'.repeat(64), /expected at most 63 letters/],
  ])('refuses the name %s', async (name, refusal) => {
    snapshot(NEW);

    await expect(restore('--as', name)).rejects.toThrow(refusal);
    expect(requests()).toEqual([]);
  });

  it('lists the snapshots, the newest first, and makes nothing', async () => {
    snapshot(OLD);
    snapshot(NEW, { TagList: tagsOf(NEW) });

    expect(await restore('--list')).toBe(0);

    expect(
      output
        .trim()
        .split('\n')
        .map((line) => line.split(/ {2,}/).slice(0, 2)),
    ).toEqual([
      [NEW, 'not proved'],
      [OLD, 'proved'],
    ]);
    expect(requests()).toEqual([]);
  });

  it('says what RDS refused, and fails', async () => {
    snapshot(NEW);
    rds.on(RestoreDBInstanceFromDBSnapshotCommand).rejects(awsError('InstanceQuotaExceeded', 400));

    expect(await restore()).toBe(1);
    expect(output).toContain('InstanceQuotaExceeded');
    expect(output).toContain('nothing was changed of crm-db');
  });

  it('fails for a database that RDS does not bring up', async () => {
    snapshot(NEW);
    await restore('--no-wait');
    const [name = ''] = Object.keys(instances).filter((each) => each !== 'crm-db');
    instances[name] = { ...instances[name], DBInstanceStatus: 'incompatible-restore' };

    expect(await restore()).toBe(1);
    expect(output).toContain('"incompatible-restore"; expected it to become available');
  });

  it('cuts a long name, so that a cluster’s writer has one too', () => {
    const name = nameBeside(`${'crm-'.repeat(15)}db`, NEW);

    expect(`${name}-writer`.length).toBeLessThanOrEqual(63);
    expect(name).toMatch(/^[a-z](?:-?[a-z0-9])*$/);
  });
});
