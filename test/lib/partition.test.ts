import { RegionInfo } from 'aws-cdk-lib/region-info';
import { describe, expect, it } from 'vitest';
import { SHAPES } from '../shapes.ts';
import { resolvedStack } from '../support/iam/policies.ts';
import { ALL_SHAPES } from '../support/judges/stacks.ts';

/**
 * Services that act in a stack, as policies name them. In China too these end in `amazonaws.com`:
 * https://docs.amazonaws.cn/en_us/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
 */
const PRINCIPALS = ['apigateway', 'cloudwatch', 'events', 'lambda', 'scheduler', 'states'].map(
  (service) => `${service}.amazonaws.com`,
);

interface Foreign {
  where: string;
  text: string;
}

/** Texts that name something of another partition, Region or account than the stack's. */
function foreignIn(
  value: unknown,
  here: { partition: string; region: string; account: string },
  where = '',
): Foreign[] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, each]) => foreignIn(each, here, `${where}.${key}`));
  if (typeof value !== 'string') return [];
  const suffix = RegionInfo.get(here.region).domainSuffix ?? 'amazonaws.com';
  const arns = [...value.matchAll(/arn:([a-z-]+):[a-z0-9-]+:([a-z0-9-]*):(\d*)/g)].filter(
    ([, partition, region = '', account = '']) =>
      partition !== here.partition ||
      !['', here.region].includes(region) ||
      !['', here.account].includes(account),
  );
  const hosts = [...value.matchAll(/[a-z0-9.*-]+\.amazonaws\.com(?:\.cn)?/g)].filter(
    ([host]) =>
      !PRINCIPALS.includes(host) &&
      !host.endsWith(`.${here.region}.${suffix}`) &&
      // Which suffix KMS sees in China is on nobody's record, so policies name both: of this Region.
      !(where.includes('.kms:ViaService') && host.includes(`.${here.region}.amazonaws.com`)),
  );
  return [...arns, ...hosts].map(([text]) => ({ where, text }));
}

describe('everything that a stack names', () => {
  it.each(ALL_SHAPES)('is of its own partition, Region and account: $name', (shape) => {
    const { resources, account } = resolvedStack(shape);
    expect(foreignIn(resources, account)).toEqual([]);
  });

  it('is looked at in each partition', () => {
    const partitions = new Set(SHAPES.map((shape) => resolvedStack(shape).account.partition));
    expect([...partitions].sort()).toEqual(['aws', 'aws-cn', 'aws-us-gov']);
  });

  const here = { partition: 'aws-cn', region: 'cn-north-1', account: '123456789012' };

  it.each([
    'arn:aws:s3:::bucket',
    'arn:aws-cn:rds:cn-northwest-1:123456789012:db:crm',
    'arn:aws-cn:rds:cn-north-1:210987654321:db:crm',
    'rds.cn-north-1.amazonaws.com',
    'https://sns.eu-central-1.amazonaws.com/',
    'lambda.amazonaws.com.cn',
  ])('is told apart: %s', (text) => {
    expect(foreignIn({ one: [text] }, here)).toEqual([expect.objectContaining({ where: '.one.0' })]);
  });

  it.each([
    'arn:aws-cn:iam::123456789012:role/r',
    'arn:aws-cn:ssm:cn-north-1::document/AWS',
    'rds.cn-north-1.amazonaws.com.cn',
  ])('is taken: %s', (text) => {
    expect(foreignIn({ one: text }, here)).toEqual([]);
  });
});
