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

/** One approver beside the one who asked makes two people; where nobody knows who asked, it takes two approvers. */
export function approvalsNeeded(requester: Requester): 1 | 2 {
  return requester === 'unknown' ? 2 : 1;
}

/** A refusal of somebody's yes: why, for the one who gave it. */
export interface Refusal {
  problem: string;
  why: string;
}

const TWO_PEOPLE = 'nobody has proved who asked for this run, so two different people have to approve it';

/** Why somebody may not approve a run, or not as one more person beside those who did; undefined when the yes counts. */
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
  // Two who may be anybody are never two people.
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
  /** So many as are needed, and nobody has said no. */
  isApproved: boolean;
}

/** Weighs the recorded answers against who asked and who may approve: the API before it answers the workflow, the workflow before it goes on. */
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
 * Whether those whom the configuration names can approve a run of this requester at all. Asked before anybody is: a run that waits for a yes which nobody can
 * give only ends an hour later.
 */
export function canBeApproved(requester: Requester, people: ApprovalPeople): boolean {
  // Of a role two sessions stand for all of them: two people where its session names are pinned, else one.
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
