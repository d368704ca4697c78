import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DrainEvent, handler } from '../../../functions/drain/handler.ts';
import { countUsers } from '../../../functions/drain/sessions.ts';
import { execution, plan, runContext, system } from '../fixtures.ts';

vi.mock('../../../functions/drain/sessions.ts', () => ({ countUsers: vi.fn() }));
const sessions = vi.mocked(countUsers);

const event = (action: 'drain' | 'end', policy: 'abort' | 'proceed', drain?: unknown): DrainEvent =>
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
  }) as unknown as DrainEvent;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime('2026-11-27T14:00:00.000Z');
});
afterEach(() => vi.useRealTimers());

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
