import type { Principal } from '../contract/principal.ts';

const FORMS: { form: RegExp; kind: Principal['kind'] }[] = [
  { form: /^arn:[^:]+:iam::\d+:user\/(?:.+\/)?([^/]+)$/, kind: 'user' },
  { form: /^arn:[^:]+:sts::\d+:assumed-role\/[^/]+\/([^/]+)$/, kind: 'session' },
  { form: /^arn:[^:]+:sts::\d+:federated-user\/([^/]+)$/, kind: 'federated' },
  { form: /^arn:[^:]+:iam::\d+:(root)$/, kind: 'root' },
];

/**
 * Reads from the ARN that IAM proved, of any partition, who a caller is.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
 */
export function principalOf(arn: string): Principal {
  for (const { form, kind } of FORMS) {
    const name = form.exec(arn)?.[1];
    if (name === undefined) continue;
    const role = kind === 'session' ? roleOf(arn) : undefined;
    return { kind, id: arn, name, groups: role === undefined ? [] : [role] };
  }
  return { kind: 'other', id: arn, name: arn.split(/[:/]/).at(-1) ?? arn, groups: [] };
}

/**
 * The role of a session's ARN or of a role's own ARN, without its path. A session's ARN holds no path, and role names are unique in an
 * account (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). Undefined for any other ARN.
 */
export function roleOf(arn: string): string | undefined {
  const [, partition, account, name] =
    /^arn:([^:]+):iam::(\d+):role\/(?:.+\/)?([^/]+)$/.exec(arn) ??
    /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\/[^/]+$/.exec(arn) ??
    [];
  return name === undefined ? undefined : `arn:${partition}:iam::${account}:role/${name}`;
}

/** Whether a listed ARN stands for all sessions of a role. */
export function isRole(arn: string): boolean {
  return /^arn:[^:]+:iam::\d+:role\//.test(arn);
}

/** A configured role stands for all its sessions. A user or a single session stands for itself alone. */
export function isEntitled(listed: readonly string[], { id }: Principal): boolean {
  return listed.some((arn) => arn === id || (isRole(arn) && roleOf(arn) === roleOf(id)));
}

/**
 * The path of the roles that IAM Identity Center makes; nobody else can make or change them. Each of their sessions is named by its user.
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
 */
const IDENTITY_CENTER = /^arn:[^:]+:iam::\d+:role\/aws-reserved\/sso\.amazonaws\.com\//;

/** The part of the configuration about approvers that tells people apart. */
export interface ApprovalPeople {
  principals: readonly string[];
  pinnedSessionRoles?: readonly string[] | undefined;
}

/**
 * Roles whose session names identify a person: those that the configuration marks so, and Identity Center's roles if they are named with
 * their path.
 */
function pinnedRoles({ principals, pinnedSessionRoles = [] }: ApprovalPeople): Set<string | undefined> {
  return new Set([
    ...pinnedSessionRoles.map(roleOf),
    ...principals.filter((arn) => IDENTITY_CENTER.test(arn)).map(roleOf),
  ]);
}

/** Compares names as people do: `Anna`, and `anna@example.com` of an identity provider, are one. */
function isOneName(one: string, other: string): boolean {
  const bare = (name: string): string => (name.split('@')[0] ?? name).toLowerCase();
  return bare(one) === bare(other);
}

/**
 * Kinds of principal whose name identifies nobody. The caller of GetFederationToken chooses the name of a federated user:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
 */
const NAMELESS: Partial<Record<Principal['kind'], string>> = {
  root: 'the root user may be anybody',
  federated: 'the name of a federated user is chosen by whoever asks for its credentials',
  other: 'this form of principal is not known, so it may be anybody',
};

/** The reason why a principal may be anybody. Undefined when its name identifies a person. */
export function whyNobody({ kind }: Principal): string | undefined {
  return NAMELESS[kind];
}

/**
 * The reason why two principals may be the same person. Undefined when they certainly are two people; in doubt they are one.
 * The caller of AssumeRole chooses the session's name. So all sessions of a role are one person, unless its trust policy pins
 * `sts:RoleSessionName` (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_rolesessionname).
 */
export function whyOnePerson(one: Principal, other: Principal, people: ApprovalPeople): string | undefined {
  if (one.id === other.id) return 'it is the same principal';
  // A schedule is never a second name of a person: nobody can sign as a schedule.
  if (one.kind === 'schedule' || other.kind === 'schedule') return undefined;
  const nameless = whyNobody(one) ?? whyNobody(other);
  if (nameless !== undefined) return nameless;
  const [role] = one.groups;
  if (role !== undefined && role === other.groups[0] && !pinnedRoles(people).has(role))
    return `both are sessions of ${role}, whose session names are free to choose; where its trust policy pins sts:RoleSessionName, name it in approval.pinnedSessionRoles`;
  if (isOneName(one.name, other.name)) return `both are called "${one.name}"`;
  return undefined;
}
