import type { Answer, Principal, Requester } from '../contract/principal.ts';
import {
  type ApprovalPeople,
  isEntitled,
  isRole,
  principalOf,
  roleOf,
  whyNobody,
  whyOnePerson,
} from './principals.ts';

/** People needed to approve. One approver and a known requester are two people. If nobody knows who asked, two approvers are needed. */
export function approvalsNeeded(requester: Requester): 1 | 2 {
  return requester === 'unknown' ? 2 : 1;
}

/** The reason why a person's yes is refused, as that person reads it. */
export interface Refusal {
  problem: string;
  why: string;
}

const TWO_PEOPLE = 'nobody has proved who asked for this run, so two different people have to approve it';

/** The reason why a person may not approve a run, or does not count beside those who did. Undefined when the yes counts. */
export function whyNotApprove(
  caller: Principal,
  requester: Requester,
  approved: readonly Answer[],
  people: ApprovalPeople,
): Refusal | undefined {
  if (!isEntitled(people.principals, caller))
    return { problem: `${caller.id} is not among the approvers`, why: 'expected one of approval.principals' };
  if (requester !== 'unknown') {
    const why = whyOnePerson(requester, caller, people);
    return why === undefined
      ? undefined
      : {
          problem: 'a run cannot be approved by the person who requested it',
          why: `${requester.id} asked; ${why}`,
        };
  }
  for (const { by } of approved) {
    const why = by.id === caller.id ? undefined : whyOnePerson(by, caller, people);
    if (why !== undefined)
      return {
        problem: TWO_PEOPLE,
        why: `${by.id} has approved; ${why}`,
      };
  }
  // Two people who may be anybody do not count as two.
  const why = whyNobody(caller);
  return why === undefined ? undefined : { problem: TWO_PEOPLE, why };
}

/** The answers to a request, weighed. */
export interface Verdict {
  needed: 1 | 2;
  /** The yeses that count, each of another person. */
  approvals: Answer[];
  /** The first no of anybody entitled. */
  denied?: Answer;
  /** True when enough approvals count and nobody has said no. */
  isApproved: boolean;
}

/**
 * Weighs the recorded answers against the requester and the configured approvers. The API does so before it answers the workflow, the
 * workflow before it goes on.
 */
export function weigh(answers: readonly Answer[], requester: Requester, people: ApprovalPeople): Verdict {
  const needed = approvalsNeeded(requester);
  const approvals: Answer[] = [];
  for (const answer of answers) {
    if (answer.decision !== 'approve' || approvals.some(({ by }) => by.id === answer.by.id)) continue;
    if (whyNotApprove(answer.by, requester, approvals, people) === undefined) approvals.push(answer);
  }
  const denied = answers.find(({ decision, by }) => decision === 'deny' && isEntitled(people.principals, by));
  return {
    needed,
    approvals,
    ...(denied === undefined ? {} : { denied }),
    isApproved: denied === undefined && approvals.length >= needed,
  };
}

/**
 * Tells whether the configured approvers can approve a run of this requester at all. The plan asks before any person is asked: a run
 * waiting for a yes that nobody can give would fail only an hour later.
 */
export function canBeApproved(requester: Requester, people: ApprovalPeople): boolean {
  // Two sessions stand for all sessions of a role. They are two people if the role's session names are pinned, else one.
  const candidates = people.principals.flatMap((arn): Principal[] => {
    const role = isRole(arn) ? roleOf(arn) : undefined;
    if (role === undefined) return [principalOf(arn)];
    return ['1', '2'].map((number) => {
      const name = `${number}#${role}`;
      return { kind: 'session', id: name, name, groups: [role] };
    });
  });
  if (requester !== 'unknown')
    return candidates.some((one) => whyOnePerson(requester, one, people) === undefined);
  return candidates.some((one) =>
    candidates.some((other) => one.id !== other.id && whyOnePerson(one, other, people) === undefined),
  );
}
