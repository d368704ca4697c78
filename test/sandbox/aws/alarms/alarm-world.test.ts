import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { AlarmWorld } from '../../../../sandbox/aws/alarms/alarm-world.ts';
import { deployedAlarms } from '../../../../sandbox/aws/alarms/deployed-alarms.ts';
import { resolvedStack } from '../../../support/iam/policies.ts';
import { ALL_SHAPES, resourcesOf } from '../../../support/judges/stacks.ts';

const MINUTE = 60_000;
// The largest system has every alarm.
const shape = ALL_SHAPES.at(-1);
if (shape === undefined) throw new Error('there is no shape');
const whole = resolvedStack(shape);
const { system } = shape;
const operators = system.notices.operators.map(({ address }) => address);
const arn = (service: string, rest: string): string =>
  `arn:${whole.account.partition}:${service}:${whole.account.region}:${whole.account.account}:${rest}`;
const machine = (name: string): string => arn('states', `stateMachine:LightsOut-${system.name}-${name}`);
const queue = (part: string): string => {
  const [id] = resourcesOf(whole, 'AWS::SQS::Queue').find(([name]) => name.includes(part)) ?? [''];
  return arn('sqs', `LightsOut-${system.name}-${id}`);
};

let time: number;
let path: string;
beforeEach(() => {
  time = Date.parse('2026-11-27T14:00:00Z');
  path = join(mkdtempSync(join(tmpdir(), 'lights-out-alarms-')), 'alarms.jsonl');
});

/** The alarms of the stack, after a change of one kind of its resources. */
function worldOf(
  type = '',
  change: (properties: Record<string, unknown>) => void = () => undefined,
): AlarmWorld {
  const stack = { ...whole, resources: structuredClone(whole.resources) };
  for (const { Type, Properties } of Object.values(stack.resources))
    if (Type === type && Properties !== undefined) change(Properties);
  const alarms = deployedAlarms({
    of: (each) => resourcesOf(stack, each),
    nameOf: (id) => `LightsOut-${system.name}-${id}`,
    arn,
  });
  return new AlarmWorld({ account: whole.account, alarms, clock: { now: () => time }, path });
}

const rang = ({ lines }: AlarmWorld): string[] => [
  ...new Set(lines.map(({ alarm }) => alarm.replace(/^.*Alarms(.+).{8}$/, '$1'))),
];

describe('alarms of the stack', () => {
  it('are told to every operator, and noted', () => {
    const world = worldOf();
    world.executionEnded(machine('Shutdown'), 'FAILED');

    expect(world.lines.map(({ recipient, outcome }) => [recipient, outcome])).toEqual(
      operators.map((address) => [address, 'told']),
    );
    expect(world.defects).toEqual([]);
    expect(JSON.parse(readFileSync(path, 'utf8').split('\n')[0] ?? '')).toMatchObject({
      at: '2026-11-27T14:00:00.000Z',
      description: expect.stringContaining('failed'),
      outcome: 'told',
    });
  });

  it.each([
    ['Shutdown', 'FAILED', ['RunFailed']],
    ['Shutdown', 'TIMED_OUT', ['RunTimedOut']],
    ['Shutdown', 'ABORTED', ['RunAborted']],
    ['Shutdown', 'SUCCEEDED', []],
    ['KeepStopped', 'FAILED', ['KeepStoppedFailed']],
    ['KeepStopped', 'TIMED_OUT', ['KeepStoppedFailed']],
    ['CleanUp', 'ABORTED', ['CleanUpFailed']],
    ['CleanUp', 'SUCCEEDED', []],
  ])('ring when %s ends as %s: %j', (name, status, expected) => {
    const world = worldOf();
    world.executionEnded(machine(name), status);
    expect(rang(world)).toEqual(expected);
  });

  it('ring for a message in each queue, and for a second one that comes when it has been quiet', () => {
    const world = worldOf();
    world.messageSent(queue('MissedStarts'));
    world.messageSent(queue('Unheard'));
    expect(rang(world)).toEqual(['StartMissed', 'WatchFailed']);

    const told = world.lines.length;
    time += 10 * MINUTE;
    world.messageSent(queue('Unheard'));
    expect(world.lines).toHaveLength(told);
    time += 20 * MINUTE;
    world.messageSent(queue('Unheard'));
    expect(world.lines).toHaveLength(told + operators.length);
  });

  it('ring once, where missing values keep them ringing', () => {
    const world = worldOf('AWS::CloudWatch::Alarm', (alarm) => {
      alarm['TreatMissingData'] = 'ignore';
    });
    for (let day = 0; day < 3; day += 1) {
      world.messageSent(queue('Unheard'));
      time += 1440 * MINUTE;
    }
    expect(world.lines).toHaveLength(operators.length);
  });

  it('do not ring for a sum of which one part has no value, unless it is filled', () => {
    const world = worldOf('AWS::CloudWatch::Alarm', (alarm) => {
      for (const metric of (alarm['Metrics'] ?? []) as Record<string, unknown>[])
        if ('Expression' in metric) metric['Expression'] = 'failed + timedOut + aborted';
    });
    world.executionEnded(machine('KeepStopped'), 'FAILED');
    expect(world.lines).toEqual([]);
  });
});

type Statements = { Statement: { Effect: string; Action: unknown; Condition?: unknown }[] };
const policyOf = (properties: Record<string, unknown>, key: string): Statements =>
  properties[key] as Statements;

describe('an alarm that nobody hears is a defect that says why', () => {
  it.each<[string, string, (properties: Record<string, unknown>) => void, string]>([
    [
      'a topic whose policy is its Deny alone, as it was once',
      'AWS::SNS::TopicPolicy',
      (policy) => {
        const document = policyOf(policy, 'PolicyDocument');
        document.Statement = document.Statement.filter(({ Effect }) => Effect === 'Deny');
      },
      "the topic's policy: no statement lets cloudwatch.amazonaws.com do sns:Publish",
    ],
    [
      'a policy for another account',
      'AWS::SNS::TopicPolicy',
      (policy) => {
        for (const statement of policyOf(policy, 'PolicyDocument').Statement)
          if (statement.Effect === 'Allow')
            statement.Condition = { StringEquals: { 'aws:SourceAccount': '999999999999' } };
      },
      "the topic's policy: no statement lets",
    ],
    [
      'a Deny for everybody',
      'AWS::SNS::TopicPolicy',
      (policy) => {
        for (const statement of policyOf(policy, 'PolicyDocument').Statement)
          if (statement.Effect === 'Deny') delete statement.Condition;
      },
      "the topic's policy: a Deny does not let",
    ],
    [
      'a condition that is not understood',
      'AWS::SNS::TopicPolicy',
      (policy) => {
        for (const statement of policyOf(policy, 'PolicyDocument').Statement)
          statement.Condition = { StringEquals: { 'aws:PrincipalOrgPaths': 'o-1' } };
      },
      "the topic's policy: condition key aws:PrincipalOrgPaths",
    ],
    [
      'a key that does not let CloudWatch make data keys',
      'AWS::KMS::Key',
      (key) => {
        for (const statement of policyOf(key, 'KeyPolicy').Statement) statement.Action = 'kms:Decrypt';
      },
      "the policy of the topic's key: no statement lets cloudwatch.amazonaws.com do kms:GenerateDataKey",
    ],
    [
      'a topic without subscribers',
      'AWS::SNS::Subscription',
      (subscription) => {
        subscription['TopicArn'] = arn('sns', 'another');
      },
      'nobody has subscribed',
    ],
    [
      'an action that is switched off',
      'AWS::CloudWatch::Alarm',
      (alarm) => {
        alarm['ActionsEnabled'] = false;
      },
      'it has no action',
    ],
    [
      'a topic of another stack',
      'AWS::CloudWatch::Alarm',
      (alarm) => {
        alarm['AlarmActions'] = [arn('sns', 'another')];
      },
      'there is no such topic in the stack',
    ],
  ])('%s', (_case, type, change, reason) => {
    const world = worldOf(type, change);
    world.executionEnded(machine('Shutdown'), 'FAILED');

    expect(world.defects).not.toEqual([]);
    for (const { message } of world.defects) expect(message).toContain(reason);
  });
});
