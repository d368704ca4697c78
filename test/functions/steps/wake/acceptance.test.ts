import { describe, expect, it } from 'vitest';
import type { Requester } from '../../../../functions/contract/principal.ts';
import { principalOf } from '../../../../functions/guard/principals.ts';
import { acceptanceOf } from '../../../../functions/steps/wake/acceptance.ts';
import { system } from '../../fixtures.ts';
import { startupRun } from '../../startup-world.ts';

const ANNA = principalOf('arn:aws:iam::123456789012:user/anna');
const HEAD = principalOf('arn:aws:iam::123456789012:user/head');
const ROLE = 'arn:aws:iam::123456789012:role/Head';
const session = (name: string) => principalOf(`arn:aws:sts::123456789012:assumed-role/Head/${name}`);

const accept = (
  requester: Requester | undefined,
  ofTheShutdown: Requester,
  approval?: { principals: string[]; pinnedSessionRoles?: string[] },
  input: { acceptDifferences?: string } = { acceptDifferences: 'a migration' },
) =>
  acceptanceOf(
    input,
    startupRun(requester === undefined ? {} : { requester }),
    system(
      approval === undefined
        ? {}
        : { approval: { approvers: [{ address: 'head@example.com' }], ...approval } },
    ),
    {
      shutdown: undefined,
      requester: ofTheShutdown,
      serversOff: new Set(),
      addresses: new Map(),
      belongsUp: () => true,
    },
  );

describe('without approval', () => {
  it('is nothing when the input accepts nothing', () => {
    expect(accept(ANNA, 'unknown', undefined, {})).toBeUndefined();
  });

  it.each<[string, Requester, string]>([
    ['whoever is proved to ask', ANNA, ANNA.id],
    ['whoever asks unproved, and says so', 'unknown', 'unknown (started in the console or by its API)'],
  ])('is given by %s', (_case, requester, by) => {
    expect(accept(requester, ANNA)).toEqual({ reason: 'a migration', by });
  });
});

describe('where a second person’s approval is wanted', () => {
  const approval = { principals: [HEAD.id, ROLE] };

  it('asks nobody when the input accepts nothing', () => {
    expect(accept('unknown', ANNA, approval, {})).toBeUndefined();
  });

  it.each<[string, Requester, Requester]>([
    ['an approver who did not ask for the shutdown', HEAD, ANNA],
    [
      'an approver, after the schedule’s shutdown',
      HEAD,
      { kind: 'schedule', id: 'arn:s', name: 'cron', groups: [] },
    ],
    ['an approver, where nobody is known to have asked for the shutdown', HEAD, 'unknown'],
    ['a session of an approver’s role', session('bo'), ANNA],
  ])('is given by %s', (_case, requester, ofTheShutdown) => {
    expect(accept(requester, ofTheShutdown, approval)).toMatchObject({
      reason: 'a migration',
      by: (requester as { id: string }).id,
    });
  });

  it.each<[string, Requester, Requester, RegExp]>([
    ['somebody unknown', 'unknown', ANNA, /nobody has proved who asks; ask by the operator API/],
    ['somebody who is no approver', ANNA, 'unknown', /user\/anna is not among the approvers/],
    ['who asked for the shutdown', HEAD, HEAD, /the person who requested it.*user\/head asked/],
    [
      'another session of the role that asked for the shutdown',
      session('bo'),
      session('al'),
      /session names are free to choose/,
    ],
  ])('is refused from %s', (_case, requester, ofTheShutdown, words) => {
    expect(() => accept(requester, ofTheShutdown, approval)).toThrow(
      expect.objectContaining({
        name: 'InvalidInput',
        message: expect.stringMatching(new RegExp(`^input\\.acceptDifferences: .*${words.source}`)),
      }),
    );
  });

  it('takes two sessions for two people where the role’s session names are pinned', () => {
    const pinned = { principals: [ROLE], pinnedSessionRoles: [ROLE] };

    expect(accept(session('bo'), session('al'), pinned)).toMatchObject({ by: session('bo').id });
  });
});
