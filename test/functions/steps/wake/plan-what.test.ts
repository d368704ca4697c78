import { beforeEach, describe, expect, it } from 'vitest';
import type { StartupState } from '../../../../functions/contract/startup-state.ts';
import { handler, type WakeEvent } from '../../../../functions/steps/wake/handler.ts';
import { execution, standStill, systemInput } from '../../fixtures.ts';
import {
  APP_1,
  SHUTDOWN,
  SHUTDOWN_FOLDER,
  STARTUP_FOLDER,
  StartupWorld,
  WEB_1,
} from '../../startup-world.ts';

type Planned = Pick<StartupState, 'run' | 'config' | 'wake' | 'alreadyOn'>;

let world: StartupWorld;
const plan = async (input: unknown = {}): Promise<Planned> =>
  (await handler({ action: 'plan', execution, state: input } as WakeEvent)) as Planned;

standStill(execution.startTime);
beforeEach(() => {
  world = new StartupWorld();
});

describe('reasons not to begin', () => {
  it.each<[string, string | undefined, RegExp]>([
    [
      'RDS has no such database',
      undefined,
      /database crm-db: RDS knows no DB instance of this name; restore it/,
    ],
    ['it is failed', 'failed', /database crm-db: it is "failed", from which RDS does not start it/],
    ['its storage is full', 'storage-full', /it is "storage-full"/],
    ['it is being deleted', 'deleting', /it is "deleting"/],
  ])('are that %s: nothing is touched, and the plan is on record', async (_case, database, words) => {
    world.database = database;

    await expect(plan()).rejects.toMatchObject({
      name: 'PlanRejected',
      message: expect.stringMatching(words),
    });
    expect(world.bucket.objects.has('locks/crm')).toBe(false);
    expect(world.bucket.read('intent/crm')).toMatchObject({ wanted: 'off' });
    expect(world.bucket.read(`${STARTUP_FOLDER}/plan.json`)).toMatchObject({
      accepted: false,
      wake: { database: database ?? 'not there' },
    });
  });

  it.each(['stopped', 'stopping', 'starting', 'available', 'backing-up', 'modifying'])(
    'are none for a database that is %s',
    async (database) => {
      world.database = database;

      expect((await plan()).wake).toMatchObject({ database, reasons: [] });
    },
  );

  it('are none for a server that is gone, so that it holds up no other', async () => {
    delete world.servers[WEB_1];

    expect((await plan()).wake).toMatchObject({
      reasons: [],
      servers: [
        { name: 'web-1', state: 'terminated', comesUp: true },
        { name: 'app-1', state: 'stopped', comesUp: true },
      ],
    });
  });

  it('are asked of a cluster by its own name', async () => {
    world.configure({ database: { ...systemInput().database, kind: 'cluster' } });
    world.rds.rejects(Object.assign(new Error('x'), { name: 'DBClusterNotFoundFault', $metadata: {} }));

    await expect(plan()).rejects.toMatchObject({
      name: 'PlanRejected',
      message: expect.stringContaining('RDS knows no DB cluster of this name'),
    });
  });
});

describe('what comes up', () => {
  it('is no server that was off before the shutdown, and it is said', async () => {
    world.bucket.put(`${SHUTDOWN_FOLDER}/plan.json`, {
      plan: { servers: [{ name: 'web-1', instanceId: WEB_1, state: 'stopped' }] },
    });

    const { wake } = await plan();
    expect(wake.servers.map(({ name, comesUp }) => ({ name, comesUp }))).toEqual([
      { name: 'web-1', comesUp: false },
      { name: 'app-1', comesUp: true },
    ]);
    expect(wake.warnings).toEqual(['server web-1 was off before the shutdown and stays off']);
  });

  it('does not miss a server that was off before, when it looks whether everything is on', async () => {
    world.bucket.put(`${SHUTDOWN_FOLDER}/plan.json`, {
      plan: { servers: [{ name: 'web-1', state: 'stopped' }] },
    });
    world.mark({ wanted: 'on', openedAt: '2026-11-26T08:00:00.000Z' });
    world.database = 'available';
    world.servers[APP_1] = 'running';

    expect((await plan()).alreadyOn).toMatchObject({ since: '2026-11-26T08:00:00.000Z' });
  });

  it('is everything in the configuration where no run has put the system away, and it is said', async () => {
    world.bucket.objects.delete('intent/crm');

    const { wake } = await plan();
    expect(wake).not.toHaveProperty('shutdown');
    expect(wake.confirm).toMatchObject({ policy: 'none' });
    expect(wake.warnings).toEqual([expect.stringContaining('everything in systems.ts comes up')]);
  });

  it('is no service that was inactive before the shutdown; one that had failed is tried', async () => {
    world.configure({
      services: [
        { name: 'api', server: 'app-1' },
        { name: 'jobs', server: 'app-1' },
        { name: 'jobs', server: 'web-1' },
        { name: 'mailer', server: 'app-1' },
      ],
    });
    world.bucket.put(`${SHUTDOWN_FOLDER}/services-before.json`, [
      { name: 'api', server: 'app-1', state: 'active' },
      { name: 'jobs', server: 'app-1', state: 'inactive' },
      { name: 'jobs', server: 'web-1', state: 'changing' },
      { name: 'mailer', server: 'app-1', state: 'failed' },
    ]);

    expect((await plan()).wake.services).toEqual([
      { name: 'api', server: 'app-1' },
      { name: 'jobs', server: 'web-1' },
      { name: 'mailer', server: 'app-1' },
    ]);
  });
});

describe('the time when the doors open', () => {
  const promised = (backAt: string): void => world.certificate({ run: { requester: 'unknown', backAt } });

  it('is the input’s, whatever the shutdown promised', async () => {
    promised('2026-11-28T01:00:00.000Z');

    const { run, wake } = await plan({ backAt: '2026-11-28T09:00:00+08:00' });
    expect(wake.backAt).toBe('2026-11-28T01:00:00.000Z');
    expect(run).toMatchObject({ backAt: '2026-11-28T01:00:00.000Z', lateAt: '2026-11-28T00:50:00.000Z' });
  });

  it('is the shutdown’s promise, which users hear ten minutes before that it does not hold', async () => {
    promised('2026-11-27T22:00:00.000Z');

    const { run, wake } = await plan();
    expect(wake.backAt).toBe('2026-11-27T22:00:00.000Z');
    expect(run).toMatchObject({ backAt: '2026-11-27T22:00:00.000Z', lateAt: '2026-11-27T21:50:00.000Z' });
  });

  it('is still the shutdown’s promise when that has passed: it is what users were told', async () => {
    promised('2026-11-27T13:29:59.000Z');

    const { run } = await plan();
    expect(run).toMatchObject({ backAt: '2026-11-27T13:29:59.000Z', lateAt: '2026-11-27T13:19:59.000Z' });
  });

  it('is refused in the input when it has passed: nobody was told it', async () => {
    await expect(plan({ backAt: execution.startTime })).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(/^input\.backAt: .* has passed/),
    });
  });

  it.each<[string, () => void]>([
    ['nothing was promised', () => undefined],
    [
      'the certificate is not there',
      () => world.bucket.objects.delete(`${SHUTDOWN_FOLDER}/certificate.json`),
    ],
  ])('is none when %s', async (_case, arrange) => {
    arrange();

    const { run, wake } = await plan();
    expect(wake).not.toHaveProperty('backAt');
    expect(run).not.toHaveProperty('backAt');
    expect(run).not.toHaveProperty('lateAt');
  });
});

describe('who may let it start although its data differ', () => {
  it('is refused before RDS and EC2 are asked, and the lock stays free', async () => {
    world.configure({
      approval: {
        approvers: [{ address: 'head@example.com' }],
        principals: ['arn:aws:iam::123456789012:user/head'],
      },
    });

    await expect(plan({ acceptDifferences: 'a migration' })).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(/^input\.acceptDifferences: nobody has proved who asks/),
    });
    for (const client of [world.rds, world.ec2]) expect(client.calls()).toEqual([]);
    expect(world.bucket.objects.has('locks/crm')).toBe(false);
  });

  it('is on record in the plan where no approval is configured', async () => {
    expect((await plan({ acceptDifferences: 'a migration' })).wake.confirm).toMatchObject({
      policy: 'full',
      manifestOf: `runs/crm/${SHUTDOWN}/manifest-source.json`,
      accept: { reason: 'a migration', by: expect.stringContaining('unknown') },
    });
  });
});
