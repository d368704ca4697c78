import { DeleteSnapshotCommand, DescribeSnapshotsCommand } from '@aws-sdk/client-ec2';
import { DeleteDBSnapshotCommand } from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../../functions/guard/tidy/handler.ts';
import { awsError, standStill, tagsOf } from '../../fixtures.ts';
import { DatabaseWorld, id, NOW, named, SUPERSEDED } from './database-world.ts';

let world: DatabaseWorld;

standStill(NOW);
beforeEach(() => {
  world = new DatabaseWorld();
});

describe('retention', () => {
  const policy = { retention: { snapshots: 2, days: 30 } };

  it('keeps the newest verified ones and all of the last days, and deletes the older ones', async () => {
    world.configure(policy);
    for (const day of ['20260901', '20260908', '20261010', '20261220']) world.run(day, true);

    const { kept } = await handler({ action: 'retain' });

    expect(kept).toEqual([named(id('20261220')), named(id('20261010'))]);
    expect(world.deletedSnapshots.sort()).toEqual([named(id('20260901')), named(id('20260908'))]);
    expect(world.bucket.read(`runs/crm/${id('20260901')}/retention.json`)).toMatchObject({
      at: NOW,
      deleted: [named(id('20260901'))],
    });
    expect(world.told).toBe(1);
  });

  it('never deletes the newest verified one, however old it is', async () => {
    world.configure({ retention: { snapshots: 1, days: 1 } });
    world.run('20250101', true);
    world.run('20251201', false);
    world.run('20251202', undefined);

    const { problems } = await handler({ action: 'retain' });

    expect(world.deletedSnapshots).toEqual([]);
    expect(problems).toHaveLength(2);
    expect(problems.join()).toContain('never verified, or its certificate is gone');
  });

  it('counts snapshots and not certificates: one that somebody deleted takes nobody’s place', async () => {
    world.configure({ retention: { snapshots: 1, days: 1 } });
    world.run('20260101', true);
    delete world.snapshots[named(world.run('20260201', true))];

    await handler({ action: 'retain' });

    expect(world.deletedSnapshots).toEqual([]);
  });

  it('counts backups of the running system apart: none takes the place of a shutdown’s', async () => {
    world.configure(policy);
    const days = ['20260801', '20260808', '20260815'];
    for (const day of days) world.run(day, true);
    for (const day of ['20261001', '20261101', '20261102']) world.run(day, true, { onlyProve: true });

    const { kept } = await handler({ action: 'retain' });

    expect(world.deletedSnapshots.sort()).toEqual([named(id('20260801')), named(id('20261001'))]);
    expect(kept).toEqual(['20261102', '20261101', '20260815', '20260808'].map((day) => named(id(day))));
  });

  it('keeps the one that the system is off on', async () => {
    world.configure({ retention: { snapshots: 1, days: 1 } });
    const off = world.run('20260101', true);
    world.run('20260201', true);
    world.bucket.put('intent/crm', { wanted: 'off', since: 'x', by: 'x', run: { id: off }, stoppedAgain: 0 });

    await handler({ action: 'retain' });

    expect(world.deletedSnapshots).toEqual([]);
  });

  it.each([
    ['of another database', { source: 'erp-db' }],
    ['without the tags of its run', { tags: [...tagsOf('another'), ...SUPERSEDED] }],
    ['of another system', { tags: [...tagsOf(id('20260101'), 'erp'), ...SUPERSEDED] }],
    ['without any tag of a run', { tags: SUPERSEDED }],
  ])('never deletes one %s, and says so', async (_name, changes) => {
    world.configure({ retention: { snapshots: 1, days: 1 } });
    world.run('20260201', true);
    world.snapshots[named(world.run('20260101', true))] = changes;

    const { problems } = await handler({ action: 'retain' });

    expect(world.deletedSnapshots).toEqual([]);
    expect(problems.join()).toContain(named(id('20260101')));
  });

  it.each([
    ['verified', SUPERSEDED.slice(1)],
    ['superseded', SUPERSEDED.slice(0, 1)],
  ])(
    'keeps one that is not marked as %s, until the closing of a later run has marked it',
    async (_mark, marks) => {
      world.configure({ retention: { snapshots: 1, days: 1 } });
      const old = world.run('20260101', true);
      world.snapshots[named(old)] = { tags: [...tagsOf(old), ...marks] };
      world.run('20260201', true);

      const { kept, problems } = await handler({ action: 'retain' });

      expect(kept).toEqual([named(id('20260201')), named(old)]);
      expect(problems).toEqual([]);
      expect(world.deletedSnapshots).toEqual([]);
    },
  );

  it('leaves the snapshots of volumes that are not marked', async () => {
    world.configure({ retention: { snapshots: 1, days: 1 } });
    world.run('20260101', true);
    world.run('20260201', true);
    world.ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: [{ SnapshotId: 'snap-1', Tags: [] }] });

    await handler({ action: 'retain' });

    expect(world.ec2.commandCalls(DeleteSnapshotCommand)).toEqual([]);
  });

  it('looks for no snapshots of volumes where files are not backed up', async () => {
    world.configure({ retention: { snapshots: 1, days: 1 }, files: { backup: 'none' } });
    world.run('20260101', true);
    world.run('20260201', true);

    await handler({ action: 'retain' });

    expect(world.deletedSnapshots).toHaveLength(1);
    expect(world.ec2.commandCalls(DescribeSnapshotsCommand)).toEqual([]);
  });

  it('deletes the snapshots of the volumes of the same run, by both tags', async () => {
    world.configure({ retention: { snapshots: 1, days: 1 } });
    const old = world.run('20260101', true);
    world.run('20260201', true);
    world.ec2
      .on(DescribeSnapshotsCommand, {
        OwnerIds: ['self'],
        Filters: [
          { Name: 'tag:lights-out:system', Values: ['crm'] },
          { Name: 'tag:lights-out:run', Values: [old] },
        ],
      })
      .resolves({ Snapshots: [{ SnapshotId: 'snap-1', Tags: SUPERSEDED }] });

    await handler({ action: 'retain' });

    expect(world.ec2.commandCalls(DeleteSnapshotCommand).map((call) => call.args[0].input)).toEqual([
      { SnapshotId: 'snap-1' },
    ]);
  });

  it.each([
    ['is being deleted', { Status: 'deleting' }],
    ['is gone', undefined],
  ])(
    'goes on with the volumes of a run whose snapshot %s, and keeps in the evidence what went before',
    async (_name, after) => {
      world.configure({ retention: { snapshots: 1, days: 1 } });
      const old = world.run('20260101', true);
      world.run('20260201', true);
      let left = ['snap-1', 'snap-2'];
      world.ec2
        .on(DescribeSnapshotsCommand)
        .callsFake(() => ({ Snapshots: left.map((SnapshotId) => ({ SnapshotId, Tags: SUPERSEDED })) }));
      let refused = false;
      world.ec2.on(DeleteSnapshotCommand).callsFake(({ SnapshotId }) => {
        if (SnapshotId === 'snap-2' && !refused) {
          refused = true;
          throw awsError('InternalError', 500);
        }
        left = left.filter((each) => each !== SnapshotId);
        return {};
      });
      world.rds.on(DeleteDBSnapshotCommand).callsFake(({ DBSnapshotIdentifier }) => {
        if (after === undefined) delete world.snapshots[DBSnapshotIdentifier];
        else world.snapshots[DBSnapshotIdentifier] = after;
        return {};
      });

      await expect(handler({ action: 'retain' })).rejects.toMatchObject({
        name: 'DeletionFailed',
        message: expect.stringContaining('snapshot snap-2: '),
      });
      expect(world.mail).not.toContain('snap-2');
      // Lambda calls it again.
      await handler({ action: 'retain' });

      expect(left).toEqual([]);
      expect(world.mail).toContain('snap-2');
      expect(world.bucket.read(`runs/crm/${old}/retention.json`)).toMatchObject({
        deleted: [named(old), 'snap-1', 'snap-2'],
      });
    },
  );

  it('leaves the volumes of a run among the newest whose snapshot somebody else has deleted', async () => {
    world.configure({ retention: { snapshots: 2, days: 1 } });
    delete world.snapshots[named(world.run('20260101', true))];
    world.run('20260201', true);
    world.ec2
      .on(DescribeSnapshotsCommand)
      .resolves({ Snapshots: [{ SnapshotId: 'snap-1', Tags: SUPERSEDED }] });

    expect((await handler({ action: 'retain' })).deleted).toEqual([]);
    expect(world.ec2.commandCalls(DeleteSnapshotCommand)).toEqual([]);
  });

  it('leaves the volumes of a run whose database snapshot cannot be deleted', async () => {
    world.configure({ retention: { snapshots: 1, days: 1 } });
    world.run('20260101', true);
    world.run('20260201', true);
    world.ec2
      .on(DescribeSnapshotsCommand)
      .resolves({ Snapshots: [{ SnapshotId: 'snap-1', Tags: SUPERSEDED }] });
    world.rds.on(DeleteDBSnapshotCommand).rejects(awsError('AccessDenied', 403));

    await expect(handler({ action: 'retain' })).rejects.toMatchObject({ name: 'DeletionFailed' });

    expect(world.ec2.commandCalls(DeleteSnapshotCommand)).toEqual([]);
    expect(world.told).toBe(0);
  });

  it('takes a snapshot for deleted whose deletion is refused because it is gone', async () => {
    world.configure({ retention: { snapshots: 1, days: 1 } });
    world.run('20260101', true);
    world.run('20260201', true);
    world.ec2
      .on(DescribeSnapshotsCommand)
      .resolvesOnce({ Snapshots: [{ SnapshotId: 'snap-1', Tags: SUPERSEDED }] })
      .resolves({ Snapshots: [] });
    // What is gone has no tag that would allow it.
    world.ec2.on(DeleteSnapshotCommand).rejects(awsError('UnauthorizedOperation', 403));

    expect((await handler({ action: 'retain' })).deleted).toHaveLength(2);
    expect(world.mail).toContain('snap-1');
  });

  it('is done twice without harm, and tells nothing the second time', async () => {
    world.configure({ retention: { snapshots: 1, days: 1 } });
    world.run('20260101', true);
    world.run('20260201', true);

    await handler({ action: 'retain' });
    await handler({ action: 'retain' });

    expect(world.deletedSnapshots).toHaveLength(1);
    expect(world.told).toBe(1);
  });

  it('only says what it would delete in a dry run', async () => {
    world.configure({ retention: { snapshots: 1, days: 1 } });
    world.run('20260101', true);
    world.run('20260201', true);

    const answer = await handler({ action: 'retain', dryRun: true });

    expect(answer.deleted).toHaveLength(1);
    expect(world.deletedSnapshots).toEqual([]);
    expect(world.bucket.objects.has(`runs/crm/${id('20260101')}/retention.json`)).toBe(false);
    expect(world.told).toBe(0);
  });

  it.each([
    ['the policy keeps all', () => world.configure({ retention: 'keep-all' })],
    [
      'a run is in progress',
      () => {
        world.configure({ retention: { snapshots: 1, days: 1 } });
        world.runIsInProgress();
      },
    ],
  ])('deletes nothing when %s', async (_name, change) => {
    world.run('20260101', true);
    world.run('20260201', true);
    change();

    await handler({ action: 'retain' });

    expect(world.deletedSnapshots).toEqual([]);
  });

  it('keeps 12 and 90 days by default', async () => {
    for (let day = 1; day <= 14; day += 1) world.run(`202601${String(day).padStart(2, '0')}`, true);

    await handler({ action: 'retain' });

    expect(world.deletedSnapshots.sort()).toEqual([named(id('20260101')), named(id('20260102'))]);
  });
});
