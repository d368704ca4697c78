import { describe, expect, it } from 'vitest';
import { systems } from '../../systems.ts';
import { synthesiseSystem } from '../support/synthesis.ts';

interface Statement {
  Action: string | string[];
  Resource: unknown;
  Effect: string;
}

const { of } = synthesiseSystem();
const list = <Value>(value: Value | Value[]): Value[] => (Array.isArray(value) ? value : [value]);
const statements = of('AWS::IAM::Policy').flatMap(
  (policy) => (policy['PolicyDocument'] as { Statement: Statement[] }).Statement,
);

const VOLUMES_KEY = 'arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555';

describe('the stack', () => {
  it('allows no action by wildcard', () => {
    const actions = statements.flatMap((statement) => list(statement.Action));
    expect(actions.length).toBeGreaterThan(50);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  });

  it('names resources, except where AWS knows none', () => {
    const anywhere = statements
      .filter((statement) => list(statement.Resource).includes('*'))
      .flatMap((statement) => list(statement.Action));
    const known =
      /^(ec2:(Describe|CreateNetworkInterface|DeleteNetworkInterface|AssignPrivateIp|UnassignPrivateIp)|ssm:(GetCommandInvocation|ListCommandInvocations|Describe)|ses:Get|rds:Describe(AccountAttributes|Events|OrderableDBInstanceOptions)$|states:SendTask|xray:|logs:)/;
    expect(anywhere.filter((action) => !known.test(action))).toEqual([]);
  });

  it('lets nothing but its own test instances and snapshots be deleted, and only with its tag', () => {
    const deleting = statements.filter((statement) =>
      list(statement.Action).some((action) =>
        /^(rds:Delete|ec2:(Delete(Snapshot|Volume)$|Terminate))/.test(action),
      ),
    );
    // Test instances by the step and by the sweeper, snapshots by the retention.
    const actions = deleting
      .flatMap((statement) => list(statement.Action))
      .filter((action) => !/Volume$/.test(action));
    expect(actions.sort()).toEqual([
      'ec2:DeleteSnapshot',
      'rds:DeleteDBInstance',
      'rds:DeleteDBInstance',
      'rds:DeleteDBSnapshot',
    ]);
    for (const statement of deleting) {
      expect(JSON.stringify(statement)).toContain('aws:ResourceTag/lights-out:system":"crm"');
      expect(JSON.stringify(statement.Resource)).toMatch(
        /:(db|snapshot):lights-out-crm-\*|:(snapshot|volume)\/\*/,
      );
    }
  });

  it('lets the functions sign in to the database by IAM as its one user, and then read no secret', () => {
    const { credentialsSecretArn: _none, ...database } = systems[0]?.database ?? { identifier: 'crm-db' };
    const stack = synthesiseSystem({ database: { ...database, engine: 'postgres', iamUser: 'lights_out' } });
    const all = stack
      .of('AWS::IAM::Policy')
      .flatMap((policy) => (policy['PolicyDocument'] as { Statement: Statement[] }).Statement);

    const connecting = all.filter((statement) => list(statement.Action).includes('rds-db:connect'));

    expect(connecting).toHaveLength(4);
    for (const { Action, Resource } of connecting) {
      expect(Action).toBe('rds-db:connect');
      expect(JSON.stringify(Resource)).toMatch(/:rds-db:.+:dbuser:\*\/lights_out"/);
    }
    expect(JSON.stringify(all)).not.toContain('secretsmanager');
  });

  it('lets volumes be made, moved and deleted only with the tag of the system', () => {
    const of = (action: string) => statements.filter((statement) => list(statement.Action).includes(action));
    const tagged = (action: string): boolean[] =>
      of(action)
        .filter((statement) => JSON.stringify(statement.Resource).match(/:(volume|snapshot)\/\*/))
        .map((statement) => JSON.stringify(statement).includes('lights-out:system":"crm"'));
    for (const action of ['ec2:AttachVolume', 'ec2:DetachVolume', 'ec2:DeleteVolume', 'ec2:CreateVolume']) {
      expect(tagged(action).length, action).toBeGreaterThan(0);
      expect(new Set(tagged(action)), action).toEqual(new Set([true]));
    }
    // A tag only while something is made: nobody can give a volume of the CRM the tag that lets it be deleted.
    // The closing of a verified run adds two tags to snapshots that are the system's already.
    for (const statement of of('ec2:CreateTags'))
      expect(JSON.stringify(statement)).toMatch(
        /"ec2:CreateAction":"Create(Snapshots|Volume)"|:snapshot\/\*.*"aws:TagKeys":\["lights-out:verified","lights-out:superseded"\]|"aws:TagKeys":\["lights-out:verified","lights-out:superseded"\].*:snapshot\/\*/,
      );
  });

  it('gives a system that only takes snapshots nothing to make or delete volumes with', () => {
    const own = synthesiseSystem({ files: { backup: 'snapshot', kmsKeyArns: [VOLUMES_KEY] } })
      .of('AWS::IAM::Policy')
      .flatMap((policy) => (policy['PolicyDocument'] as { Statement: Statement[] }).Statement);
    const actions = own.flatMap((statement) => list(statement.Action));
    expect(actions).toContain('ec2:CreateSnapshots');
    expect(actions.filter((action) => /Volume$/.test(action))).toEqual([]);
    // Only a start-up makes a grant of the volumes' key: whoever starts a server makes EC2 one.
    const ofKey = own.filter((statement) => JSON.stringify(statement).includes(VOLUMES_KEY));
    expect(ofKey.flatMap((statement) => list(statement.Action))).toEqual(['kms:CreateGrant']);
  });

  it('uses the keys of volumes only where they are named, and only by way of EC2', () => {
    const own = synthesiseSystem({ files: { backup: 'verify', kmsKeyArns: [VOLUMES_KEY] } })
      .of('AWS::IAM::Policy')
      .flatMap((policy) => (policy['PolicyDocument'] as { Statement: Statement[] }).Statement)
      .filter((statement) => list(statement.Resource).includes(VOLUMES_KEY));
    const used = own.filter((statement) => JSON.stringify(statement).includes('kms:ViaService'));
    expect(used.flatMap((statement) => list(statement.Action))).toContain('kms:CreateGrant');
    for (const statement of used) expect(JSON.stringify(statement)).toMatch(/"kms:ViaService":.*"ec2\."/);
    // The plan only asks whether it could, for a grant that allows nothing.
    const asked = own.filter((statement) => !used.includes(statement));
    expect(asked.flatMap((statement) => list(statement.Action))).toEqual([
      'kms:DescribeKey',
      'kms:CreateGrant',
    ]);
    expect(JSON.stringify(asked[1])).toContain('"kms:GrantOperations":["DescribeKey"]');
  });

  it('lets the database’s key be used by who snapshots and restores it, only by way of RDS', () => {
    const key = systems[0]?.database.kmsKeyArn ?? '';
    const own = of('AWS::IAM::Policy').flatMap((policy) => {
      const { Statement } = policy['PolicyDocument'] as { Statement: Statement[] };
      const role = JSON.stringify(policy['Roles']);
      return Statement.filter((statement) => list(statement.Resource).includes(key)).map((statement) => ({
        role: /"Ref":"([A-Za-z]+?)Role/.exec(role)?.[1],
        actions: list(statement.Action),
        text: JSON.stringify(statement),
      }));
    });
    const used = own.filter(({ text }) => text.includes('kms:ViaService'));
    expect(new Set(used.map(({ role }) => role))).toEqual(new Set(['Snapshot', 'Restore']));
    for (const { text } of used) expect(text).toMatch(/"kms:ViaService":.*"rds\."/);
    for (const { actions, text } of used)
      if (actions.includes('kms:CreateGrant')) expect(text).toContain('"kms:GrantIsForAWSResource":"true"');
    expect(used.flatMap(({ actions }) => actions).sort()).toEqual([
      'kms:CreateGrant',
      'kms:CreateGrant',
      'kms:DescribeKey',
      'kms:DescribeKey',
    ]);
    expect(new Set(own.filter((each) => !used.includes(each)).map(({ role }) => role))).toEqual(
      new Set(['Plan']),
    );
  });

  it('tags everything that can be tagged as the company does', () => {
    const { template } = synthesiseSystem({ tags: { 'cost-center': '4711' } });
    const tagged = Object.values(template.Resources).filter(({ Properties = {} }) => 'Tags' in Properties);
    expect(tagged.length).toBeGreaterThan(50);
    for (const { Type, Properties } of tagged)
      expect(JSON.stringify(Properties['Tags']), Type).toMatch(/cost-center.*4711/);
  });

  it('calls the planner every quarter of an hour, and gives a call up that the next one replaces', () => {
    const [schedule] = of('AWS::Scheduler::Schedule');
    expect(schedule).toMatchObject({
      ScheduleExpression: 'rate(15 minutes)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        RetryPolicy: { MaximumEventAgeInSeconds: 900 },
        DeadLetterConfig: { Arn: expect.anything() },
      },
    });
  });

  it('rings when nobody has called the planner for a day', () => {
    const silent = of('AWS::CloudWatch::Alarm').find(({ MetricName }) => MetricName === 'Invocations');
    expect(silent).toMatchObject({
      Namespace: 'AWS/Lambda',
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: expect.stringMatching(/^Planner/) } }],
      Statistic: 'Sum',
      Period: 86_400,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      AlarmActions: [expect.anything()],
    });
  });

  it('lets the test instance be reached from the comparing functions only', () => {
    const [group] = of('AWS::EC2::SecurityGroup');
    expect(group?.['SecurityGroupIngress']).toEqual([
      expect.objectContaining({
        SourceSecurityGroupId: systems[0]?.network.securityGroupId,
        FromPort: 5432,
        ToPort: 5432,
      }),
    ]);
  });
});
