import { DescribeDBInstancesCommand, RDSClient, StopDBInstanceCommand } from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DatabaseEvent, handler } from '../../../../functions/steps/database/handler.ts';
import {
  allowNothing,
  awsError,
  Bucket,
  execution,
  LOCK_LOST,
  plan,
  runContext,
  standStill,
  system,
} from '../../fixtures.ts';

const rds = mockClient(RDSClient);
let bucket: Bucket;
const NOW = '2026-11-27T15:00:00.000Z';
const proved = {
  backup: { snapshot: { done: true } },
  comparison: { done: true, equal: true },
  testInstance: { done: true },
};
const event = (state: object, run = runContext()): DatabaseEvent =>
  ({
    action: 'stop',
    execution,
    state: { run, config: system(), plan: plan(), ...state },
  }) as unknown as DatabaseEvent;
const status = (DBInstanceStatus: string) => ({ DBInstances: [{ DBInstanceStatus }] });
const underWay = { off: { database: { done: false, since: NOW } } };

standStill(NOW);
allowNothing(rds);
beforeEach(() => {
  bucket = new Bucket();
  bucket.lock();
});

describe('database stop', () => {
  it.each(LOCK_LOST)('%s: asks for no stop, however often it is called', async (_case, arrange, name) => {
    arrange(bucket);
    rds.on(DescribeDBInstancesCommand).resolves(status('available'));
    const lost = { name, message: expect.stringContaining('lock of crm') };

    await expect(handler(event(proved))).rejects.toMatchObject(lost);
    await expect(handler(event({ ...proved, ...underWay }))).rejects.toMatchObject(lost);
    expect(rds.commandCalls(StopDBInstanceCommand)).toEqual([]);
  });

  it.each([
    ['no snapshot', {}],
    ['a snapshot that is not there yet', { backup: { snapshot: { done: false } } }],
    ['a snapshot that was not compared', { backup: { snapshot: { done: true } } }],
    ['a copy that differs', { ...proved, comparison: { done: true, equal: false } }],
    ['a comparison that is not over', { ...proved, comparison: { done: false, equal: false } }],
    ['a test instance that is still there', { ...proved, testInstance: { done: false } }],
  ])('stops nothing with %s', async (_name, state) => {
    await expect(handler(event(state))).rejects.toMatchObject({ name: 'VerificationImpossible' });
    expect(rds.calls()).toHaveLength(0);
  });

  const lookedAt = (minutesAgo: number) => ({
    ...proved,
    sourceLook: { endedAt: new Date(Date.parse(NOW) - minutesAgo * 60_000).toISOString() },
  });

  it('stops nothing on a last look that is more than an hour old: one that was kept waiting here', async () => {
    rds.on(DescribeDBInstancesCommand).resolves(status('available'));

    await expect(handler(event(lookedAt(61)))).rejects.toMatchObject({
      name: 'VerificationImpossible',
      message: expect.stringContaining('61 minutes ago'),
    });
    expect(rds.commandCalls(StopDBInstanceCommand)).toEqual([]);
  });

  it.each([
    ['a fresh one', lookedAt(59), runContext(), 'available'],
    ['an old one, of a database that is stopping already', lookedAt(61), runContext(), 'stopping'],
    [
      'an old one, of a run that verifies nothing',
      lookedAt(61),
      runContext({ verification: 'none' }),
      'available',
    ],
  ])('goes on with %s', async (_name, state, run, found) => {
    rds.on(StopDBInstanceCommand).resolves({});
    rds.on(DescribeDBInstancesCommand).resolves(status(found));

    expect(await handler(event(state, run))).toMatchObject({ done: false });
    expect(rds.commandCalls(StopDBInstanceCommand)).toHaveLength(1);
  });

  it('stops with an unverified snapshot only when the run was told so', async () => {
    rds.on(StopDBInstanceCommand).resolves({});
    rds.on(DescribeDBInstancesCommand).resolves(status('available'));
    const run = runContext({ verification: 'none' });

    expect(await handler(event({ backup: { snapshot: { done: true } } }, run))).toMatchObject({
      done: false,
    });
    await expect(handler(event({}, run))).rejects.toMatchObject({ name: 'VerificationImpossible' });
  });

  it('stops first, then reads the refusal: a stopping database is on its way', async () => {
    rds.on(StopDBInstanceCommand).rejects(awsError('InvalidDBInstanceStateFault'));
    rds.on(DescribeDBInstancesCommand).resolves(status('stopping'));

    expect(await handler(event(proved))).toMatchObject({ done: false, state: 'stopping' });
  });

  it('is done only when it is seen stopped', async () => {
    rds.on(DescribeDBInstancesCommand).resolvesOnce(status('stopping')).resolvesOnce(status('stopped'));

    expect(await handler(event({ ...proved, ...underWay }))).toMatchObject({ done: false });
    expect(await handler(event({ ...proved, ...underWay }))).toMatchObject({ done: true, state: 'stopped' });
    expect(rds.commandCalls(StopDBInstanceCommand)).toHaveLength(0);
  });

  it('stops it again when somebody started it meanwhile', async () => {
    rds.on(DescribeDBInstancesCommand).resolves(status('available'));
    rds.on(StopDBInstanceCommand).resolves({});

    await handler(event({ ...proved, ...underWay }));

    expect(rds.commandCalls(StopDBInstanceCommand)).toHaveLength(1);
  });

  it.each(['failed', 'storage-full', 'inaccessible-encryption-credentials-recoverable'])(
    'does not wait three hours for a database that is "%s"',
    async (state) => {
      rds.on(DescribeDBInstancesCommand).resolves(status(state));

      await expect(handler(event({ ...proved, ...underWay }))).rejects.toMatchObject({
        name: 'DatabaseDidNotStop',
        message: expect.stringContaining(`"${state}"`),
      });
    },
  );

  it('gives up at its deadline and names the state', async () => {
    rds.on(DescribeDBInstancesCommand).resolves(status('stopping'));
    const off = { database: { done: false, since: '2026-11-27T11:00:00.000Z' } };

    await expect(handler(event({ ...proved, off }))).rejects.toMatchObject({
      name: 'DatabaseDidNotStop',
      message: expect.stringContaining('"stopping"'),
    });
  });
});
