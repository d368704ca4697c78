import { evaluateConditions, wildcardMatches } from '../../../sandbox/aws/iam/policy-conditions.ts';
import type { ResolvedStack, StackRole } from './policies.ts';

/** Something that an identity may be allowed to do, to something. */
export interface Deed {
  action: string;
  resource: string;
  /** Condition keys of the request, as IAM knows them. */
  request?: Record<string, string | string[]>;
  /** Tags of the resource. */
  tags?: Record<string, string>;
}

/** Steps whose role may do it, and roles of nobody's function, sorted. A deny wins. */
export function whoMay({ roles }: ResolvedStack, deed: Deed): string[] {
  return roles
    .filter((role) => may(role, deed))
    .map(({ step, id }) => step ?? id.replace(/[0-9A-F]{8}$/, ''))
    .sort();
}

function may({ statements }: StackRole, { action, resource, request = {}, tags = {} }: Deed): boolean {
  const context = new Map<string, string[]>();
  for (const [key, value] of Object.entries(request)) context.set(key.toLowerCase(), [value].flat());
  for (const [key, value] of Object.entries(tags))
    context.set(`aws:resourcetag/${key}`.toLowerCase(), [value]);
  const applying = statements.filter(
    (statement) =>
      statement.Action.some((each) => wildcardMatches(each, action)) &&
      statement.Resource.some((each) => wildcardMatches(each, resource)),
  );
  const decided = applying.filter(({ Condition }) => {
    const { matches, unknown } = evaluateConditions(Condition, context);
    if (unknown.length > 0) throw new Error(`${action}: ${unknown.join(', ')} is not known to this test`);
    return matches;
  });
  return decided.length > 0 && decided.every(({ Effect }) => Effect === 'Allow');
}
