/** An IAM role, by account and name: what an assumed-role session's ARN keeps of it (the path is lost). */
interface Session {
  /** `partition:account/role name`. */
  role: string;
  /** Name of the session; undefined for the role itself. */
  name?: string;
}

/**
 * Reads a role's ARN (`arn:aws:iam::123456789012:role/path/Name`) or a session's (`arn:aws:sts::123456789012:assumed-role/Name/session`);
 * undefined for any other principal. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
 */
function sessionOf(arn: string): Session | undefined {
  const role = /^arn:([^:]+):iam::(\d+):role\/(?:.+\/)?([^/]+)$/.exec(arn);
  if (role !== null) return { role: `${role[1]}:${role[2]}/${role[3]}` };
  const session = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\/(.+)$/.exec(arn);
  if (session?.[4] === undefined) return undefined;
  return { role: `${session[1]}:${session[2]}/${session[3]}`, name: session[4] };
}

/** A role in the configuration stands for every session of it; a user, or one session, for itself alone. */
export function mayApprove(principal: string, caller: string): boolean {
  if (principal === caller) return true;
  const wanted = sessionOf(principal);
  if (wanted === undefined || wanted.name !== undefined) return false;
  return sessionOf(caller)?.role === wanted.role;
}

/**
 * Whether two callers are one person: the same ARN, or sessions of one name, since IAM Identity Center names the sessions
 * of all of a person's roles alike. Two sessions of one role with two names are two people; a role whose sessions people may name
 * themselves needs a trust policy that pins `sts:RoleSessionName`, or anyone could be two.
 */
export function isSamePerson(requester: string, caller: string): boolean {
  if (requester === caller) return true;
  const [one, other] = [sessionOf(requester), sessionOf(caller)];
  return one?.name !== undefined && one.name === other?.name;
}
