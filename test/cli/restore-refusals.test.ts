import { RestoreDBInstanceFromDBSnapshotCommand } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { nameBeside, nameOf } from '../../cli/restore/beside.ts';
import { restoreCommand } from '../../cli/restore.ts';
import { awsError, tagsOf } from '../functions/fixtures.ts';
import { NEW, named, OLD, RestoreWorld, SOURCE, VERIFIED } from './restore-world.ts';

const world = new RestoreWorld();

describe('lights-out restore, which goes on or refuses,', () => {
  it('goes on when its answer was lost, and takes a database without tags for nobody’s until RDS lists them', async () => {
    world.snapshot(NEW);
    const name = `crm-db-restored-${NEW}`;
    world.rds.on(RestoreDBInstanceFromDBSnapshotCommand).callsFake((input) => {
      world.instances[name] = { ...input, DBInstanceStatus: 'creating', TagList: [] };
      throw awsError('DBInstanceAlreadyExistsFault', 400);
    });
    const untagged = async () => {
      world.pauses += 1;
      if (world.pauses === 2)
        world.change(name, { TagList: [{ Key: 'lights-out:restored-from', Value: named(NEW) }] });
      if (world.pauses === 3)
        world.change(name, { DBInstanceStatus: 'available', Endpoint: { Address: 'a', Port: 1 } });
    };

    expect(await restoreCommand(['--system', 'crm'], untagged)).toBe(0);

    expect(world.requests()).toHaveLength(1);
  });

  it('refuses one that was restored from another snapshot', async () => {
    world.snapshot(OLD);
    world.snapshot(NEW);
    expect(await world.restore('--run', OLD, '--as', 'crm-back')).toBe(0);

    await expect(world.restore('--as', 'crm-back')).rejects.toThrow(/restored from lights-out-crm-20261120/);
    expect(world.requests()).toHaveLength(1);
  });

  it('goes on where an earlier one was interrupted, and asks for nothing twice', async () => {
    world.snapshot(NEW);

    expect(await world.restore('--no-wait')).toBe(0);
    expect(world.output).toContain('Asked for:');
    expect(await world.restore()).toBe(0);
    expect(await world.restore()).toBe(0);

    expect(world.requests()).toHaveLength(1);
  });

  it.each<[string, () => void, RegExp]>([
    ['no snapshot at all', () => undefined, /no proved snapshot: RDS has no snapshot/],
    [
      'none that is proved',
      () => world.snapshot(NEW, { TagList: tagsOf(NEW) }),
      /no proved snapshot: RDS has 1 of runs.*lights-out:verified.*A run takes and proves one/,
    ],
    [
      'one that is not available',
      () => world.snapshot(NEW, { Status: 'failed' }),
      /none that has the tag lights-out:verified and is available/,
    ],
    [
      'none of this system',
      () => world.snapshot(NEW, { TagList: [...tagsOf(NEW, 'erp'), VERIFIED] }),
      /no proved/,
    ],
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

    await expect(world.restore()).rejects.toThrow(refusal);
    expect(world.requests()).toEqual([]);
  });

  function taken(): void {
    world.snapshot(NEW);
    world.instances[`crm-db-restored-${NEW}`] = { ...SOURCE, DBInstanceIdentifier: `crm-db-restored-${NEW}` };
  }
  function gone(): void {
    world.snapshot(NEW);
    world.instances = {};
  }

  it('refuses a run whose snapshot is not proved or not there, and names those that are', async () => {
    world.snapshot(OLD);
    world.snapshot(NEW, { TagList: tagsOf(NEW) });

    await expect(world.restore('--run', NEW)).rejects.toThrow(
      new RegExp(`never proved: .*; expected .*: ${OLD}$`),
    );
    await expect(world.restore('--run', '20260101-0000-cccccccc')).rejects.toThrow(
      /no snapshot of such a run/,
    );
  });

  it.each([
    ['crm-db', /never written over/],
    ['CRM-DB', /never written over/],
    [`lights-out-crm-${NEW}`, /are those of test instances/],
    ['two--hyphens', /expected at most 63 letters/],
    ['ends-', /expected at most 63 letters/],
    ['1st', /expected at most 63 letters/],
    ['x'.repeat(64), /expected at most 63 letters/],
    [`Lights-Out-crm-${NEW}`, /are those of test instances/],
  ])('refuses the name %s', async (name, refusal) => {
    world.snapshot(NEW);

    await expect(world.restore('--as', name)).rejects.toThrow(refusal);
    expect(world.requests()).toEqual([]);
  });

  it('lists the snapshots, the newest first, and makes nothing', async () => {
    world.snapshot(OLD);
    world.snapshot(NEW, { TagList: tagsOf(NEW) });

    expect(await world.restore('--list')).toBe(0);

    expect(
      world.output
        .trim()
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      [NEW, '2026-11-27 14:31 UTC', 'not proved', 'available', named(NEW)],
      [OLD, '2026-11-27 14:31 UTC', 'proved', 'available', named(OLD)],
    ]);
    expect(world.requests()).toEqual([]);
  });

  it('lists them as JSON too', async () => {
    world.snapshot(NEW);

    expect(await world.restore('--list', '--json')).toBe(0);

    expect(JSON.parse(world.output)).toMatchObject([{ run: NEW, identifier: named(NEW), isVerified: true }]);
  });

  it.each([
    ['InstanceQuotaExceeded', /Have the quota raised/],
    ['AccessDenied', /lists the permissions/],
    ['ExpiredToken', /Sign in to AWS/],
    ['InvalidParameterCombination', /Mend that, then type the same command again/],
  ])('says what RDS refused and what to do, and fails: %s', async (refusal, remedy) => {
    world.snapshot(NEW);
    world.rds.on(RestoreDBInstanceFromDBSnapshotCommand).rejects(awsError(refusal, 400));

    expect(await world.restore()).toBe(1);
    expect(world.output).toContain(refusal);
    expect(world.output).toMatch(remedy);
    expect(world.output).toContain('nothing was changed of crm-db');
  });

  it('gives up after six hours, and the same command waits on', async () => {
    world.snapshot(NEW);

    expect(await restoreCommand(['--system', 'crm'], async () => undefined)).toBe(1);

    expect(world.output).toContain('is still "creating" after 6 hours');
    expect(await world.restore()).toBe(0);
    expect(world.requests()).toHaveLength(1);
  });

  it('fails for a database that RDS does not bring up', async () => {
    world.snapshot(NEW);
    await world.restore('--no-wait');
    const [name = ''] = Object.keys(world.instances).filter((each) => each !== 'crm-db');
    world.change(name, { DBInstanceStatus: 'incompatible-restore' });

    expect(await world.restore()).toBe(1);
    expect(world.output).toContain('"incompatible-restore"; expected it to become available');
    expect(world.output).toContain('Delete it and type the same command again');
  });

  it('never calls one as test instances are called, whatever the source is called', () => {
    const database = { identifier: 'lights-out-crm-db', kind: 'instance' } as const;

    expect(() => nameOf(database, NEW, undefined)).toThrow(
      /the name .* which follows from the run: .*--as NAME/,
    );
    expect(nameOf(database, NEW, 'crm-db-2')).toBe('crm-db-2');
  });

  it('cuts a long name, so that a cluster’s writer has one too', () => {
    const name = nameBeside(`${'crm-'.repeat(15)}db`, NEW);

    expect(`${name}-writer`.length).toBeLessThanOrEqual(63);
    expect(name).toMatch(/^[a-z](?:-?[a-z0-9])*$/);
  });
});
