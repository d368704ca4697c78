import { describe, expect, it } from 'vitest';
import type { Answer, Principal, Requester } from '../../../functions/contract/principal.ts';
import { approvalsNeeded, canBeApproved, weigh, whyNotApprove } from '../../../functions/guard/approvals.ts';
import { principalOf } from '../../../functions/guard/principals.ts';

const ACCOUNT = '123456789012';
const user = (name: string, account = ACCOUNT): string => `arn:aws:iam::${account}:user/people/${name}`;
const session = (role: string, name: string, account = ACCOUNT): string =>
  `arn:aws:sts::${account}:assumed-role/${role}/${name}`;
const role = (name: string, account = ACCOUNT): string => `arn:aws:iam::${account}:role/team/${name}`;

const SSO = 'AWSReservedSSO_Operations_0123456789abcdef';
const SSO_ROLE = `arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-central-1/${SSO}`;
const FEDERATED = `arn:aws:sts::${ACCOUNT}:federated-user/li`;
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const ODD = `arn:aws:iam::${ACCOUNT}:saml-provider/anything`;

/** Everybody may approve here, so that the table is about who is whom. `Pinned` has a trust policy that pins the name of its sessions. */
const people = {
  principals: [
    role('Open'),
    role('Other'),
    role('Pinned'),
    SSO_ROLE,
    user('anna'),
    user('li'),
    user('anna', '999999999999'),
    role('Open', '999999999999'),
    FEDERATED,
    ROOT,
    ODD,
  ],
  pinnedSessionRoles: [role('Pinned')],
};
const SCHEDULE: Principal = {
  kind: 'schedule',
  id: `arn:aws:scheduler:eu-central-1:${ACCOUNT}:schedule/default/crm`,
  name: 'cron(0 22 ? * FRI *)',
  groups: [],
};
const asked = (by: string): Requester =>
  by === 'unknown' ? 'unknown' : by === 'schedule' ? SCHEDULE : principalOf(by);
const yes = (by: string): Answer => ({
  decision: 'approve',
  by: principalOf(by),
  at: '2026-11-27T14:00:00Z',
});
const no = (by: string): Answer => ({ ...yes(by), decision: 'deny' });

/** Who asks, who approves, and whether that makes two people. */
const TABLE: [requester: string, approver: string, two: boolean][] = [
  // A schedule is nobody: whoever may approve is a second one.
  ['schedule', user('anna'), true],
  ['schedule', session('Open', 'anna'), true],
  ['schedule', session('Pinned', 'anna'), true],
  ['schedule', session(SSO, 'anna@example.com'), true],
  ['schedule', FEDERATED, true],
  ['schedule', ROOT, true],
  // A user.
  [user('anna'), user('anna'), false],
  [user('anna'), user('li'), true],
  [user('anna'), user('anna', '999999999999'), false],
  [user('anna'), session('Open', 'anna'), false],
  [user('anna'), session('Open', 'Anna@example.com'), false],
  [user('anna'), session('Open', 'li'), true],
  [user('anna'), session('Pinned', 'anna'), false],
  [user('anna'), session('Pinned', 'li'), true],
  [user('anna'), session(SSO, 'anna@example.com'), false],
  [user('anna'), session(SSO, 'li@example.com'), true],
  [user('anna'), FEDERATED, false],
  [user('anna'), ROOT, false],
  [user('anna'), ODD, false],
  // A session of a role whose session names are free to choose.
  [session('Open', 'anna'), session('Open', 'anna'), false],
  [session('Open', 'anna'), session('Open', 'li'), false],
  [session('Open', 'anna'), session('Other', 'anna'), false],
  [session('Open', 'anna'), session('Other', 'li'), true],
  [session('Open', 'anna'), session('Open', 'anna', '999999999999'), false],
  [session('Open', 'anna'), session('Open', 'li', '999999999999'), true],
  [session('Open', 'anna'), user('anna'), false],
  [session('Open', 'anna'), user('li'), true],
  [session('Open', 'anna'), session('Pinned', 'anna'), false],
  [session('Open', 'anna'), session('Pinned', 'li'), true],
  [session('Open', 'anna'), session(SSO, 'li'), true],
  [session('Open', 'anna'), FEDERATED, false],
  [session('Open', 'anna'), ROOT, false],
  // A session whose name is who it is.
  [session('Pinned', 'anna'), session('Pinned', 'anna'), false],
  [session('Pinned', 'anna'), session('Pinned', 'li'), true],
  [session('Pinned', 'anna'), session(SSO, 'anna@example.com'), false],
  [session('Pinned', 'anna'), user('anna'), false],
  [session('Pinned', 'anna'), user('li'), true],
  [session(SSO, 'anna@example.com'), session(SSO, 'li@example.com'), true],
  [session(SSO, 'anna@example.com'), session(SSO, 'anna@example.com'), false],
  [session(SSO, 'anna@example.com'), ROOT, false],
  // Who may be anybody.
  [ROOT, user('anna'), false],
  [ROOT, session('Pinned', 'anna'), false],
  [ROOT, ROOT, false],
  [FEDERATED, user('anna'), false],
  [FEDERATED, session('Open', 'anna'), false],
  [ODD, user('anna'), false],
  // Nobody knows who asked: one yes is never enough.
  ['unknown', user('anna'), false],
  ['unknown', session('Pinned', 'anna'), false],
  ['unknown', ROOT, false],
];

describe('who asks and who approves', () => {
  it.each(TABLE)('%s asks, %s approves: two people is %s', (requester, approver, two) => {
    expect(weigh([yes(approver)], asked(requester), people).isApproved).toBe(two);
  });

  it.each(TABLE.filter(([requester]) => requester !== 'unknown' && requester !== 'schedule'))(
    'the same the other way round: %s and %s',
    (requester, approver, two) => {
      expect(weigh([yes(requester)], asked(approver), people).isApproved).toBe(two);
    },
  );

  it('says why a yes does not count, and what to configure', () => {
    expect(
      whyNotApprove(principalOf(session('Open', 'li')), asked(session('Open', 'anna')), [], people),
    ).toEqual({
      problem: 'a run cannot be approved by the person who requested it',
      why: expect.stringMatching(/role\/Open.*free to choose.*approval\.pinnedSessionRoles/),
    });
    expect(whyNotApprove(principalOf(user('mallory')), SCHEDULE, [], people)?.problem).toMatch(
      /user\/people\/mallory is not among the approvers/,
    );
  });

  it('reads the ARNs of the China Regions, and paths', () => {
    const china = 'arn:aws-cn:sts::123456789012:assumed-role/Ops/anna';
    expect(principalOf(china)).toEqual({
      kind: 'session',
      id: china,
      name: 'anna',
      groups: ['arn:aws-cn:iam::123456789012:role/Ops'],
    });
    expect(principalOf('arn:aws-cn:iam::123456789012:user/a/b/anna')).toMatchObject({
      kind: 'user',
      name: 'anna',
    });
    const listed = { principals: ['arn:aws-cn:iam::123456789012:role/team/Ops'] };
    expect(weigh([yes(china)], SCHEDULE, listed).isApproved).toBe(true);
    // Another partition, another role.
    expect(weigh([yes(session('Ops', 'anna'))], SCHEDULE, listed).isApproved).toBe(false);
  });

  it('knows a role of Identity Center by its path alone, since a name anybody may give', () => {
    const byName = { principals: [role(SSO)] };
    const answer = [yes(session(SSO, 'li'))];
    expect(weigh(answer, asked(session(SSO, 'anna')), byName).isApproved).toBe(false);
    expect(weigh(answer, asked(session(SSO, 'anna')), { principals: [SSO_ROLE] }).isApproved).toBe(true);
  });
});

describe('a run that nobody has proved to have asked for', () => {
  const PAIRS: [one: string, other: string, two: boolean][] = [
    [user('anna'), user('li'), true],
    [user('anna'), user('anna'), false],
    [user('anna'), session('Open', 'anna'), false],
    [user('anna'), session('Open', 'li'), true],
    [session('Open', 'anna'), session('Open', 'li'), false],
    [session('Open', 'anna'), session('Other', 'li'), true],
    [session('Pinned', 'anna'), session('Pinned', 'li'), true],
    [session(SSO, 'anna@example.com'), session(SSO, 'li@example.com'), true],
    [user('anna'), FEDERATED, false],
    [user('anna'), ROOT, false],
    [ROOT, user('anna'), false],
    [user('anna'), user('mallory'), false],
  ];
  it.each(PAIRS)('%s and %s approve: two people is %s', (one, other, two) => {
    expect(approvalsNeeded('unknown')).toBe(2);
    expect(weigh([yes(one), yes(other)], 'unknown', people).isApproved).toBe(two);
  });

  it('waits for a second person after the first', () => {
    const { approvals, needed, isApproved } = weigh([yes(user('anna'))], 'unknown', people);
    expect([approvals.length, needed, isApproved]).toEqual([1, 2, false]);
  });
});

describe('a no', () => {
  it('of anybody entitled ends it, however many said yes', () => {
    const said = [yes(user('li')), no(session('Open', 'x'))];
    expect(weigh(said, SCHEDULE, people)).toMatchObject({ isApproved: false, denied: { decision: 'deny' } });
    // Whoever asked may take it back.
    expect(weigh([no(user('anna'))], asked(user('anna')), people).denied).toBeDefined();
  });

  it('of anybody else is none', () => {
    expect(weigh([no(user('mallory')), yes(user('li'))], SCHEDULE, people).isApproved).toBe(true);
  });
});

describe('whether a run can be approved at all', () => {
  it.each<[string, string, string[], string[], boolean]>([
    ['one role whose names are free, asked by nobody known', 'unknown', [role('Open')], [], false],
    ['the same, pinned', 'unknown', [role('Open')], [role('Open')], true],
    ['two roles', 'unknown', [role('Open'), role('Other')], [], true],
    ['a role and one of its sessions', 'unknown', [role('Open'), session('Open', 'li')], [], false],
    ['one user', 'unknown', [user('li')], [], false],
    ['a user and root', 'unknown', [user('li'), ROOT], [], false],
    ['Identity Center', 'unknown', [SSO_ROLE], [], true],
    ['one role, asked by the schedule', 'schedule', [role('Open')], [], true],
    ['one role, asked by one of its sessions', session('Open', 'anna'), [role('Open')], [], false],
    ['one role, asked by a user', user('anna'), [role('Open')], [], true],
    ['the requester alone', user('anna'), [user('anna')], [], false],
  ])('%s', (_name, requester, principals, pinnedSessionRoles, can) => {
    expect(canBeApproved(asked(requester), { principals, pinnedSessionRoles })).toBe(can);
  });
});
