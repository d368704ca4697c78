import { describe, expect, it } from 'vitest';
import { largestSystem, type Shape, synthesiseShape } from '../shapes.ts';
import { resolvedStack } from '../support/iam/policies.ts';
import { problemsOfLimits } from '../support/judges/limits.ts';
import { LIMITS } from '../support/judges/limits-of-resources.ts';
import { ALL_SHAPES, resourcesOf } from '../support/judges/stacks.ts';

/** The largest system with every text as long as the schema takes it, where ARNs are longest. */
const region = 'us-gov-west-1';
const moved = JSON.parse(
  JSON.stringify(largestSystem())
    .replaceAll('arn:aws:', 'arn:aws-us-gov:')
    .replaceAll('eu-central-1', region),
) as Shape['system'];
const longest: Shape = {
  name: 'the largest system with the longest names',
  system: {
    ...moved,
    name: 'abcdefghijklmnopqrst',
    displayName: '客'.repeat(80),
    // Each tag stands at each resource: a template has no room for 40 tags of the greatest length.
    tags: Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`${index}`.padStart(40, 'k'), 'v'.repeat(80)]),
    ),
    ...(moved.schedule === undefined ? {} : { schedule: { ...moved.schedule, reason: 'r'.repeat(500) } }),
  },
  environment: { account: '123456789012', region },
};
const shapes = [...ALL_SHAPES, longest];

describe('what AWS takes', () => {
  it.each(shapes)('is not exceeded by $name', (shape) => {
    expect(problemsOfLimits(resolvedStack(shape), synthesiseShape(shape).template)).toEqual([]);
  });

  it('is measured of every kind of resource that has such a limit', () => {
    const types = new Set(
      shapes.flatMap((shape) => Object.values(resolvedStack(shape).resources).map(({ Type }) => Type)),
    );
    const measured = new Set(LIMITS.map(({ type }) => type));
    // Without text, policy or list of ours that could grow.
    const fixed =
      /^AWS::(Lambda::(Permission|EventInvokeConfig)|IAM::Policy|S3::Bucket|SQS::Queue|SNS::Subscription|ApiGatewayV2::(Api|Integration|Route)|CDK::Metadata)$/;
    expect([...types].filter((type) => !measured.has(type) && !fixed.test(type))).toEqual([]);
    expect([...measured].filter((type) => !types.has(type))).toEqual([]);
  });
});

describe('the judge of limits', () => {
  const stack = resolvedStack(longest);
  const { template } = synthesiseShape(longest);

  it.each(LIMITS)('names what is more than AWS takes: $type, $what', ({ type, what, measure, source }) => {
    const largest = Math.max(
      ...resourcesOf(stack, type).map(([id, properties]) => measure(properties, stack, id)),
    );
    expect(largest).toBeGreaterThanOrEqual(0);
    expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
    const lowered = LIMITS.map((limit) =>
      limit.type === type && limit.what === what ? { ...limit, most: largest - 1 } : limit,
    );
    expect(problemsOfLimits(stack, template, lowered)).toContainEqual(
      expect.stringMatching(new RegExp(`^\\w+: ${what}: found ${largest}, at most ${largest - 1} `)),
    );
  });

  it('names 80 servers more in one rule, and one policy for all servers, as it was', () => {
    const resources = structuredClone(stack.resources);
    const servers = Array.from({ length: 500 }, (_, index) => `i-0a${index.toString(16).padStart(15, '0')}`);
    for (const [id, { Type, Properties = {} }] of Object.entries(resources)) {
      if (Type === 'AWS::Events::Rule' && id.startsWith('WatchingServerStarted'))
        Properties['EventPattern'] = { detail: { 'instance-id': servers } };
      if (Type === 'AWS::IAM::ManagedPolicy')
        Properties['PolicyDocument'] = {
          Statement: [{ Resource: servers.map((server) => `arn:aws:ec2:::${server}`) }],
        };
    }
    const problems = problemsOfLimits({ ...stack, resources }, template);
    expect(problems).toContainEqual(
      expect.stringMatching(/^WatchingServerStarted\w+: pattern, in characters: found 11/),
    );
    expect(problems).toContainEqual(
      expect.stringMatching(/^PlanServers1\w+: size, in characters: found 1\d{4}, at most 6144/),
    );
  });
});
