import { DescribeInstanceInformationCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type DrainEvent, handler } from '../../../../functions/steps/drain/handler.ts';
import { countUsers } from '../../../../functions/steps/drain/sessions.ts';
import {
  ANOTHER_EXECUTION,
  allowNothing,
  Bucket,
  execution,
  plan,
  RUN_ID,
  runContext,
  standStill,
  system,
} from '../../fixtures.ts';

vi.mock('../../../../functions/steps/drain/sessions.ts', () => ({ countUsers: vi.fn() }));
const ssm = mockClient(SSMClient);
let bucket: Bucket;
const sessions = vi.mocked(countUsers);

/** What the shutdown asks of the function. */
type Shutting = Extract<DrainEvent, { action: 'drain' | 'end' }>;

const event = (action: 'drain' | 'end', policy: 'abort' | 'proceed', drain?: unknown): Shutting =>
  ({
    action,
    execution,
    state: {
      run: runContext(),
      // Without maintenance mode: switching it is a matter of its own, rehearsed in the scenarios.
      config: system({ maintenance: undefined, drain: { policy, timeoutMinutes: 15 } }),
      plan: plan(),
      ...(drain === undefined ? {} : { drain }),
    },
  }) as unknown as Shutting;

standStill('2026-11-27T14:00:00.000Z');
allowNothing(ssm);
beforeEach(() => {
  vi.stubEnv('MAINTENANCE_DOCUMENT', 'LightsOut-crm-Maintenance');
  bucket = new Bucket();
  bucket.lock();
});

describe('drain', () => {
  it('is done when nobody is signed in', async () => {
    sessions.mockResolvedValue(0);

    expect(await handler(event('drain', 'abort'))).toMatchObject({
      done: true,
      sessions: 0,
      proceeded: false,
    });
  });

  it('waits while somebody is', async () => {
    sessions.mockResolvedValue(3);

    expect(await handler(event('drain', 'abort'))).toMatchObject({ done: false, sessions: 3 });
  });

  it('waits for nobody in an emergency', async () => {
    sessions.mockResolvedValue(2);
    const { state, ...rest } = event('drain', 'abort');
    const run = { ...state.run, emergency: true as const };

    expect(await handler({ ...rest, state: { ...state, run } } as Shutting)).toMatchObject({
      done: true,
      proceeded: true,
      sessions: 2,
    });
  });

  it.each([
    ['abort', { name: 'SessionsRemain' }],
    ['proceed', { done: true, proceeded: true, sessions: 2 }],
  ] as const)('follows the policy "%s" at the deadline', async (policy, expected) => {
    sessions.mockResolvedValue(2);
    const first = await handler(event('drain', policy));
    vi.setSystemTime('2026-11-27T14:16:00.000Z');

    const last = await handler(event('drain', policy, first)).catch((error: unknown) => error);

    expect(last).toMatchObject(expected);
  });

  it('ends what it never began without touching a server', async () => {
    expect(await handler(event('end', 'abort'))).toMatchObject({ done: true });
  });
});

describe('maintenance mode of a run that was cleaned up meanwhile', () => {
  const withMaintenance = (action: 'drain' | 'end'): Shutting => ({
    ...event(action, 'abort'),
    state: { ...event(action, 'abort', { done: true }).state, config: system() },
  });
  const cleanedUp = () => {
    bucket.objects.clear();
    bucket.put(`runs/crm/${RUN_ID}/certificate.json`, { outcome: 'rolled-back' });
  };
  const allowOff = () => {
    ssm.on(DescribeInstanceInformationCommand).callsFake((input) => ({
      InstanceInformationList: input.Filters[0].Values.map((InstanceId: string) => ({
        InstanceId,
        PingStatus: 'Online',
      })),
    }));
    ssm.on(SendCommandCommand).resolves({ Command: { CommandId: 'off' } });
  };

  it.each([
    ['drain', 'another run holds the lock', () => bucket.lock(ANOTHER_EXECUTION)],
    ['drain', 'the lock was given back', cleanedUp],
    ['end', 'another run holds the lock', () => bucket.lock(ANOTHER_EXECUTION)],
    ['end', 'another run is being cleaned up after', () => bucket.lock('arn:clean-up', ANOTHER_EXECUTION)],
    ['end', 'the lock was given back', cleanedUp],
  ] as const)('%s touches no server when %s', async (action, _case, arrange) => {
    arrange();

    await expect(handler(withMaintenance(action))).rejects.toMatchObject({ name: 'LockLost' });
    expect(ssm.calls()).toEqual([]);
  });

  it.each([
    ['this run holds the lock', () => bucket.lock()],
    ['CleanUp holds it for this run', () => bucket.lock(ANOTHER_EXECUTION, execution.id)],
  ])('end removes the flag when %s', async (_case, arrange) => {
    arrange();
    allowOff();

    expect(await handler(withMaintenance('end'))).toMatchObject({ done: false });
    expect(ssm.commandCalls(SendCommandCommand).map((call) => call.args[0].input.Parameters)).toMatchObject([
      { Action: ['off'] },
    ]);
  });
});
