import { describe, expect, it } from 'vitest';
import { type ResolvedStack, resolvedStack } from '../support/iam/policies.ts';
import { list } from '../support/judges/allowed.ts';
import { ALL_SHAPES, resourcesOf } from '../support/judges/stacks.ts';
import { Ways } from '../support/judges/ways.ts';

describe('every way that a message takes', () => {
  it.each(ALL_SHAPES)('has all its links in $name', (shape) => {
    expect(new Ways(resolvedStack(shape)).problems()).toEqual([]);
  });
});

// The largest system has every option that adds something.
const withEverything = ALL_SHAPES.at(-1);
if (withEverything === undefined) throw new Error('there is no shape');
const whole = resolvedStack(withEverything);

/** Every link is one of these resources, or a statement of a policy: the way through it is broken without it. */
const LINKS = [
  'AWS::Lambda::Permission',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Function',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SNS::Subscription',
  'AWS::KMS::Key',
  'AWS::IAM::Role',
  'AWS::ApiGatewayV2::Integration',
];

/** Problems of the stack after a change. */
function problemsWithout(change: (stack: ResolvedStack) => void): string[] {
  const stack = {
    ...whole,
    resources: structuredClone(whole.resources),
    roles: structuredClone(whole.roles),
  };
  change(stack);
  return new Ways(stack).problems();
}

/** What a judge must say of a stack from which something was taken: the first word is the id of what can no longer send. */
const named = /^\w+: .{10}/;

describe('the judge of ways', () => {
  it.each(
    Object.entries(whole.resources).flatMap(([id, { Type, Properties }]) =>
      // A policy that allows nothing is no link: what sends there does so by its role.
      LINKS.includes(Type) && !(Type.endsWith('Policy') && !JSON.stringify(Properties).includes('"Allow"'))
        ? [[Type, id]]
        : [],
    ),
  )('names who is cut off without the %s %s', (_type, id = '') => {
    const problems = problemsWithout(({ resources }) => {
      // A permission is of a path, whatever the method: of two methods of one path there are two that say the same.
      const own = JSON.stringify(resources[id]);
      for (const [other, resource] of Object.entries(resources))
        if (other === id || JSON.stringify(resource) === own) delete resources[other];
    });
    expect(problems).not.toEqual([]);
    for (const problem of problems) expect(problem).toMatch(named);
  });

  it.each(
    whole.roles.flatMap(({ id, statements }) =>
      statements.flatMap(({ Action }, index) =>
        Action.some((action) => /^(lambda:InvokeFunction|sqs:SendMessage|logs:PutLogEvents)$/.test(action))
          ? [[id, Action.join(', '), index] as const]
          : [],
      ),
    ),
  )('names who is cut off without the statement of %s on %s', (id, _actions, index) => {
    const problems = problemsWithout(({ roles }) => {
      roles.find((role) => role.id === id)?.statements.splice(index, 1);
    });
    expect(problems).toContainEqual(expect.stringMatching(/: (its role|the role of its function) may not /));
  });

  it.each(
    [...resourcesOf(whole, 'AWS::SQS::QueuePolicy'), ...resourcesOf(whole, 'AWS::SNS::TopicPolicy')].flatMap(
      ([id, { PolicyDocument }]) =>
        (PolicyDocument as { Statement: { Effect: string }[] }).Statement.flatMap(({ Effect }, index) =>
          Effect === 'Allow' ? [[id, index] as const] : [],
        ),
    ),
  )('names who is cut off without an Allow of %s (%i)', (id, index) => {
    const problems = problemsWithout(({ resources }) => {
      const document = resources[id]?.Properties?.['PolicyDocument'] as { Statement: unknown[] } | undefined;
      document?.Statement.splice(index, 1);
    });
    expect(problems).toContainEqual(
      expect.stringMatching(/: the policy of its (topic|dead-letter queue) does not let /),
    );
  });

  it('names a topic whose policy is its Deny alone, as it was', () => {
    const problems = problemsWithout(({ resources }) => {
      for (const { Type, Properties } of Object.values(resources)) {
        if (Type !== 'AWS::SNS::TopicPolicy') continue;
        const document = Properties?.['PolicyDocument'] as { Statement: { Effect: string }[] } | undefined;
        if (document !== undefined)
          document.Statement = document.Statement.filter(({ Effect }) => Effect === 'Deny');
      }
    });
    expect(problems).toHaveLength(resourcesOf(whole, 'AWS::CloudWatch::Alarm').length);
    expect(problems[0]).toBe(
      'AlarmsRunFailed0035F714: the policy of its topic does not let CloudWatch publish',
    );
  });

  it('names a permission of another account’s alarms, another rule’s, and a key that lets nobody', () => {
    const everything = (value: unknown, from: string, to: string): unknown =>
      JSON.parse(JSON.stringify(value).replaceAll(from, to));
    const account = problemsWithout((stack) => {
      for (const [id] of resourcesOf(stack, 'AWS::SNS::TopicPolicy')) {
        const properties = stack.resources[id]?.Properties;
        if (properties !== undefined)
          properties['PolicyDocument'] = everything(
            properties['PolicyDocument'],
            '"aws:SourceAccount":"123456789012"',
            '"aws:SourceAccount":"210987654321"',
          );
      }
    });
    expect(account).toContainEqual(
      expect.stringMatching(/the policy of its topic does not let CloudWatch publish$/),
    );
    const key = problemsWithout((stack) => {
      for (const [id] of resourcesOf(stack, 'AWS::KMS::Key')) {
        const properties = stack.resources[id]?.Properties;
        if (properties !== undefined)
          properties['KeyPolicy'] = everything(properties['KeyPolicy'], 'kms:GenerateDataKey', 'kms:Encrypt');
      }
    });
    expect(key).toContainEqual(expect.stringMatching(/does not let CloudWatch kms:GenerateDataKey$/));
  });

  it('names an alarm that looks at what lies in a queue: a second message would tell nobody', () => {
    const problems = problemsWithout(({ resources }) => {
      for (const { Properties } of Object.values(resources))
        if (Properties?.['MetricName'] === 'NumberOfMessagesSent')
          Properties['MetricName'] = 'ApproximateNumberOfMessagesVisible';
    });
    expect(problems).toEqual([
      expect.stringMatching(/^AlarmsStartMissed\w+: it does not ring for each new message of its queue$/),
      expect.stringMatching(/^AlarmsWatchFailed\w+: it does not ring/),
    ]);
  });

  it('names a queue, a machine and a target that nobody looks after', () => {
    const problems = problemsWithout(({ resources }) => {
      for (const [id, { Type, Properties }] of Object.entries(resources)) {
        if (Type === 'AWS::CloudWatch::Alarm') delete resources[id];
        if (Type === 'AWS::Events::Rule')
          for (const target of (Properties?.['Targets'] ?? []) as Record<string, unknown>[])
            delete target['DeadLetterConfig'];
      }
    });
    const missing = (text: string): number => problems.filter((problem) => problem.endsWith(text)).length;
    expect(missing('no alarm looks at the queue')).toBe(2);
    expect(missing('no alarm looks at its executions')).toBe(4);
    expect(missing('its target has no dead-letter queue')).toBe(
      resourcesOf(whole, 'AWS::Events::Rule').length,
    );
  });
});

describe('alarms of queues', () => {
  it('go back to OK when nothing more arrives, so that the next message rings again', () => {
    const alarms = resourcesOf(whole, 'AWS::CloudWatch::Alarm').filter(
      ([, { Namespace }]) => Namespace === 'AWS/SQS',
    );
    expect(alarms).toHaveLength(2);
    for (const [, alarm] of alarms)
      expect(alarm).toMatchObject({
        MetricName: 'NumberOfMessagesSent',
        Statistic: 'Sum',
        Period: 300,
        // Longer than the 15 minutes that the metrics of an idle queue may be late.
        EvaluationPeriods: 4,
        DatapointsToAlarm: 1,
        TreatMissingData: 'notBreaching',
      });
    expect(list(alarms[0]?.[1]['AlarmActions'])).toHaveLength(1);
  });
});
