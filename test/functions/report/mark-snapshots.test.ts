import { CreateTagsCommand, DescribeSnapshotsCommand } from '@aws-sdk/client-ec2';
import {
  AddTagsToResourceCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBSnapshotsCommand,
} from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SystemConfigInput } from '../../../functions/contract/config.ts';
import { markSnapshots } from '../../../functions/report/mark-snapshots.ts';
import { AwsWorld } from '../aws-world.ts';
import { awsError, system, systemInput, tagsOf } from '../fixtures.ts';

const id = (day: string): string => `${day}-2200-aaaaaaaa`;
const named = (runId: string): string => `lights-out-crm-${runId}`;
const arnOf = (name: string): string => `arn:aws:rds:eu-central-1:123456789012:snapshot:${name}`;
const VERIFIED = { Key: 'lights-out:verified', Value: 'yes' };
const SUPERSEDED = { Key: 'lights-out:superseded', Value: 'yes' };

let world: AwsWorld;
/** Snapshots as RDS lists them, in any order. */
let snapshots: object[];

beforeEach(() => {
  world = new AwsWorld();
  snapshots = [];
  world.rds
    .on(DescribeDBSnapshotsCommand, { DBInstanceIdentifier: 'crm-db', SnapshotType: 'manual' })
    .callsFake(() => ({ DBSnapshots: snapshots }));
  world.rds.on(AddTagsToResourceCommand).resolves({});
  world.ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: [] });
  world.ec2.on(CreateTagsCommand).resolves({});
});

/** A run of that day with its snapshot, and what its certificate says of it. */
function run(
  day: string,
  verified: boolean | undefined,
  changes: object = {},
  certified: object = {},
): string {
  const runId = id(day);
  const name = named(runId);
  snapshots.push({
    DBSnapshotIdentifier: name,
    DBSnapshotArn: arnOf(name),
    DBInstanceIdentifier: 'crm-db',
    Status: 'available',
    TagList: tagsOf(runId),
    ...changes,
  });
  if (verified !== undefined)
    world.bucket.put(`runs/crm/${runId}/certificate.json`, {
      ...certified,
      snapshot: { identifier: name, confirmed: true, verified },
      verification: { policy: 'full' },
    });
  return runId;
}

const mark = (changes: Partial<SystemConfigInput> = {}) =>
  markSnapshots(system({ retention: { snapshots: 2, days: 1 }, ...changes }));
/** Which mark was set on which run's snapshot, in order. */
const marked = () =>
  world.rds.commandCalls(AddTagsToResourceCommand).map((call) => {
    const { ResourceName = '', Tags = [] } = call.args[0].input;
    return [ResourceName.slice(arnOf(named('')).length), Tags[0]?.Key?.slice('lights-out:'.length)];
  });

describe('the marks of the snapshots', () => {
  it('marks the verified ones, and those of which the policy keeps enough newer ones', async () => {
    run('20260102', true, { TagList: [...tagsOf(id('20260102')), VERIFIED] });
    run('20260104', true);
    run('20260101', true, { TagList: [...tagsOf(id('20260101')), VERIFIED, SUPERSEDED] });
    run('20260103', true, { TagList: [...tagsOf(id('20260103')), VERIFIED] });

    await mark();

    expect(marked()).toEqual([
      [id('20260104'), 'verified'],
      [id('20260102'), 'superseded'],
    ]);
  });

  it('lets a backup of the running system take the place of another such one, and of no shutdown’s', async () => {
    const proof = { run: { onlyProve: true } };
    run('20260101', true);
    run('20260102', true);
    for (const day of ['20260103', '20260104', '20260105']) run(day, true, {}, proof);

    await mark();

    expect(marked().filter(([, key]) => key === 'superseded')).toEqual([[id('20260103'), 'superseded']]);
  });

  it('marks what an earlier closing left undone, and counts no snapshot that was not verified', async () => {
    run('20260101', true);
    run('20260102', true);
    run('20260103', false);
    run('20260104', undefined);
    run('20260105', true);

    await mark();

    expect(marked()).toEqual([
      [id('20260105'), 'verified'],
      [id('20260102'), 'verified'],
      [id('20260101'), 'verified'],
      [id('20260101'), 'superseded'],
    ]);
  });

  it.each<[string, object]>([
    ['is of another system', { TagList: tagsOf(id('20260101'), 'erp') }],
    ['has the tags of another run', { TagList: tagsOf(id('20251231')) }],
    ['has no tags', { TagList: [] }],
    ['somebody made by hand', { DBSnapshotIdentifier: 'before-the-upgrade' }],
    ['is not available', { Status: 'creating' }],
  ])('leaves one alone that %s', async (_what, changes) => {
    run('20260101', true, changes);
    run('20260102', true, { TagList: [...tagsOf(id('20260102')), VERIFIED] });

    await mark({ retention: { snapshots: 1, days: 1 } });

    expect(marked()).toEqual([]);
  });

  it('marks nothing as superseded where the policy keeps all', async () => {
    for (const day of ['20260101', '20260102', '20260103']) run(day, true);

    await mark({ retention: 'keep-all' });

    expect(marked().map(([, key]) => key)).toEqual(['verified', 'verified', 'verified']);
  });

  it('marks the volumes of a run first, so that a call that dies in between is made up for', async () => {
    const runId = run('20260101', true);
    world.ec2
      .on(DescribeSnapshotsCommand, {
        OwnerIds: ['self'],
        Filters: [
          { Name: 'tag:lights-out:system', Values: ['crm'] },
          { Name: 'tag:lights-out:run', Values: [runId] },
        ],
      })
      .resolves({ Snapshots: [{ SnapshotId: 'snap-1' }, { SnapshotId: 'snap-2' }] });
    world.ec2.on(CreateTagsCommand).rejectsOnce(awsError('InternalError', 500)).resolves({});

    await expect(mark()).rejects.toThrow('InternalError');
    expect(marked()).toEqual([]);
    await mark();

    expect(marked()).toEqual([[runId, 'verified']]);
    expect(world.ec2.commandCalls(CreateTagsCommand).at(-1)?.args[0].input).toEqual({
      Resources: ['snap-1', 'snap-2'],
      Tags: [VERIFIED],
    });
  });

  it('looks for no volumes where files are not backed up', async () => {
    run('20260101', true);

    await mark({ files: { backup: 'none' } });

    expect(marked()).toHaveLength(1);
    expect(world.ec2.calls()).toEqual([]);
  });

  it('does the same for a DB cluster', async () => {
    const name = named(id('20260101'));
    world.bucket.put(`runs/crm/${id('20260101')}/certificate.json`, {
      snapshot: { identifier: name, confirmed: true, verified: true },
      verification: { policy: 'full' },
    });
    world.rds.on(DescribeDBClusterSnapshotsCommand, { DBClusterIdentifier: 'crm-db' }).resolves({
      DBClusterSnapshots: [
        {
          DBClusterSnapshotIdentifier: name,
          DBClusterSnapshotArn: arnOf(name),
          Status: 'available',
          TagList: tagsOf(id('20260101')),
        },
      ],
    });

    await mark({ database: { ...systemInput().database, kind: 'cluster' } });

    expect(marked()).toEqual([[id('20260101'), 'verified']]);
  });
});
