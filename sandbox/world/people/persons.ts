import type { Deployment } from '../../deployment.ts';

/** The people of a rehearsal, as IAM would prove them: ARNs. */
export interface People {
  /** Who asks for the run. */
  requester: string;
  /** Who may approve it, in the order in which they read the request. */
  approvers: string[];
}

/**
 * Makes the people out of `approval.principals`: of a role two sessions, of a user or a session itself.
 *
 * @param isSame the one who asks is also the first who answers: the world fault `requester-approves`.
 */
export function peopleOf({ account, config }: Deployment, isSame: boolean): People {
  const { partition } = account;
  const principals = config.approval?.principals ?? [];
  const session = (role: string, name: string): string => {
    const [, of = account.account, called = ''] = /:iam::(\d+):role\/(?:.+\/)?([^/]+)$/.exec(role) ?? [];
    return `arn:${partition}:sts::${of}:assumed-role/${called}/${name}`;
  };
  const isRole = (arn: string): boolean => arn.includes(':role/');
  const approvers = [
    ...principals.map((arn) => (isRole(arn) ? session(arn, 'wang') : arn)),
    ...principals.filter(isRole).map((arn) => session(arn, 'chen')),
  ];
  const user = (name: string): string => `arn:${partition}:iam::${account.account}:user/${name}`;
  const [first] = principals;
  // A person may sign as a user as well as by a role.
  const same = first === undefined || isRole(first) ? user('wang') : first;
  return { requester: isSame ? same : user('operator'), approvers };
}
