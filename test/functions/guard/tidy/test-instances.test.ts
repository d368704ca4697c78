import { DescribeVolumesCommand } from '@aws-sdk/client-ec2';
import { DeleteDBInstanceCommand } from '@aws-sdk/client-rds';
import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import { beforeEach, describe, expect, it } from 'vitest';
import { nameBeside, RESTORED_FROM } from '../../../../cli/restore/beside.ts';
import { handler } from '../../../../functions/guard/tidy/handler.ts';
import { awsError, standStill, tagsOf } from '../../fixtures.ts';
import { DatabaseWorld, id, NOW, named } from './database-world.ts';

let world: DatabaseWorld;

standStill(NOW);
beforeEach(() => {
  world = new DatabaseWorld();
});

describe('the sweeper', () => {
  it('deletes the test instance of a run that is over, and tells the operators', async () => {
    const runId = world.run('20261230', undefined);
    world.copies[named(runId)] = { DBInstanceStatus: 'available' };

    const answer = await handler({ action: 'sweep' });

    expect(world.deletedInstances).toEqual([named(runId)]);
    expect(answer.deleted).toHaveLength(1);
    expect(world.told).toBe(1);
  });

  it.each([
    ['whose execution runs', { status: 'RUNNING' as const }],
    ['that is being redriven', { status: 'PENDING_REDRIVE' as const }],
    ['that ended just now', { status: 'ABORTED' as const, stopDate: new Date('2026-12-31T11:00:00.000Z') }],
  ])('leaves the one of a run %s alone', async (_name, execution) => {
    world.copies[named(world.run('20261230', undefined))] = { DBInstanceStatus: 'available' };
    world.executionsAre(execution);

    expect((await handler({ action: 'sweep' })).deleted).toEqual([]);
    expect(world.deletedInstances).toEqual([]);
  });

  it.each([
    ['no tags', []],
    ['the tags of another run', tagsOf('another')],
    ['the tags of another system', tagsOf(id('20261230'), 'erp')],
  ])('never deletes an instance of that name with %s', async (_name, own) => {
    world.copies[named(world.run('20261230', undefined))] = { DBInstanceStatus: 'available', tags: own };

    const { problems } = await handler({ action: 'sweep' });

    expect(world.deletedInstances).toEqual([]);
    expect(problems.join()).toContain('does not carry the tags');
  });

  it('leaves what lights-out restore has made alone', async () => {
    const runId = world.run('20261230', true);
    const restored = nameBeside('crm-db', runId);
    const tags = [{ Key: RESTORED_FROM, Value: named(runId) }];
    world.copies[restored] = { DBInstanceStatus: 'available', tags };
    // Even under the name of a test instance.
    world.copies[named(runId)] = { DBInstanceStatus: 'available', tags };

    await handler({ action: 'sweep' });

    expect(world.deletedInstances).toEqual([]);
    // The roles may delete by that name and tag alone.
    expect(restored).not.toMatch(/^lights-out-/);
  });

  it('never touches a snapshot, nor one that is being deleted already, nor a run without a plan', async () => {
    world.copies[named(world.run('20261230', true))] = { DBInstanceStatus: 'deleting' };
    const planless = world.run('20261229', undefined);
    world.bucket.objects.delete(`runs/crm/${planless}/plan.json`);
    world.bucket.put(`runs/crm/${planless}/announcement.json`, {});
    world.copies[named(planless)] = { DBInstanceStatus: 'available' };

    await handler({ action: 'sweep' });

    expect(world.deletedInstances).toEqual([]);
    expect(world.deletedSnapshots).toEqual([]);
  });

  it('goes on when one of them cannot be deleted', async () => {
    for (const day of ['20261229', '20261230'])
      world.copies[named(world.run(day, undefined))] = { DBInstanceStatus: 'available' };
    world.rds
      .on(DeleteDBInstanceCommand, { DBInstanceIdentifier: named(id('20261230')) })
      .rejects(awsError('AccessDenied', 403));

    await expect(handler({ action: 'sweep' })).rejects.toMatchObject({
      name: 'DeletionFailed',
      message: expect.stringContaining(`test instance ${named(id('20261230'))}: `),
    });

    expect(world.deletedInstances).toContain(named(id('20261229')));
    expect(world.told).toBe(1);
    expect(world.mail).toContain(named(id('20261229')));
    expect(world.mail).not.toContain(named(id('20261230')));
  });

  it('tells of one whose deletion was asked for and whose answer was lost', async () => {
    const name = named(world.run('20261230', undefined));
    world.copies[name] = { DBInstanceStatus: 'available' };
    world.rds.on(DeleteDBInstanceCommand).callsFake(() => {
      world.copies[name] = { DBInstanceStatus: 'deleting' };
      throw awsError('InternalFailure', 500);
    });

    expect((await handler({ action: 'sweep' })).deleted).toHaveLength(1);
    expect(world.told).toBe(1);
  });

  it('tells of one that an earlier call had deleted before it died', async () => {
    const name = named(world.run('20261230', undefined));
    world.copies[name] = { DBInstanceStatus: 'available' };
    world.ses.on(SendRawEmailCommand).rejects(awsError('AccessDenied', 403));
    await expect(handler({ action: 'sweep' })).rejects.toThrow();
    world.ses.on(SendRawEmailCommand).resolves({});
    world.copies[name] = { DBInstanceStatus: 'deleting' };

    expect((await handler({ action: 'sweep' })).deleted).toEqual([]);
    expect(world.mail).toContain(name);
    const told = world.told;
    await handler({ action: 'sweep' });
    expect(world.told).toBe(told);
    expect(world.bucket.read('tidy/crm/sweep')).toEqual({ deleted: [] });
  });

  it('notes what it deletes on top of what another call does at the same time', async () => {
    const name = named(world.run('20261230', undefined));
    world.copies[name] = { DBInstanceStatus: 'available' };
    const theirs = { runId: 'r', name: 'test volume vol-theirs', reason: 'x' };
    world.rds.on(DeleteDBInstanceCommand).callsFake(() => {
      const { deleted } = world.bucket.read('tidy/crm/sweep') as { deleted: object[] };
      world.bucket.put('tidy/crm/sweep', { deleted: [...deleted, theirs] });
      return {};
    });

    await handler({ action: 'sweep' });

    expect(world.mail).toContain('vol-theirs');
    expect(world.mail).toContain(name);
    expect(world.bucket.read('tidy/crm/sweep')).toEqual({ deleted: [] });
  });

  it.each([
    ['is gone: it tells that', undefined, true],
    ['is being deleted: it tells that', { DBInstanceStatus: 'deleting' }, true],
    ['is there, of a run that goes on: it tells nothing', { DBInstanceStatus: 'available' }, false],
  ])(
    'of what an earlier call was about to delete when it died finds that it %s',
    async (_name, copy, told) => {
      const runId = world.run('20261230', undefined);
      const name = `test instance ${named(runId)}`;
      world.bucket.put('tidy/crm/sweep', { deleted: [{ runId, name, reason: 'x', pending: true }] });
      if (copy !== undefined) world.copies[named(runId)] = copy;
      world.executionsAre({ status: 'RUNNING' });

      await handler({ action: 'sweep' });

      expect(world.mail.includes(named(runId))).toBe(told);
      expect(world.deletedInstances).toEqual([]);
    },
  );

  it('tells when the volumes cannot be looked at, and fails', async () => {
    world.configure({ files: { backup: 'verify' } });
    const name = named(world.run('20261230', undefined));
    world.copies[name] = { DBInstanceStatus: 'available' };
    world.ec2.on(DescribeVolumesCommand).rejects(awsError('UnauthorizedOperation', 403));

    await expect(handler({ action: 'sweep' })).rejects.toMatchObject({
      name: 'DeletionFailed',
      message: expect.stringContaining('what runs have left behind: '),
    });

    expect(world.mail).toContain(name);
  });

  it('tells the operators the next time when SES refuses them', async () => {
    const name = named(world.run('20261230', undefined));
    world.copies[name] = { DBInstanceStatus: 'available' };
    world.ses.on(SendRawEmailCommand).rejects(awsError('MessageRejected'));

    await expect(handler({ action: 'sweep' })).rejects.toMatchObject({ name: 'MessageRejected' });

    expect(world.bucket.read('tidy/crm/sweep')).toMatchObject({
      deleted: [{ name: `test instance ${name}` }],
    });
  });
});
