import type { Principal } from '../contract/principal.ts';

const FORMS: { form: RegExp; kind: Principal['kind'] }[] = [
  { form: /^arn:[^:]+:iam::\d+:user\/(?:.+\/)?([^/]+)$/, kind: 'user' },
  { form: /^arn:[^:]+:sts::\d+:assumed-role\/[^/]+\/([^/]+)$/, kind: 'session' },
  { form: /^arn:[^:]+:sts::\d+:federated-user\/([^/]+)$/, kind: 'federated' },
  { form: /^arn:[^:]+:iam::\d+:(root)$/, kind: 'root' },
];

/**
 * Reads who a caller is from the ARN that IAM proved, of any partition.
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
 * The role of a session's ARN or of a role's own, without its path, which a session's ARN does not hold: names of roles are unique in an account
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). Undefined for anything else.
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

/** A role in the configuration stands for every session of it; a user, or one session, for itself alone. */
export function isEntitled(listed: readonly string[], { id }: Principal): boolean {
  return listed.some((arn) => arn === id || (isRole(arn) && roleOf(arn) === roleOf(id)));
}

/**
 * The path of the roles that IAM Identity Center makes, and that nobody else can make or change. It names each of their sessions by its user.
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
 */
const IDENTITY_CENTER = /^arn:[^:]+:iam::\d+:role\/aws-reserved\/sso\.amazonaws\.com\//;

/** What the configuration says about who may approve, as far as it tells people apart. */
export interface ApprovalPeople {
  principals: readonly string[];
  pinnedSessionRoles?: readonly string[] | undefined;
}

/** Roles whose sessions are named by whom they belong to: those that the configuration names so, and Identity Center's where it is named with its path. */
function pinnedRoles({ principals, pinnedSessionRoles = [] }: ApprovalPeople): Set<string | undefined> {
  return new Set([
    ...pinnedSessionRoles.map(roleOf),
    ...principals.filter((arn) => IDENTITY_CENTER.test(arn)).map(roleOf),
  ]);
}

/** Names that people would take for one: `Anna`, and `anna@example.com` of an identity provider. */
function isOneName(one: string, other: string): boolean {
  const bare = (name: string): string => (name.split('@')[0] ?? name).toLowerCase();
  return bare(one) === bare(other);
}

/**
 * Kinds whose name tells nobody apart. Of a federated user the caller of GetFederationToken chooses it:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
 */
const NAMELESS: Partial<Record<Principal['kind'], string>> = {
  root: 'the root user may be anybody',
  federated: 'the name of a federated user is chosen by whoever asks for its credentials',
  other: 'this form of principal is not known, so it may be anybody',
};

/** Why a principal may be anybody; undefined when its name means somebody. */
export function whyNobody({ kind }: Principal): string | undefined {
  return NAMELESS[kind];
}

/**
 * Why two principals may be one and the same person; undefined when they are two people. In doubt they are one: a second person is only one of whom that is
 * certain. The caller of AssumeRole chooses the session's name, so the sessions of a role are one person unless its trust policy pins
 * `sts:RoleSessionName` (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_rolesessionname).
 */
export function whyOnePerson(one: Principal, other: Principal, people: ApprovalPeople): string | undefined {
  if (one.id === other.id) return 'it is the same principal';
  // A schedule is nobody's other name: nobody can sign as one.
  if (one.kind === 'schedule' || other.kind === 'schedule') return undefined;
  const nameless = whyNobody(one) ?? whyNobody(other);
  if (nameless !== undefined) return nameless;
  const [role] = one.groups;
  if (role !== undefined && role === other.groups[0] && !pinnedRoles(people).has(role))
    return `both are sessions of ${role}, whose session names are free to choose; where its trust policy pins sts:RoleSessionName, name it in approval.pinnedSessionRoles`;
  if (isOneName(one.name, other.name)) return `both are called "${one.name}"`;
  return undefined;
}
