import { DeleteDBInstanceCommand } from '@aws-sdk/client-rds';
import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/tidy/handler.ts';
import { awsError, standStill, tagsOf } from '../fixtures.ts';
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
      world.bucket.put('tidy/crm/sweep', { deleted: [theirs] });
      throw awsError('AccessDenied', 403);
    });

    await expect(handler({ action: 'sweep' })).rejects.toMatchObject({ name: 'DeletionFailed' });

    expect(world.mail).toContain('vol-theirs');
    expect(world.mail).not.toContain(name);
  });
});
