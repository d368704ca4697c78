import type { PolicyStatement } from '../../../sandbox/deployment.ts';
import type { ResolvedStack } from '../iam/policies.ts';
import { resourcesOf } from './stacks.ts';

type Conditions = Record<string, Record<string, unknown>>;

/** A statement of a policy that stands on a resource, as the template has it. */
interface Statement {
  Effect: string;
  Action?: unknown;
  Principal?: unknown;
  Resource?: unknown;
  Condition?: Conditions;
}

/** A service that acts for a resource of this account. */
export interface Sender {
  service: string;
  sourceArn: string;
  account: string;
}

export const list = (value: unknown): string[] => (value === undefined ? [] : [value].flat().map(String));

const globs = (patterns: string[], text: string): boolean =>
  patterns.some((pattern) =>
    new RegExp(
      `^${pattern
        .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
      'i',
    ).test(text),
  );

/** A Deny of requests without TLS meets no service of AWS. */
const isOfPlainHttp = ({ Condition }: Statement): boolean =>
  Condition?.['Bool']?.['aws:SecureTransport'] === 'false';

/** Whether the policies of a role let it do something. Conditions of a role count as not met. */
export function mayRole(statements: PolicyStatement[], action: string, resource: string): boolean {
  return statements.some(
    ({ Effect, Action, Resource, Condition }) =>
      Effect === 'Allow' && Condition === undefined && globs(Action, action) && globs(Resource, resource),
  );
}

/** Whether the policies on a resource let a service do something with it. */
export function mayService(documents: unknown[], action: string, sender: Sender): boolean {
  const statements = documents.flatMap((document) => (document as { Statement: Statement[] }).Statement);
  const meets = (statement: Statement): boolean =>
    globs(list(statement.Action), action) &&
    isOf(statement.Principal, sender) &&
    isMet(statement.Condition, sender);
  return (
    statements.some((statement) => statement.Effect === 'Allow' && meets(statement)) &&
    !statements.some(
      (statement) => statement.Effect === 'Deny' && !isOfPlainHttp(statement) && meets(statement),
    )
  );
}

function isOf(principal: unknown, { service }: Sender): boolean {
  if (principal === '*') return true;
  const { Service, AWS } = (principal ?? {}) as { Service?: unknown; AWS?: unknown };
  return list(Service).includes(service) || list(AWS).includes('*');
}

function isMet(conditions: Conditions | undefined, { sourceArn, account }: Sender): boolean {
  const values: Record<string, string> = { 'aws:sourcearn': sourceArn, 'aws:sourceaccount': account };
  return Object.entries(conditions ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const value = values[key.toLowerCase()];
      if (value === undefined) return false;
      return operator.endsWith('Like') || operator.startsWith('Arn')
        ? globs(list(wanted), value)
        : list(wanted).includes(value);
    }),
  );
}

/** Whether a role is one that the service may assume. */
export function isAssumedBy(stack: ResolvedStack, roleArn: string, service: string): boolean {
  const id = stack.roles.find(({ arn }) => arn === roleArn)?.id;
  const role = resourcesOf(stack, 'AWS::IAM::Role').find(([name]) => name === id)?.[1];
  const { Statement: statements } = (role?.['AssumeRolePolicyDocument'] ?? { Statement: [] }) as {
    Statement: Statement[];
  };
  return statements.some(
    ({ Effect, Action, Principal }) =>
      Effect === 'Allow' &&
      list(Action).includes('sts:AssumeRole') &&
      list((Principal as { Service?: unknown } | undefined)?.Service).includes(service),
  );
}
