import { StartDBInstanceCommand } from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DEADLINE_SECONDS } from '../../../../functions/contract/deadlines.ts';
import type { DatabaseStarted } from '../../../../functions/contract/startup-state.ts';
import { handler, type WakeEvent } from '../../../../functions/steps/wake/handler.ts';
import { awsError, execution, LOCK_LOST, standStill, system } from '../../fixtures.ts';
import { StartupWorld, startupPlan, startupRun } from '../../startup-world.ts';

let world: StartupWorld;
const start = async (previous?: DatabaseStarted): Promise<DatabaseStarted> =>
  (await handler({
    action: 'database',
    execution,
    state: {
      run: startupRun(),
      config: system(),
      wake: startupPlan(),
      ...(previous === undefined ? {} : { database: previous }),
    },
  } as WakeEvent)) as DatabaseStarted;
const begun = (secondsAgo: number, changes: Partial<DatabaseStarted> = {}): DatabaseStarted => ({
  done: false,
  waitSeconds: 10,
  since: new Date(Date.now() - secondsAgo * 1000).toISOString(),
  identifier: 'crm-db',
  state: 'starting',
  wasStarted: true,
  ...changes,
});

standStill(execution.startTime);
beforeEach(() => {
  world = new StartupWorld();
  world.bucket.lock();
});

describe('starting the database', () => {
  it('asks once, waits, and is done with the endpoint of now', async () => {
    const first = await start();
    expect(first).toMatchObject({ done: false, state: 'stopped', wasStarted: true });
    expect(first.waitSeconds).toBeGreaterThanOrEqual(10);
    expect(world.databaseStarts).toBe(1);

    vi.setSystemTime(Date.now() + first.waitSeconds * 1000);
    const second = await start(first);
    expect(second).toMatchObject({ done: false, state: 'starting', since: first.since });

    world.database = 'available';
    expect(await start(second)).toEqual({
      done: true,
      waitSeconds: 0,
      since: first.since,
      identifier: 'crm-db',
      state: 'available',
      wasStarted: true,
      address: 'crm-db.example',
      port: 5432,
    });
    expect(world.databaseStarts).toBe(1);
  });

  it('does not ask again after a lost answer: it shows as starting', async () => {
    await start();
    await start();

    expect(world.databaseStarts).toBe(1);
  });

  it('waits for a database that is still stopping, and asks once it is stopped', async () => {
    world.database = 'stopping';
    const first = await start();
    expect(first).toMatchObject({ done: false, state: 'stopping', wasStarted: false });
    expect(world.databaseStarts).toBe(0);

    world.database = 'stopped';
    expect(await start(first)).toMatchObject({ done: false, wasStarted: true });
    expect(world.databaseStarts).toBe(1);
  });

  it.each(['available', 'backing-up', 'storage-optimization'])(
    'asks for nothing when it is %s already',
    async (state) => {
      world.database = state;

      expect(await start()).toMatchObject({
        done: true,
        state,
        wasStarted: false,
        address: 'crm-db.example',
      });
      expect(world.databaseStarts).toBe(0);
    },
  );

  it.each(['starting', 'modifying', 'upgrading', 'maintenance'])(
    'waits while it is %s, which takes no connections for certain',
    async (state) => {
      world.database = state;

      expect(await start()).toMatchObject({ done: false, state });
      expect(world.databaseStarts).toBe(0);
    },
  );

  it('waits for the endpoint of an available database', async () => {
    world.database = 'available';
    world.hasEndpoint = false;
    expect(await start()).toMatchObject({ done: false, state: 'available' });

    world.hasEndpoint = true;
    expect(await start()).toMatchObject({ done: true, address: 'crm-db.example' });
  });

  it('waits when RDS refuses the start for the state that it has meanwhile', async () => {
    world.rds.on(StartDBInstanceCommand).rejects(awsError('InvalidDBInstanceStateFault'));

    expect(await start()).toMatchObject({ done: false, wasStarted: true });
  });

  it.each([
    ['AccessDenied', 403, 'AwsAccessDenied'],
    ['InternalFailure', 500, 'AwsTemporarilyUnavailable'],
    ['KMSKeyNotAccessibleFault', 400, 'DatabaseDidNotStart'],
  ])('throws %s, so that the workflow knows it', async (error, status, name) => {
    world.rds.on(StartDBInstanceCommand).rejects(awsError(error, status));

    await expect(start()).rejects.toMatchObject({ name });
  });
});

describe('a database that does not start', () => {
  it.each<[string, string | undefined, RegExp]>([
    ['is gone', undefined, /database crm-db is not there: RDS knows no DB instance/],
    ['has failed', 'failed', /crm-db is "failed", from which RDS does not start it/],
    ['has lost its key', 'inaccessible-encryption-credentials', /"inaccessible-encryption-credentials"/],
    ['has no room', 'storage-full', /"storage-full"/],
  ])('ends the start-up at once when it %s', async (_case, state, words) => {
    world.database = state;

    await expect(start()).rejects.toMatchObject({
      name: 'DatabaseDidNotStart',
      message: expect.stringMatching(words),
    });
    expect(world.databaseStarts).toBe(0);
  });

  it('is named with its status at the deadline, and not before', async () => {
    world.database = 'starting';

    expect(await start(begun(DEADLINE_SECONDS.databaseStart))).toMatchObject({ done: false });
    await expect(start(begun(DEADLINE_SECONDS.databaseStart + 60))).rejects.toMatchObject({
      name: 'DatabaseDidNotStart',
      message: expect.stringMatching(/crm-db is still "starting" after 361 min; expected "available"/),
    });
  });

  it('is not asked for past the deadline', async () => {
    await expect(
      start(begun(DEADLINE_SECONDS.databaseStart + 60, { state: 'stopped' })),
    ).rejects.toMatchObject({
      name: 'DatabaseDidNotStart',
    });
    expect(world.databaseStarts).toBe(0);
  });

  it('counts as started when it comes up just after the deadline', async () => {
    world.database = 'available';

    expect(await start(begun(DEADLINE_SECONDS.databaseStart + 60))).toMatchObject({ done: true });
  });
});

it.each(LOCK_LOST)('asks for no start when %s', async (_case, arrange, name) => {
  arrange(world.bucket);

  await expect(start()).rejects.toMatchObject({ name, message: expect.stringContaining('lock of crm') });
  expect(world.databaseStarts).toBe(0);
});
