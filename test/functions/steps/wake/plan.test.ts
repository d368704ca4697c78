import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import type { StartupState } from '../../../../functions/contract/startup-state.ts';
import { principalOf } from '../../../../functions/guard/principals.ts';
import { inputHash } from '../../../../functions/guard/requests.ts';
import { handler, type WakeEvent } from '../../../../functions/steps/wake/handler.ts';
import { ANOTHER_EXECUTION, awsError, execution, RUN_ID, standStill } from '../../fixtures.ts';
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
const intent = (): unknown => world.bucket.read('intent/crm');
const lock = (): unknown => world.bucket.read('locks/crm');
/** Keys in the order in which they were written. */
const written = (): string[] =>
  world.bucket.mock.commandCalls(PutObjectCommand).map((call) => call.args[0].input.Key ?? '');
const running = (): void => {
  world.database = 'available';
  world.servers = { [WEB_1]: 'running', [APP_1]: 'running' };
};

standStill(execution.startTime);
beforeEach(() => {
  world = new StartupWorld();
});

describe('the input of a start-up', () => {
  it.each<[string, unknown, RegExp]>([
    ['an unknown key', { force: true }, /input\.force: unknown key/],
    ['a time without an offset', { backAt: '2026-11-28T08:00:00' }, /input\.backAt/],
    ['an empty reason to accept differences', { acceptDifferences: '' }, /input\.acceptDifferences/],
    ['no object', 'now', /input/],
    ['another system', { system: 'erp' }, /input\.system: this state machine brings back "crm", not "erp"/],
  ])('is refused for %s, and nothing is looked at or written', async (_case, input, words) => {
    await expect(plan(input)).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(words),
    });
    for (const client of [world.rds, world.ec2, world.bucket.mock]) expect(client.calls()).toEqual([]);
  });

  it.each([{}, { Comment: 'Insert your JSON here' }, { system: 'crm', reason: 'Monday' }])(
    '%o means: bring it back now',
    async (input) => {
      expect(await plan(input)).toMatchObject({ ...input, run: { id: RUN_ID, dryRun: false } });
    },
  );
});

describe('the plan of a start-up', () => {
  it('takes the lock, then marks the system as meant to be on, and starts nothing itself', async () => {
    const { run, wake } = await plan({ reason: 'Monday' });

    expect(written()).toEqual([`${STARTUP_FOLDER}/plan.json`, 'locks/crm', 'intent/crm']);
    expect(lock()).toMatchObject({ runId: RUN_ID, executionArn: execution.id });
    expect(intent()).toMatchObject({ wanted: 'on', by: `run ${RUN_ID}`, run: { id: SHUTDOWN } });
    expect(intent()).not.toHaveProperty('openedAt');
    expect({ databases: world.databaseStarts, servers: world.serverStarts }).toEqual({
      databases: 0,
      servers: [],
    });
    expect(run).toMatchObject({ action: 'startup', reason: 'Monday', requester: 'unknown' });
    expect(wake).toEqual({
      shutdown: { run: SHUTDOWN, verified: true, outAt: '2026-11-25T14:00:00.000Z' },
      database: 'stopped',
      servers: [
        { name: 'web-1', instanceId: WEB_1, state: 'stopped', comesUp: true },
        { name: 'app-1', instanceId: APP_1, state: 'stopped', comesUp: true },
      ],
      services: [{ name: 'crm-api', server: 'app-1' }],
      confirm: { policy: 'full', manifestOf: `${SHUTDOWN_FOLDER}/manifest-source.json` },
      warnings: [],
      reasons: [],
    });
    expect(world.bucket.read(`${STARTUP_FOLDER}/plan.json`)).toMatchObject({ accepted: true, wake });
  });

  it('leaves the mark alone when the lock cannot be taken', async () => {
    world.bucket.mock
      .on(PutObjectCommand, { Bucket: 'evidence', Key: 'locks/crm' })
      .rejects(awsError('InternalError', 500));

    await expect(plan()).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
    expect(intent()).toMatchObject({ wanted: 'off' });
  });

  it('finds its own lock when it is made again after a lost answer, and answers the same', async () => {
    const first = await plan();
    const again = await plan();

    expect(again).toEqual(first);
    expect(lock()).toMatchObject({ runId: RUN_ID });
    expect(intent()).toMatchObject({ wanted: 'on', by: `run ${RUN_ID}` });
  });

  it.each<[string, object, string, RegExp]>([
    ['is at work', {}, 'RUNNING', /run r1 .* holds the lock/],
    ['ended without closing', {}, 'ABORTED', /run r1 .* ended without closing/],
    ['is cleaned up after', { cleaning: 'arn:one' }, 'RUNNING', /run r1 .* is being cleaned up after/],
  ])('ends before it looks at anything while another run %s', async (_case, more, holder, words) => {
    world.bucket.put('locks/crm', {
      runId: 'r1',
      executionArn: ANOTHER_EXECUTION,
      since: 'x',
      ...more,
    });
    world.holder = holder;

    await expect(plan()).rejects.toMatchObject({
      name: 'RunInProgress',
      message: expect.stringMatching(words),
    });
    for (const client of [world.rds, world.ec2]) expect(client.calls()).toEqual([]);
    expect(written()).toEqual([]);
  });

  it('believes a requester whom the API has recorded, and no name in the input', async () => {
    const anna = principalOf('arn:aws:iam::123456789012:user/anna');
    const input = { requestedBy: 'mallory' };
    world.bucket.put(`requests/${execution.name}`, {
      executionArn: execution.id,
      inputSha256: inputHash(input),
      requester: anna,
      at: execution.startTime,
    });

    const { run } = await plan(input);

    expect(run.requester).toEqual(anna);
    expect(run).not.toHaveProperty('requestedBy');
    expect(lock()).toMatchObject({ requestedBy: anna.id });
  });
});

describe('a dry run', () => {
  it('takes no lock and changes no mark, but keeps what it found', async () => {
    const before = intent();

    expect(await plan({ dryRun: true })).toMatchObject({ run: { dryRun: true }, wake: { reasons: [] } });
    expect(written()).toEqual([`${STARTUP_FOLDER}/plan.json`]);
    expect(intent()).toEqual(before);
    expect(lock()).toBeUndefined();
  });

  it('looks while another run holds the lock, and leaves that lock', async () => {
    world.bucket.lock(ANOTHER_EXECUTION);

    expect(await plan({ dryRun: true })).toMatchObject({ wake: { database: 'stopped' } });
    expect(lock()).toMatchObject({ executionArn: ANOTHER_EXECUTION });
  });
});

describe('a system that is on already', () => {
  const OPENED = '2026-11-26T08:00:00.000Z';

  it.each<[string, () => void, object]>([
    [
      'a start-up has let users in',
      () => world.mark({ wanted: 'on', openedAt: OPENED }),
      { since: OPENED, seenAt: '2026-11-27T13:30:00.000Z' },
    ],
    [
      'its backup is being taken',
      () => {
        world.mark({ wanted: 'on', openedAt: OPENED });
        world.database = 'backing-up';
      },
      { since: OPENED, seenAt: '2026-11-27T13:30:00.000Z' },
    ],
    [
      'no run ever said anything',
      () => world.bucket.objects.delete('intent/crm'),
      { seenAt: '2026-11-27T13:30:00.000Z' },
    ],
  ])('is left alone, without lock and mark: %s', async (_case, arrange, found) => {
    running();
    arrange();
    const before = intent();

    expect((await plan()).alreadyOn).toEqual(found);
    expect(lock()).toBeUndefined();
    expect(intent()).toEqual(before);
  });

  it('says so where the machine reads it, also of a system whose plan lies in the evidence bucket', async () => {
    const servers = Array.from({ length: 40 }, (_, index) => ({
      name: `s-${index}`,
      instanceId: `i-${String(index).padStart(17, '0')}`,
      platform: 'linux' as const,
    }));
    world.configure({ servers, services: [], maintenance: undefined });
    world.mark({ wanted: 'on', openedAt: OPENED });
    world.database = 'available';
    world.servers = Object.fromEntries(servers.map(({ instanceId }) => [instanceId, 'running']));

    expect(await plan()).toMatchObject({
      alreadyOn: { since: OPENED },
      wake: { storedAs: expect.stringMatching(/^state\/crm\//) },
    });
  });

  it.each<[string, () => void]>([
    ['it was put away and started by hand', () => world.mark()],
    ['it was released and started by hand', () => world.mark({ wanted: 'on', by: 'arn:anna' })],
    ['a shutdown has begun since', () => world.mark({ wanted: 'on', run: undefined, begun: SHUTDOWN })],
    [
      'the mark says off, whatever an earlier opening says',
      () => world.mark({ wanted: 'off', openedAt: OPENED }),
    ],
  ])('is not on already although everything runs, when %s', async (_case, arrange) => {
    running();
    arrange();

    expect(await plan()).not.toHaveProperty('alreadyOn');
    expect(lock()).toMatchObject({ runId: RUN_ID });
  });

  it.each<[string, () => void]>([
    [
      'the database is only starting',
      () => {
        world.database = 'starting';
      },
    ],
    [
      'a server is stopped',
      () => {
        world.servers[WEB_1] = 'stopped';
      },
    ],
    [
      'a server is only starting',
      () => {
        world.servers[APP_1] = 'pending';
      },
    ],
    ['a server is gone', () => delete world.servers[APP_1]],
  ])('is not on already when %s', async (_case, change) => {
    running();
    world.mark({ wanted: 'on', openedAt: OPENED });
    change();

    expect(await plan()).not.toHaveProperty('alreadyOn');
  });
});
