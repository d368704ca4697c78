import { DeleteDBClusterCommand, DeleteDBInstanceCommand } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { handler } from '../../../../functions/steps/restore/handler.ts';
import { awsError, IDENTIFIER } from '../../fixtures.ts';
import { asked, cluster, event, shows, WRITER, writer } from './cluster.ts';
import { aboutToCopy, NOW, rds, tagsOfAnotherRun } from './copy.ts';

aboutToCopy();

describe('delete of a cluster', () => {
  const previous = { done: false, since: NOW, state: 'deleting' };
  const deletes = () => handler(event('delete', { testInstance: previous }));

  it('deletes the instance, sees it gone, deletes the cluster, sees it gone', async () => {
    rds.on(DeleteDBInstanceCommand).resolves({});
    rds.on(DeleteDBClusterCommand).resolves({});

    shows(cluster('available'), writer('available'));
    expect(await deletes()).toMatchObject({ done: false, state: 'available' });
    expect(asked()).toEqual(['DeleteDBInstance']);
    expect(rds.commandCalls(DeleteDBInstanceCommand)[0]?.args[0].input).toMatchObject({
      DBInstanceIdentifier: WRITER,
      SkipFinalSnapshot: true,
    });

    shows(cluster('available'), writer('deleting'));
    expect(await deletes()).toMatchObject({ done: false, state: 'deleting' });
    expect(asked()).toEqual(['DeleteDBInstance']);

    shows(cluster('available'));
    expect(await deletes()).toMatchObject({ done: false });
    expect(rds.commandCalls(DeleteDBClusterCommand)[0]?.args[0].input).toEqual({
      DBClusterIdentifier: IDENTIFIER,
      SkipFinalSnapshot: true,
      DeleteAutomatedBackups: true,
    });

    shows(cluster('deleting'));
    expect(await deletes()).toMatchObject({ done: false, state: 'deleting' });
    shows(undefined);
    expect(await deletes()).toMatchObject({ done: true, state: 'deleted' });
    expect(asked()).toEqual(['DeleteDBInstance', 'DeleteDBCluster']);
  });

  it.each([
    [
      'an instance that is being made',
      writer('creating'),
      DeleteDBInstanceCommand,
      'InvalidDBInstanceStateFault',
    ],
    [
      'an instance that went meanwhile',
      writer('available'),
      DeleteDBInstanceCommand,
      'DBInstanceNotFoundFault',
    ],
    ['a cluster with an unseen instance', undefined, DeleteDBClusterCommand, 'InvalidDBClusterStateFault'],
    ['a cluster that went meanwhile', undefined, DeleteDBClusterCommand, 'DBClusterNotFoundFault'],
  ])('tries again when RDS refuses the deletion of %s', async (_name, member, command, error) => {
    shows(cluster('available'), member);
    rds.on(command as typeof DeleteDBInstanceCommand).rejects(awsError(error));

    expect(await deletes()).toMatchObject({ done: false });
  });

  it('is not done while one of the two is left', async () => {
    rds.on(DeleteDBInstanceCommand).resolves({});
    shows(undefined, writer('available'));

    expect(await deletes()).toMatchObject({ done: false });
    expect(asked()).toEqual(['DeleteDBInstance']);
  });

  it('looks twice before it believes that there is none', async () => {
    shows(undefined);

    expect(await handler(event('delete'))).toMatchObject({ done: false, state: 'unseen' });
  });

  it.each([
    ['another run’s cluster', cluster('available', { TagList: tagsOfAnotherRun }), writer('available')],
    [
      'another run’s cluster whose instance has no tags yet',
      cluster('available', { TagList: tagsOfAnotherRun }),
      writer('creating', { TagList: [] }),
    ],
    ['another run’s instance', cluster('available'), writer('available', { TagList: tagsOfAnotherRun })],
    ['the CRM’s own cluster', cluster('available', { DBClusterIdentifier: 'crm-db' }), undefined],
    [
      'a cluster that somebody put an instance into',
      cluster('available', { DBClusterMembers: [{ DBInstanceIdentifier: 'reports' }] }),
      undefined,
    ],
  ])('never deletes %s, nor any part of it, and says so at once', async (_name, found, member) => {
    shows(found, member);

    await expect(deletes()).rejects.toMatchObject({ name: 'TestInstanceNotDeleted' });
    expect(asked()).toEqual([]);
  });

  it('waits for the tags of a part that was just made, then deletes it', async () => {
    rds.on(DeleteDBInstanceCommand).resolves({});
    shows(cluster('available'), writer('creating', { TagList: [] }));
    expect(await deletes()).toMatchObject({ done: false, untaggedSince: NOW });
    expect(asked()).toEqual([]);

    shows(cluster('available'), writer('creating'));
    expect(await deletes()).toMatchObject({ done: false });
    expect(asked()).toEqual(['DeleteDBInstance']);
  });

  it('fails at its deadline', async () => {
    shows(cluster('available'), writer('deleting'));
    const testInstance = { done: false, since: '2026-11-27T10:00:00.000Z', state: 'deleting' };

    await expect(handler(event('delete', { testInstance }))).rejects.toMatchObject({
      name: 'TestInstanceNotDeleted',
      message: expect.stringContaining('"deleting"'),
    });
  });
});
