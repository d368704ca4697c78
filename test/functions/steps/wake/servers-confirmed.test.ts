import { StartInstancesCommand } from '@aws-sdk/client-ec2';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Confirmation, StartupPlan } from '../../../../functions/contract/startup-state.ts';
import { startServers } from '../../../../functions/steps/wake/servers.ts';
import { awsError, execution, RUN_ID, standStill } from '../../fixtures.ts';
import { StartupWorld, startupPlan, startupRun } from '../../startup-world.ts';

let world: StartupWorld;
const start = (outcome: Confirmation['outcome'] | undefined, wake: StartupPlan = startupPlan()) =>
  startServers(execution, {
    run: startupRun(),
    wake,
    confirmation: outcome === undefined ? undefined : ({ outcome } as Confirmation),
  });
const confirmed = (): unknown => (world.bucket.read('intent/crm') as { confirmed?: unknown }).confirmed;

standStill(execution.startTime);
beforeEach(() => {
  world = new StartupWorld();
  world.bucket.lock();
  world.mark({ wanted: 'on' });
});

describe('the confirmation in the mark', () => {
  it.each([
    ['equal', { by: RUN_ID, at: '2026-11-27T13:30:00.000Z' }],
    ['accepted', { by: RUN_ID, at: '2026-11-27T13:30:00.000Z', accepted: true }],
  ] as const)('is noted before the first start when the data were %s', async (outcome, expected) => {
    let atTheStart: unknown;
    world.ec2.on(StartInstancesCommand).callsFake(() => {
      atTheStart = confirmed();
      return {};
    });

    await start(outcome);

    expect(atTheStart).toEqual(expected);
  });

  it('keeps what an earlier start-up noted', async () => {
    const earlier = { by: 'earlier', at: '2026-11-26T08:00:00.000Z' };
    world.mark({ wanted: 'on', confirmed: earlier });

    await start('equal');

    expect(confirmed()).toEqual(earlier);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['nobody compared', () => start('not-confirmed')],
    ['there was no comparison', () => start(undefined)],
    [
      'no shutdown put the system away',
      () => {
        const { shutdown: _none, ...wake } = startupPlan();
        return start('equal', wake);
      },
    ],
    [
      'the mark is of another shutdown',
      () => {
        world.mark({ wanted: 'on', run: { id: 'another' } });
        return start('equal');
      },
    ],
    [
      'the mark says off',
      () => {
        world.mark();
        return start('equal');
      },
    ],
  ])('is not noted when %s', async (_case, act) => {
    await act();

    expect(world.serverStarts).toHaveLength(1);
    expect(confirmed()).toBeUndefined();
  });

  it('comes first: when it cannot be noted, nothing is started', async () => {
    world.bucket.mock
      .on(PutObjectCommand, { Bucket: 'evidence', Key: 'intent/crm' })
      .rejects(awsError('InternalError', 500));

    await expect(start('equal')).rejects.toMatchObject({ name: 'InternalError' });
    expect(world.serverStarts).toEqual([]);
    expect(confirmed()).toBeUndefined();
  });
});
