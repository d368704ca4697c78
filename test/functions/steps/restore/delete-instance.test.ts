import { DeleteDBInstanceCommand, DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { describe, expect, it, vi } from 'vitest';
import { handler } from '../../../../functions/steps/restore/handler.ts';
import { awsError, IDENTIFIER } from '../../fixtures.ts';
import { aboutToCopy, event, NOW, rds, tagsOfAnotherRun } from './copy.ts';
import { gone, instance } from './instance.ts';

aboutToCopy();

describe('delete', () => {
  const previous = { done: false, since: NOW, state: 'deleting' };

  it('deletes without a final snapshot and is done when RDS no longer knows it', async () => {
    rds.on(DescribeDBInstancesCommand).resolvesOnce(instance('available')).rejectsOnce(gone);
    rds.on(DeleteDBInstanceCommand).resolves({});

    expect(await handler(event('delete'))).toMatchObject({ done: false, state: 'available' });
    expect(rds.commandCalls(DeleteDBInstanceCommand)[0]?.args[0].input).toEqual({
      DBInstanceIdentifier: IDENTIFIER,
      SkipFinalSnapshot: true,
      DeleteAutomatedBackups: true,
    });
    expect(await handler(event('delete', { testInstance: previous }))).toMatchObject({
      done: true,
      state: 'deleted',
    });
  });

  it('does not ask again while it is being deleted, and tries again when RDS refuses', async () => {
    rds.on(DescribeDBInstancesCommand).resolvesOnce(instance('deleting')).resolvesOnce(instance('creating'));
    rds.on(DeleteDBInstanceCommand).rejects(awsError('InvalidDBInstanceStateFault'));

    expect(await handler(event('delete', { testInstance: previous }))).toMatchObject({ done: false });
    expect(rds.commandCalls(DeleteDBInstanceCommand)).toHaveLength(0);
    expect(await handler(event('delete', { testInstance: previous }))).toMatchObject({ done: false });
    expect(rds.commandCalls(DeleteDBInstanceCommand)).toHaveLength(1);
  });

  it('looks twice before it believes that there is none: a restore whose answer was lost may show late', async () => {
    rds.on(DescribeDBInstancesCommand).rejects(gone);

    expect(await handler(event('delete'))).toMatchObject({ done: false, state: 'unseen' });
    const earlier = { done: false, since: '2026-11-27T14:19:00.000Z', state: 'unseen' };
    const failure = { Error: 'VerificationMismatch', Cause: '' };
    for (const more of [{ testInstance: earlier }, { failure, rollback: { testInstance: earlier } }])
      expect(await handler(event('delete', more))).toMatchObject({ done: true });
  });

  it('does not believe for five minutes that one has vanished that the restore had seen', async () => {
    rds.on(DescribeDBInstancesCommand).rejects(gone);
    const restore = { done: true, arn: 'arn:copy' };
    const failure = { Error: 'VerificationMismatch', Cause: '' };
    const ago = (seconds: number) => ({
      done: false,
      since: new Date(Date.parse(NOW) - seconds * 1000).toISOString(),
      state: 'unseen',
    });

    for (const [seconds, done] of [
      [0, false],
      [290, false],
      [310, true],
    ] as const) {
      const testInstance = ago(seconds);
      expect(await handler(event('delete', { restore, testInstance }))).toMatchObject({ done });
      const rollback = { testInstance };
      expect(await handler(event('delete', { restore, failure, rollback }))).toMatchObject({ done });
    }
  });

  it('believes sooner that one is gone that the way forward had seen gone, or that it had asked to be deleted', async () => {
    rds.on(DescribeDBInstancesCommand).rejects(gone);
    const restore = { done: true, arn: 'arn:copy' };
    const deleting = { done: false, since: NOW, state: 'deleting' };
    const deleted = { done: true, since: NOW, state: 'deleted' };
    const failure = { Error: 'LockLost', Cause: '' };
    const rollback = { testInstance: { done: false, since: '2026-11-27T14:19:00.000Z', state: 'unseen' } };

    for (const more of [{ testInstance: deleting }, { testInstance: deleted, failure, rollback }])
      expect(await handler(event('delete', { restore, ...more }))).toMatchObject({ done: true });
  });

  it('is done at once when there was no snapshot that could have been restored', async () => {
    rds.on(DescribeDBInstancesCommand).rejects(gone);

    expect(await handler(event('delete', { backup: undefined }))).toMatchObject({ done: true });
  });

  it('gives a roll back all the time again', async () => {
    rds.on(DescribeDBInstancesCommand).resolves(instance('deleting'));
    const testInstance = { done: false, since: '2026-11-27T10:00:00.000Z', state: 'deleting' };
    const failure = { Error: 'TestInstanceNotDeleted', Cause: '' };

    expect(await handler(event('delete', { testInstance, failure }))).toMatchObject({
      done: false,
      since: NOW,
    });
  });

  it.each([
    ['the CRM’s own database', { DBInstanceIdentifier: 'crm-db' }],
    ['another run’s instance', { TagList: tagsOfAnotherRun }],
  ])('never deletes %s', async (_name, more) => {
    rds.on(DescribeDBInstancesCommand).resolves(instance('available', more));

    await expect(handler(event('delete'))).rejects.toMatchObject({ name: 'TestInstanceNotDeleted' });
    expect(rds.commandCalls(DeleteDBInstanceCommand)).toHaveLength(0);
  });

  it('waits five minutes for the tags of a copy that was just made, and never deletes it without them', async () => {
    rds.on(DescribeDBInstancesCommand).resolves(instance('creating', { TagList: [] }));
    // What an earlier deletion took does not count: the time runs from when the tags were first missing.
    const begun = { done: false, since: '2026-11-27T14:00:00.000Z', state: 'creating' };

    const first = await handler(event('delete', { testInstance: begun }));
    expect(first).toMatchObject({ done: false, state: 'creating', untaggedSince: NOW });
    vi.setSystemTime('2026-11-27T14:25:00.000Z');
    const second = await handler(event('delete', { testInstance: first }));
    expect(second).toMatchObject({ done: false, untaggedSince: NOW });
    vi.setSystemTime('2026-11-27T14:25:01.000Z');
    await expect(handler(event('delete', { testInstance: second }))).rejects.toMatchObject({
      name: 'TestInstanceNotDeleted',
      message: expect.stringContaining(`instance ${IDENTIFIER} does not carry this run's tags`),
    });
    expect(rds.commandCalls(DeleteDBInstanceCommand)).toHaveLength(0);
  });

  it('deletes it as soon as its tags are listed', async () => {
    rds
      .on(DescribeDBInstancesCommand)
      .resolvesOnce(instance('creating', { TagList: [] }))
      .resolvesOnce(instance('creating'));
    rds.on(DeleteDBInstanceCommand).resolves({});

    const testInstance = await handler(event('delete'));
    const answer = await handler(event('delete', { testInstance }));

    expect(answer).not.toHaveProperty('untaggedSince');
    expect(rds.commandCalls(DeleteDBInstanceCommand)).toHaveLength(1);
  });

  it('fails at its deadline', async () => {
    rds.on(DescribeDBInstancesCommand).resolves(instance('available'));
    const testInstance = { done: false, since: '2026-11-27T10:00:00.000Z', state: 'available' };

    await expect(handler(event('delete', { testInstance }))).rejects.toMatchObject({
      name: 'TestInstanceNotDeleted',
    });
  });
});
