import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Records the reasons for the wildcards of a policy. cdk-nag reports each wildcard by the resource in CloudFormation's spelling, with
 * references in angle brackets. Each report has to be acknowledged under that name.
 */
export function acknowledgeWildcards(
  scope: IConstruct,
  wildcards: { resource: string; reason: string }[],
): void {
  const reasons = new Map<string, Set<string>>();
  for (const { resource, reason } of wildcards) {
    const name = spelled(Stack.of(scope).resolve(resource));
    reasons.set(name, (reasons.get(name) ?? new Set()).add(reason));
  }
  for (const [name, own] of reasons) {
    Validations.of(scope).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${name}]`,
      reason: [...own].join('; '),
    });
  }
}

/** `{ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3…']] }` → `arn:<AWS::Partition>:s3…` */
function spelled(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[kind, content] = []] = Object.entries(value) as [string, unknown][];
  if (kind === 'Ref') return `<${String(content)}>`;
  if (kind === 'Fn::GetAtt') return `<${(content as string[]).join('.')}>`;
  if (kind === 'Fn::Join') {
    const [separator, parts] = content as [string, unknown[]];
    return parts.map(spelled).join(separator);
  }
  throw new Error(`wildcard reasons: cannot spell ${JSON.stringify(value)}`);
}
