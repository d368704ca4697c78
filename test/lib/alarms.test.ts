import { describe, expect, it } from 'vitest';
import { SHAPES, synthesiseShape } from '../shapes.ts';

interface Statement {
  Effect: string;
  Action: string | string[];
  Principal?: { Service?: string };
  Condition?: { StringEquals?: Record<string, unknown> };
}
type Resource = { Type: string; Properties: Record<string, unknown> };

const list = <Value>(value: Value | Value[]): Value[] => (Array.isArray(value) ? value : [value]);
const refOf = (value: unknown): string | undefined => (value as { Ref?: string } | undefined)?.Ref;

/** What CloudWatch may do for alarms of this account, by a policy. */
const allowed = (policy: unknown): string[] =>
  (policy as { Statement: Statement[] }).Statement.filter(
    ({ Effect, Principal, Condition }) =>
      Effect === 'Allow' &&
      Principal?.Service === 'cloudwatch.amazonaws.com' &&
      Condition?.StringEquals?.['aws:SourceAccount'] !== undefined,
  ).flatMap(({ Action }) => list(Action));

describe.each(SHAPES)('the alarms of $name', (shape) => {
  const resources = Object.entries(synthesiseShape(shape).template.Resources) as [string, Resource][];
  const of = (type: string): [string, Record<string, unknown>][] =>
    resources.flatMap(([id, { Type, Properties }]) => (Type === type ? [[id, Properties]] : []));
  const alarms = of('AWS::CloudWatch::Alarm');

  it('each reach a topic that CloudWatch may publish to, with a key that it may use, and somebody who listens', () => {
    expect(alarms.length).toBeGreaterThan(5);
    for (const [id, { AlarmActions }] of alarms) {
      const [topic] = (AlarmActions as unknown[]).map(refOf);
      const properties = of('AWS::SNS::Topic').find(([name]) => name === topic)?.[1];
      expect(properties, `${id}: its topic`).toBeDefined();
      const policies = of('AWS::SNS::TopicPolicy').filter(([, { Topics }]) =>
        (Topics as unknown[]).map(refOf).includes(topic),
      );
      expect(
        policies.flatMap(([, { PolicyDocument }]) => allowed(PolicyDocument)),
        `${id}: the policy of its topic`,
      ).toContain('sns:Publish');
      const key = (properties?.['KmsMasterKeyId'] as { 'Fn::GetAtt'?: string[] } | undefined)?.[
        'Fn::GetAtt'
      ]?.[0];
      const policy = of('AWS::KMS::Key').find(([name]) => name === key)?.[1]['KeyPolicy'];
      expect(allowed(policy), `${id}: the policy of the topic's key`).toEqual(
        expect.arrayContaining(['kms:Decrypt', 'kms:GenerateDataKey']),
      );
      const listeners = of('AWS::SNS::Subscription').filter(([, { TopicArn }]) => refOf(TopicArn) === topic);
      expect(listeners.length, `${id}: its subscriptions`).toBe(shape.system.notices.operators?.length ?? 0);
      expect(listeners.length).toBeGreaterThan(0);
    }
  });

  it('ring for every end of each state machine but success', () => {
    const watched = JSON.stringify(alarms);
    const machines = of('AWS::StepFunctions::StateMachine').map(([id]) => id);
    expect(machines).toHaveLength(4);
    for (const machine of machines)
      for (const metric of ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted']) {
        const metrics = alarms.flatMap(([, { Metrics, MetricName, Dimensions }]) => [
          { MetricName, Dimensions },
          ...((Metrics ?? []) as { MetricStat?: { Metric: object } }[]).map(
            ({ MetricStat }) => MetricStat?.Metric,
          ),
        ]);
        const found = metrics.some(
          (each) =>
            (each as { MetricName?: string } | undefined)?.MetricName === metric &&
            JSON.stringify(each).includes(machine),
        );
        expect(found, `${metric} of ${machine} in ${watched.length} characters of alarms`).toBe(true);
      }
  });
});
