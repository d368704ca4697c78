import {
  type IRole,
  ManagedPolicy,
  type PolicyStatement,
  PolicyStatement as Statement,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/**
 * How many resources one managed policy names. It holds 6,144 characters, and a server's ARN takes up to 82 with its quotes.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const RESOURCES_A_POLICY = 64;

/** How many managed policies a role may have (same page). */
const POLICIES_A_ROLE = 10;

/**
 * Gives a role its statements. Servers beyond the room of one policy go into managed policies. Each of these holds all permissions for its
 * servers, since a role has room for ten. (CDK itself moves only whole statements.)
 */
export function addStatements(
  scope: Construct,
  id: string,
  role: IRole,
  statements: PolicyStatement[],
): void {
  const isLarge = (statement: PolicyStatement): boolean => statement.resources.length > RESOURCES_A_POLICY;
  for (const statement of statements) if (!isLarge(statement)) role.addToPrincipalPolicy(statement);
  const chunks = groupsOf(statements.filter(isLarge)).flatMap(({ actions, resources }) => {
    if (resources.length <= RESOURCES_A_POLICY) {
      role.addToPrincipalPolicy(new Statement({ actions, resources }));
      return [];
    }
    return Array.from({ length: Math.ceil(resources.length / RESOURCES_A_POLICY) }, (_, index) => ({
      actions,
      resources: resources.slice(index * RESOURCES_A_POLICY, (index + 1) * RESOURCES_A_POLICY),
    }));
  });
  if (chunks.length > POLICIES_A_ROLE)
    throw new Error(
      `${id}: found resources for ${chunks.length} policies, expected at most ${POLICIES_A_ROLE} of ${RESOURCES_A_POLICY} each: ` +
        `split the system in systems.ts so that each has at most ${POLICIES_A_ROLE * RESOURCES_A_POLICY} servers`,
    );
  chunks.forEach((chunk, index) => {
    new ManagedPolicy(scope, `${id}Servers${index + 1}`, {
      roles: [role],
      statements: [new Statement(chunk)],
    });
  });
}

/** Groups of resources with the same permissions. */
function groupsOf(statements: PolicyStatement[]): { actions: string[]; resources: string[] }[] {
  const actionsOf = new Map<string, Set<string>>();
  for (const statement of statements) {
    if (statement.hasPrincipal || Object.keys(statement.conditions as object).length > 0)
      throw new Error('a statement on that many resources has no condition that could be kept');
    for (const resource of statement.resources) {
      const actions = actionsOf.get(resource) ?? new Set();
      for (const action of statement.actions) actions.add(action);
      actionsOf.set(resource, actions);
    }
  }
  const groups = Map.groupBy(actionsOf, ([, actions]) => [...actions].join(' '));
  return [...groups].map(([actions, members]) => ({
    actions: actions.split(' '),
    resources: members.map(([resource]) => resource),
  }));
}
