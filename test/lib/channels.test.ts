import { describe, expect, it } from 'vitest';
import type { SystemConfigInput } from '../../functions/contract/config.ts';
import { validateSystems } from '../../lib/validate-systems.ts';
import { systems } from '../../systems.ts';
import { chinaSystem, room } from '../support/china-system.ts';
import { synthesiseSystem } from '../support/synthesis.ts';

const [example] = systems;
if (example === undefined) throw new Error('systems.ts holds no example');
const { from: _from, ...withoutSender } = example.notices;
const problemsOf = (system: SystemConfigInput): string[] => validateSystems([system]).problems;
const principals = ['arn:aws-cn:iam::123456789012:role/HeadOfOperations'];

describe('who is told, looked at before anything is synthesised', () => {
  it('a configuration of today is as valid as it was', () => {
    expect(problemsOf(example)).toEqual([]);
  });

  it.each<[string, SystemConfigInput, RegExp[]]>([
    [
      'Beijing by mail alone',
      chinaSystem([]),
      [
        /^systems\[0\]\.notices: cn-north-1 has no SES, so no mail reaches users; .*notices\.webhooks/,
        /operators/,
      ],
    ],
    [
      'Beijing with a room for users only',
      chinaSystem([room('a-room', 'users')]),
      [/no mail reaches operators/],
    ],
    [
      'Beijing with an approval that nobody is asked for',
      chinaSystem([room('a-room', 'users', 'operators')], { approval: { principals } }),
      [/approval\.approvers: expected at least one person, or a webhook that serves "approvers"/],
    ],
    [
      'no sender, and no webhook',
      { ...example, notices: withoutSender },
      [/notices\.from: expected the sender's address, since only mail reaches users/, /reaches operators/],
    ],
    [
      'no users at all',
      { ...example, notices: { ...example.notices, users: [] } },
      [/notices\.users: expected at least one person, or a webhook that serves "users"/],
    ],
    [
      'two webhooks of one name',
      chinaSystem([room('a-room', 'users'), room('a-room', 'operators')]),
      [/webhooks\[1\]\.name: two webhooks are called "a-room"/],
    ],
    [
      'an audience that is none',
      chinaSystem([{ ...room('a-room', 'users'), audiences: ['everybody' as 'users'] }]),
      [/audiences\[0\]: expected "users", "operators", "approvers"/],
    ],
  ])('is refused: %s', (_what, system, expected) => {
    const problems = problemsOf(system);

    expect(problems).toHaveLength(expected.length);
    expected.forEach((pattern, index) => {
      expect(problems[index]).toMatch(pattern);
    });
  });

  it('is complete when webhooks serve everybody, with nobody to mail', () => {
    const { approval: _none, ...beijing } = chinaSystem([room('all-rooms', 'users', 'operators')]);
    expect(problemsOf(beijing)).toEqual([]);
  });
});

/** Actions and resources of each function's role, by step. */
function permissionsIn(system: Partial<SystemConfigInput>): Record<string, string> {
  const { of, template } = synthesiseSystem(system);
  const roles = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role');
  return Object.fromEntries(
    roles.map(([id, { Properties }]) => [
      String(Properties['Description']).replace('Lights Out: step ', ''),
      JSON.stringify(of('AWS::IAM::Policy').filter(({ Roles }) => JSON.stringify(Roles).includes(`"${id}"`))),
    ]),
  );
}

describe('a function that tells', () => {
  it('reads exactly the secrets of the rooms that it tells, and where SES is not, sends no mail', () => {
    const rooms = [room('crm-room', 'users'), room('ops-room', 'operators'), room('boss-room', 'approvers')];
    const roles = permissionsIn(chinaSystem(rooms, { approval: { principals } }));
    const expected: Record<string, string[]> = {
      plan: ['crm-room', 'ops-room', 'boss-room'],
      approve: ['boss-room'],
      announce: ['crm-room'],
      report: ['crm-room', 'ops-room'],
      watch: ['ops-room'],
      keep: ['ops-room'],
      tidy: ['ops-room'],
      planner: ['ops-room'],
    };
    for (const [step, policies] of Object.entries(roles)) {
      const found = rooms.filter(({ secretArn }) => policies.includes(secretArn)).map(({ name }) => name);
      expect({ step, found }).toEqual({ step, found: expected[step] ?? [] });
      expect(policies).not.toContain('ses:');
    }
  });

  it('uses the key of a secret where one is named', () => {
    const keyArn = 'arn:aws-cn:kms:cn-north-1:123456789012:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9';
    const { announce = '', snapshot = '' } = permissionsIn(
      chinaSystem([{ ...room('all-rooms', 'users', 'operators'), keyArn }]),
    );

    expect(announce).toContain(keyArn);
    expect(snapshot).not.toContain(keyArn);
  });

  it('has no right to a secret where no webhook is configured', () => {
    const { announce = '', report = '' } = permissionsIn({});

    expect(announce + report).not.toContain('secretsmanager');
    expect(announce).toContain('ses:SendRawEmail');
  });
});
