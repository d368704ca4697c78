import { describe, expect, it } from 'vitest';
import type { SystemConfigInput } from '../../../../functions/contract/config.ts';
import type { PlannedStart } from '../../../../functions/contract/startup-state.ts';
import { confirmPlanOf } from '../../../../functions/steps/wake/confirm-plan.ts';
import type { PutAway } from '../../../../functions/steps/wake/put-away.ts';
import { system } from '../../fixtures.ts';
import { SHUTDOWN, SHUTDOWN_FOLDER, startupPlan } from '../../startup-world.ts';

const ACCEPT = { reason: 'a migration', by: 'arn:anna' };
const CONFIRMED = { by: 'run-1', at: '2026-11-26T08:00:00.000Z' };

const putAway = (shutdown: PutAway['shutdown']): PutAway => ({
  shutdown,
  requester: 'unknown',
  serversOff: new Set(),
  addresses: new Map(),
  belongsUp: () => true,
});
const VERIFIED = putAway({ run: SHUTDOWN, verified: true });
const NOT_VERIFIED = putAway({ run: SHUTDOWN, verified: false });
const still = startupPlan().servers;
const servers = (...states: string[]): PlannedStart[] =>
  still.map((server, index) => ({ ...server, state: states[index] ?? 'stopped' }));

const planOf = (
  changes: Partial<Parameters<typeof confirmPlanOf>[0]> & { startup?: SystemConfigInput['startup'] } = {},
) => {
  const { startup, ...more } = changes;
  return confirmPlanOf({
    config: system(startup === undefined ? {} : { startup }),
    putAway: VERIFIED,
    servers: still,
    confirmed: undefined,
    accept: undefined,
    ...more,
  });
};

describe('whether the data are compared', () => {
  it.each(['full', undefined] as const)(
    'is yes where the backup was verified, with confirm %s',
    (confirm) => {
      expect(planOf({ startup: confirm === undefined ? {} : { confirm } })).toEqual({
        policy: 'full',
        manifestOf: `${SHUTDOWN_FOLDER}/manifest-source.json`,
      });
    },
  );

  it.each<[string, Parameters<typeof planOf>[0], 'none' | 'impossible', RegExp]>([
    [
      'no run has put the system away',
      { putAway: putAway(undefined) },
      'none',
      /no run has put the system away/,
    ],
    [
      'an earlier start-up has done it',
      { confirmed: CONFIRMED },
      'none',
      /run run-1 did it at 2026-11-26T08:00/,
    ],
    ['the configuration says not to', { startup: { confirm: 'none' } }, 'none', /startup\.confirm "none"/],
    ['the backup was not verified', { putAway: NOT_VERIFIED }, 'none', /did not verify its backup/],
    [
      'it was not verified although a comparison is wanted',
      { putAway: NOT_VERIFIED, startup: { confirm: 'full' } },
      'impossible',
      /did not verify its backup/,
    ],
    [
      'a server runs already',
      { servers: servers('stopped', 'running') },
      'impossible',
      /server app-1 ran before the start-up/,
    ],
    [
      'servers are starting already',
      { servers: servers('pending', 'running') },
      'impossible',
      /server web-1, app-1 ran before/,
    ],
  ])('is no when %s, with why', (_case, changes, policy, why) => {
    expect(planOf(changes)).toEqual({ policy, why: expect.stringMatching(why) });
    // Whoever accepts what could not be compared stays on record.
    expect(planOf({ ...changes, accept: ACCEPT })).toMatchObject({ policy, accept: ACCEPT });
  });

  it.each(['stopped', 'stopping', 'shutting-down', 'terminated'])(
    'is yes while servers are %s, which run nothing',
    (state) => {
      expect(planOf({ servers: servers(state, state) }).policy).toBe('full');
    },
  );

  it('holds for servers that an earlier start-up has started: it has compared before', () => {
    expect(planOf({ servers: servers('running', 'running'), confirmed: CONFIRMED }).policy).toBe('none');
  });

  it('is no question of running servers where the configuration says not to compare', () => {
    const changes = { servers: servers('running', 'running'), startup: { confirm: 'none' as const } };
    expect(planOf(changes).policy).toBe('none');
  });

  it('keeps who accepts a difference beside the comparison', () => {
    expect(planOf({ accept: ACCEPT })).toMatchObject({ policy: 'full', accept: ACCEPT });
  });
});
