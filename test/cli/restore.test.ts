import { describe, expect, it } from 'vitest';
import { NEW, named, OLD, RestoreWorld, SOURCE } from './restore-world.ts';

const world = new RestoreWorld();

describe('lights-out restore', () => {
  it('makes a database beside the old one, with what the old one has, and says how the CRM gets to it', async () => {
    world.snapshot(OLD);
    world.snapshot(NEW);

    expect(await world.restore()).toBe(0);

    expect(world.requests()).toEqual([
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
    expect(world.output).toContain(`crm-db-restored-${NEW}.example:5433`);
    expect(world.output).toContain(`of run ${NEW}, taken 2026-11-27 14:31 UTC`);
    expect(world.output).toContain('crm-db was not touched');
    expect(world.output).toContain('Not carried over: the automated backups');
    expect(world.output).toContain('It costs money until somebody deletes it');
    expect(world.output).toContain(
      `aws rds modify-db-instance --db-instance-identifier crm-db-restored-${NEW} --new-db-instance-identifier crm-db --apply-immediately`,
    );
  });

  it('restores that of a run, and names no gp3, of which RDS takes type and throughput over by itself', async () => {
    world.instances['crm-db'] = { ...SOURCE, StorageType: 'gp3', Iops: 3000 };
    world.snapshot(OLD);
    world.snapshot(NEW);

    expect(await world.restore('--run', OLD, '--json')).toBe(0);

    expect(world.requests()[0]).toMatchObject({ DBSnapshotIdentifier: named(OLD) });
    expect(world.requests()[0]).not.toHaveProperty('StorageType');
    expect(world.requests()[0]).not.toHaveProperty('Iops');
    expect(JSON.parse(world.output.slice(world.output.indexOf('{')))).toMatchObject({
      restored: `crm-db-restored-${OLD}`,
      status: 'available',
      endpoint: { port: 5433 },
      from: { run: OLD, snapshot: named(OLD), takenAt: '2026-11-27T14:31:00.000Z' },
      renaming: [
        expect.stringContaining('crm-db-old'),
        expect.stringContaining('--new-db-instance-identifier crm-db'),
      ],
    });
  });

  it.each([
    [
      'one of AWS',
      { Domain: 'd-1', FQDN: 'crm.example', IAMRoleName: 'rds-directory' },
      { Domain: 'd-1', DomainIAMRoleName: 'rds-directory' },
    ],
    [
      'the company’s own',
      {
        Domain: 'd-1',
        FQDN: 'crm.example',
        OU: 'OU=crm',
        AuthSecretArn: 'arn:secret',
        DnsIps: ['10.0.0.1', '10.0.0.2'],
      },
      {
        DomainFqdn: 'crm.example',
        DomainOu: 'OU=crm',
        DomainAuthSecretArn: 'arn:secret',
        DomainDnsIps: ['10.0.0.1', '10.0.0.2'],
      },
    ],
  ])('joins the directory of the source: %s', async (_whose, membership, named) => {
    world.instances['crm-db'] = { ...SOURCE, DomainMemberships: [membership] };
    world.snapshot(NEW);

    expect(await world.restore()).toBe(0);

    const [request] = world.requests();
    const asked = Object.entries(request ?? {}).filter(([key]) => key.startsWith('Domain'));
    expect(Object.fromEntries(asked)).toEqual(named);
  });

  it('names no port where a stopped source tells none: RDS takes the original’s', async () => {
    const { Endpoint: _, ...stopped } = SOURCE;
    world.instances['crm-db'] = { ...stopped, DbInstancePort: 0 };
    world.snapshot(NEW);

    expect(await world.restore()).toBe(0);

    expect(world.requests()[0]).not.toHaveProperty('Port');
  });

  it('takes the default groups for a snapshot from before an upgrade, and says so', async () => {
    world.instances['crm-db'] = { ...SOURCE, EngineVersion: '17.2' };
    world.snapshot(NEW);

    expect(await world.restore()).toBe(0);

    expect(world.requests()[0]).not.toHaveProperty('DBParameterGroupName');
    expect(world.requests()[0]).not.toHaveProperty('OptionGroupName');
    expect(world.output).toContain('crm-db runs version 17.2, the snapshot is of 16.4');
  });

  it('takes what the operator gives in place of the source’s', async () => {
    world.snapshot(NEW);

    expect(
      await world.restore(
        '--instance-class',
        'db.t4g.large',
        '--security-group',
        'sg-7',
        '--security-group',
        'sg-8',
      ),
    ).toBe(0);

    expect(world.requests()).toMatchObject([
      {
        DBInstanceClass: 'db.t4g.large',
        DBSubnetGroupName: 'crm-private',
        VpcSecurityGroupIds: ['sg-7', 'sg-8'],
      },
    ]);
  });

  it('does without a source that is gone, once it is told what only that knew', async () => {
    world.instances = {};
    world.snapshot(NEW);

    await expect(world.restore('--instance-class', 'db.t4g.large')).rejects.toThrow(
      /say them: --subnet-group GROUP --security-group ID; or type .*--db-instance-class db\.t4g\.large --db-subnet-group-name GROUP/,
    );
    expect(world.requests()).toEqual([]);
    expect(
      await world.restore(
        '--instance-class',
        'db.t4g.large',
        '--subnet-group',
        'crm-private',
        '--security-group',
        'sg-1',
      ),
    ).toBe(0);

    expect(world.requests()).toEqual([
      {
        DBInstanceIdentifier: `crm-db-restored-${NEW}`,
        DBSnapshotIdentifier: named(NEW),
        DBInstanceClass: 'db.t4g.large',
        DBSubnetGroupName: 'crm-private',
        VpcSecurityGroupIds: ['sg-1'],
        PubliclyAccessible: false,
        EnableIAMDatabaseAuthentication: false,
        Tags: [{ Key: 'lights-out:restored-from', Value: named(NEW) }],
      },
    ]);
    expect(world.output).toContain('crm-db is gone: what only it knew is as RDS');
  });
});
