import { describe, expect, it } from 'vitest';
import { StepName } from '../../functions/contract/steps.ts';
import { synthesiseSystem } from '../support/synthesis.ts';

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

const approval = {
  approvers: [{ address: 'head@example.com' }],
  principals: ['arn:aws:iam::123456789012:role/Head'],
};
const stack = synthesiseSystem({ approval });
const list = <Value>(value: Value | Value[]): Value[] => (Array.isArray(value) ? value : [value]);
const statementsOf = (policy: Record<string, unknown>): Statement[] =>
  (policy['PolicyDocument'] as { Statement: Statement[] }).Statement;
const roles = (text: string): string[] => [...new Set(text.match(/[A-Za-z]+Role(?=[0-9A-F]{8})/g))].sort();

/** Roles whose own policies let them write below a prefix. */
function writersOf(prefix: string, { of }: Pick<typeof stack, 'of'> = stack): string[] {
  const policies = of('AWS::IAM::Policy').filter((policy) =>
    statementsOf(policy).some(
      ({ Action, Resource }) =>
        list(Action).includes('s3:PutObject') && JSON.stringify(Resource).includes(`/${prefix}/*`),
    ),
  );
  return roles(JSON.stringify(policies.map(({ Roles }) => Roles)));
}

/** Roles that the bucket's own policy does not shut out from a prefix. */
function notShutOut(prefix: string, { of }: Pick<typeof stack, 'of'> = stack): string[] {
  const [deny, ...more] = of('AWS::S3::BucketPolicy')
    .flatMap(statementsOf)
    .filter(({ Resource }) => JSON.stringify(Resource).includes(`/${prefix}/*`));
  expect(more).toEqual([]);
  expect(deny).toMatchObject({
    Effect: 'Deny',
    Action: ['s3:PutObject', 's3:ReplicateObject'],
    Principal: { AWS: '*' },
    Condition: { ArnNotEquals: { 'aws:PrincipalArn': expect.anything() } },
  });
  return roles(JSON.stringify(deny?.Condition));
}

describe('the records that prove who asked and who approved', () => {
  it('are written by the API and by what the schedule calls, and by nobody else, whatever else an identity may', () => {
    expect(writersOf('requests')).toEqual(['ApiRole', 'PlannerRole']);
    expect(notShutOut('requests')).toEqual(['ApiRole', 'PlannerRole']);
  });

  it('of an approval are written by the API alone', () => {
    expect(writersOf('answers')).toEqual(['ApiRole']);
    expect(notShutOut('answers')).toEqual(['ApiRole']);
  });

  it('of a request are never written over', () => {
    const own = stack
      .of('AWS::IAM::Policy')
      .flatMap(statementsOf)
      .filter(
        ({ Resource, Action }) =>
          list(Action).includes('s3:PutObject') && JSON.stringify(Resource).includes('/requests/*'),
      );
    expect(own.length).toBe(2);
    for (const { Condition } of own) expect(Condition).toEqual({ Null: { 's3:if-none-match': 'false' } });
  });
});

describe('the schedule', () => {
  const [schedule] = stack.of('AWS::Scheduler::Schedule') as { Target: { Arn: unknown; Input: string } }[];

  it('calls the function that looks what is due and proves who asked', () => {
    expect(JSON.stringify(schedule?.Target.Arn)).toMatch(/"Planner[0-9A-F]{8}","Arn"/);
    expect(JSON.parse(schedule?.Target.Input ?? '')).toEqual({
      action: 'look',
      schedule: '<aws.scheduler.schedule-arn>',
    });
  });

  it('hands a start that failed in the function to the queue that alarms, and tries it no longer than a quarter of an hour', () => {
    const invoke = stack
      .of('AWS::Lambda::EventInvokeConfig')
      .find(({ FunctionName }) => JSON.stringify(FunctionName).includes('"Planner'));
    expect(invoke).toMatchObject({ MaximumEventAgeInSeconds: 900, MaximumRetryAttempts: 2 });
    expect(JSON.stringify(invoke?.['DestinationConfig'])).toContain('MissedStarts');
  });

  it('lets its function start this system’s runs and write that one record, and no more', () => {
    const [policy] = stack
      .of('AWS::IAM::Policy')
      .filter(({ Roles }) => JSON.stringify(Roles).includes('"PlannerRole'));
    const actions = statementsOf(policy ?? {}).flatMap(({ Action }) => list(Action));
    expect([...new Set(actions)].filter((action) => !/^(logs|xray|sqs):/.test(action)).sort()).toEqual([
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
      'ses:SendRawEmail',
      'states:DescribeExecution',
      'states:StartExecution',
    ]);
    const written = statementsOf(policy ?? {}).flatMap(({ Action, Resource }) =>
      list(Action).includes('s3:PutObject') ? [JSON.stringify(Resource).match(/\w+(?=\/\*)/)?.[0]] : [],
    );
    expect(written.sort()).toEqual(['requests', 'schedule']);
  });

  it('of a system that has none is not there, nor is its function', () => {
    const without = synthesiseSystem({ schedule: undefined } as never);
    expect(writersOf('requests', without)).toEqual(['ApiRole']);
    expect(notShutOut('requests', without)).toEqual(['ApiRole']);
    expect(JSON.stringify(without.of('AWS::IAM::Role'))).not.toContain('step planner');
  });
});

describe('an approval', () => {
  it('is held against its record before anything is begun, and what the workflow was told is forgotten', () => {
    const { States } = stack.machine;
    const check = `${StepName.approval}: check the record`;
    expect(States[StepName.approval]).toMatchObject({ Next: check, ResultPath: null });
    expect(States[check]).toMatchObject({ Next: StepName.announce, ResultPath: '$.approval' });
    expect(States[check]?.Catch).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: StepName.report }]);
    // No other way leads to the announcement but over that state.
    const before = Object.entries(States).filter(([, state]) =>
      JSON.stringify(state).includes(`"${StepName.announce}"`),
    );
    expect(before.map(([name]) => name)).not.toContain(StepName.approval);
  });
});
