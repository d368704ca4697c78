import type { Caller, ServiceName } from '../operation.ts';
import type { ConditionContext } from './policy-conditions.ts';

interface CallFacts {
  service: ServiceName;
  operation: string;
  region: string;
  caller: Caller;
  input: Record<string, unknown>;
  /** Tags of the resource the call acts on. */
  resourceTags: Record<string, string>;
}

/**
 * The condition keys of one call, as far as the sandbox's policies may use them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function conditionContext(facts: CallFacts): ConditionContext {
  const { service, input } = facts;
  const context = new Map<string, readonly string[]>([
    ['aws:principalarn', [facts.caller.principal]],
    ['aws:requestedregion', [facts.region]],
    // On AWS every one of these calls is made over TLS.
    ['aws:securetransport', ['true']],
  ]);
  for (const [key, value] of Object.entries(facts.resourceTags)) {
    context.set(`aws:resourcetag/${key.toLowerCase()}`, [value]);
    context.set(`${service}:resourcetag/${key.toLowerCase()}`, [value]);
    if (service === 'rds') {
      context.set(`rds:db-tag/${key.toLowerCase()}`, [value]);
      context.set(`rds:snapshot-tag/${key.toLowerCase()}`, [value]);
    }
  }
  const tags = requestTags(input);
  for (const [key, value] of tags) {
    context.set(`aws:requesttag/${key.toLowerCase()}`, [value]);
    if (service === 'rds') context.set(`rds:req-tag/${key.toLowerCase()}`, [value]);
  }
  const keys = [...tags.map(([key]) => key), ...untagged(input)];
  if (keys.length > 0) context.set('aws:tagkeys', keys);
  // Holds for the CreateTags that a call with tags implies: https://docs.aws.amazon.com/ebs/latest/userguide/supported-iam-actions-tagging.html
  if (service === 'ec2') context.set('ec2:createaction', [facts.operation]);
  if (service === 's3') {
    set(context, 's3:prefix', input['Prefix']);
    set(context, 's3:delimiter', input['Delimiter']);
    set(context, 's3:max-keys', input['MaxKeys']);
    set(context, 's3:if-match', input['IfMatch']);
    set(context, 's3:if-none-match', input['IfNoneMatch']);
  }
  // https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html; of a call that no service makes on somebody's behalf.
  if (service === 'kms') {
    context.set('kms:grantisforawsresource', ['false']);
    const { KeyId, Operations, GranteePrincipal } = input;
    const alias = /(?:^|:)(alias\/.+)$/.exec(String(KeyId))?.[1];
    set(context, 'kms:requestalias', alias);
    if (Array.isArray(Operations)) context.set('kms:grantoperations', Operations.map(String));
    set(context, 'kms:granteeprincipal', GranteePrincipal);
  }
  if (service === 'ses') {
    set(context, 'ses:fromaddress', addressOf(input['Source']));
    const destination = input['Destination'] as Record<string, string[]> | undefined;
    const recipients = [
      ...((input['Destinations'] as string[] | undefined) ?? []),
      ...Object.values(destination ?? {}).flat(),
    ];
    if (recipients.length > 0) context.set('ses:recipients', recipients.map(addressOf).map(String));
  }
  return context;
}

/** Tags a call puts on something: `Tags`, `tags`, EC2's `TagSpecifications`. */
function requestTags(input: Record<string, unknown>): [key: string, value: string][] {
  const specifications = (input['TagSpecifications'] ?? []) as { Tags?: unknown[] }[];
  const lists = [input['Tags'], input['tags'], ...specifications.map(({ Tags }) => Tags)];
  return lists.flatMap((list) => {
    if (!Array.isArray(list)) return [];
    return list.map((tag: Record<string, string>): [string, string] => [
      tag['Key'] ?? tag['key'] ?? '',
      tag['Value'] ?? tag['value'] ?? '',
    ]);
  });
}

function untagged(input: Record<string, unknown>): string[] {
  const keys = input['TagKeys'] ?? input['tagKeys'];
  return Array.isArray(keys) ? keys.map(String) : [];
}

function set(context: Map<string, readonly string[]>, key: string, value: unknown): void {
  if (value !== undefined && value !== null) context.set(key, [String(value)]);
}

/** `"CRM" <crm@example.com>` → `crm@example.com`. */
function addressOf(value: unknown): unknown {
  return typeof value === 'string' ? (/<([^>]+)>\s*$/.exec(value)?.[1] ?? value.trim()) : value;
}
