import { describe, expect, test } from 'vitest';
import { type AuthorizationRequest, CallerDirectory } from '../../../../sandbox/aws/iam/authorization.ts';
import { conditionContext } from '../../../../sandbox/aws/iam/condition-context.ts';
import { evaluateConditions, wildcardMatches } from '../../../../sandbox/aws/iam/policy-conditions.ts';
import type { DeployedFunction, PolicyStatement } from '../../../../sandbox/deployment.ts';

const KEY = 'AKIASTEP';

function directory(...statements: PolicyStatement[]): CallerDirectory {
  const deployed: DeployedFunction = {
    step: 'restore',
    arn: 'arn:aws:lambda:eu-central-1:111122223333:function:restore',
    bundleDirectory: '/nowhere',
    handler: 'index.handler',
    environment: {},
    timeoutSeconds: 60,
    memoryMib: 256,
    role: { arn: 'arn:aws:iam::111122223333:role/path/Restore', statements },
    accessKeyId: KEY,
  };
  return new CallerDirectory([deployed]);
}

const allow = (
  Action: string[],
  Resource: string[],
  Condition?: PolicyStatement['Condition'],
): PolicyStatement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});

const call = (
  action: string,
  resource: string,
  more: Partial<AuthorizationRequest> = {},
): AuthorizationRequest => ({
  service: 'rds',
  actions: [action],
  resources: [resource],
  context: new Map(),
  ...more,
});

const DB = 'arn:aws:rds:eu-central-1:111122223333:db:lights-out-crm-1';

describe('actions and resources', () => {
  test.each([
    ['exact', ['rds:DeleteDBInstance'], [DB], true],
    ['action in another case', ['RDS:deletedbinstance'], [DB], true],
    ['action with a wildcard', ['rds:Delete*'], [DB], true],
    ['action with ?', ['rds:DeleteDBInstanc?'], [DB], true],
    ['everything', ['*'], ['*'], true],
    [
      'resource with a wildcard',
      ['rds:DeleteDBInstance'],
      ['arn:aws:rds:*:111122223333:db:lights-out-*'],
      true,
    ],
    ['another action', ['rds:StopDBInstance'], [DB], false],
    ['an action that is only its beginning', ['rds:DeleteDB'], [DB], false],
    ['another resource', ['rds:DeleteDBInstance'], ['arn:aws:rds:eu-central-1:111122223333:db:crm'], false],
    ['resource in another case', ['rds:DeleteDBInstance'], [DB.toUpperCase()], false],
    ['a dot that is no wildcard', ['rds:DeleteDBInstance'], [DB.replace('crm', 'c.m')], false],
  ])('%s', (_, actions, resources, allowed) => {
    const callers = directory(allow(actions, resources));
    const check = () => callers.authorize(KEY, call('rds:DeleteDBInstance', DB));
    if (allowed) expect(check).not.toThrow();
    else expect(check).toThrow(/is not authorized to perform: rds:DeleteDBInstance/);
  });

  test('every resource of a call must be allowed', () => {
    const callers = directory(allow(['rds:RestoreDBInstanceFromDBSnapshot'], [DB]));
    const request = call('rds:RestoreDBInstanceFromDBSnapshot', DB, { resources: [DB, 'arn:other'] });
    expect(() => callers.authorize(KEY, request)).toThrow('on resource: arn:other');
  });

  test('a dependent action must be allowed on one of them', () => {
    const request = call('', '', {
      actions: ['rds:CreateDBSnapshot', 'rds:AddTagsToResource'],
      resources: [DB, 'arn:snapshot'],
    });
    const create = allow(['rds:CreateDBSnapshot'], ['*']);

    expect(() =>
      directory(create, allow(['rds:AddTagsToResource'], ['arn:snapshot'])).authorize(KEY, request),
    ).not.toThrow();
    expect(() => directory(create).authorize(KEY, request)).toThrow('rds:AddTagsToResource');
  });

  test('a deny wins over an allow, whatever their order', () => {
    const deny: PolicyStatement = { Effect: 'Deny', Action: ['rds:*'], Resource: [DB] };
    for (const statements of [
      [deny, allow(['*'], ['*'])],
      [allow(['*'], ['*']), deny],
    ]) {
      expect(() => directory(...statements).authorize(KEY, call('rds:DeleteDBInstance', DB))).toThrow(
        'with an explicit deny in an identity-based policy',
      );
    }
  });

  test('an operator may do everything, nobody nothing', () => {
    const callers = directory();
    callers.addOperator('AKIAME', 'arn:aws:iam::111122223333:user/me');

    expect(() => callers.authorize('AKIAME', call('rds:DeleteDBInstance', DB))).not.toThrow();
    expect(() => callers.authorize(KEY, call('rds:DeleteDBInstance', DB))).toThrow('not authorized');
    expect(() => callers.authorize('AKIAWHO', call('rds:DeleteDBInstance', DB))).toThrow();
    expect(callers.find('AKIAWHO')).toBeUndefined();
    expect(callers.find('AKIAME')).toEqual({
      function: 'operator',
      principal: 'arn:aws:iam::111122223333:user/me',
    });
  });

  test('two callers with one access key are a mistake', () => {
    expect(() => directory().addOperator(KEY, 'arn:x')).toThrow('two callers have the access key AKIASTEP');
  });

  test('allows() answers for a caller', () => {
    const callers = directory(allow(['s3:ListBucket'], ['arn:aws:s3:::evidence']));
    const caller = callers.find(KEY);
    if (caller === undefined) throw new Error('the caller is known');
    expect(callers.allows(caller, 's3:ListBucket', 'arn:aws:s3:::evidence')).toBe(true);
    expect(callers.allows(caller, 's3:ListBucket', 'arn:aws:s3:::other')).toBe(false);
    expect(callers.allows({ function: 'x', principal: 'arn:nobody' }, 's3:ListBucket', '*')).toBe(false);
  });
});

describe('wording', () => {
  test.each([
    ['rds', 'AccessDenied', 403],
    ['ses', 'AccessDenied', 403],
    ['s3', 'AccessDenied', 403],
    ['ec2', 'UnauthorizedOperation', 403],
    ['ssm', 'AccessDeniedException', 403],
    ['secretsmanager', 'AccessDeniedException', 403],
    ['states', 'AccessDeniedException', 403],
    ['kms', 'AccessDeniedException', 403],
  ] as const)('%s says %s', (service, code, statusCode) => {
    const request = call(`${service}:Do`, 'arn:x', { service });
    let thrown: unknown;
    try {
      directory().authorize(KEY, request);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code, statusCode });
    expect(String(thrown)).toContain(
      `User: arn:aws:sts::111122223333:assumed-role/Restore/restore is not authorized to perform: ${service}:Do on resource: arn:x because no identity-based policy allows the ${service}:Do action`,
    );
  });
});

describe('conditions', () => {
  const context = new Map<string, readonly string[]>([
    ['aws:resourcetag/lights-out:system', ['crm']],
    ['aws:requesttag/lights-out:run', ['20261127-2200-1a2b3c4d']],
    ['aws:tagkeys', ['lights-out:run', 'lights-out:system']],
    ['aws:principalarn', ['arn:aws:iam::111122223333:role/Restore']],
    ['aws:securetransport', ['true']],
  ]);

  test.each([
    [{ StringEquals: { 'aws:ResourceTag/lights-out:system': 'crm' } }, true],
    [{ StringEquals: { 'aws:resourcetag/lights-out:system': ['erp', 'crm'] } }, true],
    [{ StringEquals: { 'aws:ResourceTag/lights-out:system': 'erp' } }, false],
    [{ StringEquals: { 'aws:ResourceTag/lights-out:system': 'CRM' } }, false],
    [{ StringEquals: { 'aws:ResourceTag/other': 'crm' } }, false],
    [{ StringEqualsIfExists: { 'aws:ResourceTag/other': 'crm' } }, true],
    [{ StringEqualsIgnoreCase: { 'aws:ResourceTag/lights-out:system': 'CRM' } }, true],
    [{ StringNotEquals: { 'aws:ResourceTag/lights-out:system': 'crm' } }, false],
    [{ StringNotEquals: { 'aws:ResourceTag/lights-out:system': ['erp', 'shop'] } }, true],
    [{ StringNotEquals: { 'aws:ResourceTag/other': 'crm' } }, true],
    [{ StringLike: { 'aws:RequestTag/lights-out:run': '2026*' } }, true],
    [{ StringLike: { 'aws:RequestTag/lights-out:run': '2025*' } }, false],
    [{ StringNotLike: { 'aws:RequestTag/lights-out:run': '2026*' } }, false],
    [{ 'ForAllValues:StringLike': { 'aws:TagKeys': ['lights-out:*'] } }, true],
    [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['lights-out:run'] } }, false],
    [{ 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['lights-out:run', 'x'] } }, true],
    [{ 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['x'] } }, false],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/Rest*' } }, true],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:*:role/Restore' } }, false],
    [{ Bool: { 'aws:SecureTransport': 'false' } }, false],
    [{ Null: { 'aws:ResourceTag/lights-out:system': 'false' } }, true],
    [{ Null: { 'aws:ResourceTag/other': 'false' } }, false],
    [
      {
        StringEquals: { 'aws:ResourceTag/lights-out:system': 'crm' },
        StringLike: { 'aws:RequestTag/lights-out:run': 'x' },
      },
      false,
    ],
  ])('%j is %s', (condition, matches) => {
    expect(evaluateConditions(condition as PolicyStatement['Condition'], context)).toEqual({
      matches,
      unknown: [],
    });
  });

  test('an empty set satisfies ForAllValues and not ForAnyValue', () => {
    const tagKeys = { 'aws:TagKeys': ['x'] };
    expect(evaluateConditions({ 'ForAllValues:StringEquals': tagKeys }, new Map()).matches).toBe(true);
    expect(evaluateConditions({ 'ForAnyValue:StringEquals': tagKeys }, new Map()).matches).toBe(false);
  });

  test.each([
    [{ StringEquals: { 'aws:SourceVpce': 'vpce-1' } }, 'condition key aws:SourceVpce'],
    [{ NumericLessThan: { 's3:max-keys': '10' } }, 'condition operator NumericLessThan'],
  ])('%j is not known: the statement never matches, and that is reported', (condition, unknown) => {
    const callers = directory(allow(['rds:*'], ['*'], condition as PolicyStatement['Condition']));

    expect(() => callers.authorize(KEY, call('rds:DeleteDBInstance', DB, { context }))).toThrow(
      'not authorized',
    );

    expect([...callers.problems]).toEqual([
      `policy of restore: ${unknown} is not known to the sandbox, so the statement for rds:DeleteDBInstance never matches`,
    ]);
  });

  test('a policy variable is not known: that is reported', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: so IAM writes a policy variable
    const callers = directory(allow(['rds:*'], ['arn:aws:rds:*:*:db:${aws:PrincipalTag/system}']));
    expect(() => callers.authorize(KEY, call('rds:DeleteDBInstance', DB))).toThrow('not authorized');
    expect([...callers.problems]).toEqual([expect.stringContaining('holds a policy variable')]);
  });

  test.each([
    ['a*c', 'abbbc', true],
    ['a?c', 'ac', false],
    ['(a)', 'a', false],
    ['*', 'two\nlines', true],
  ])('the pattern %s on %j: %s', (pattern, text, matches) => {
    expect(wildcardMatches(pattern, text)).toBe(matches);
  });
});

test('the context of a call holds its tags, its prefix and its sender', () => {
  const caller = { function: 'restore', principal: 'arn:role' };
  const of = (service: 'rds' | 'ec2' | 's3' | 'ses', input: Record<string, unknown>, resourceTags = {}) =>
    Object.fromEntries(
      conditionContext({
        service,
        operation: 'CreateSnapshots',
        region: 'eu-central-1',
        caller,
        input,
        resourceTags,
      }),
    );

  expect(of('rds', { Tags: [{ Key: 'Lights-Out:System', Value: 'crm' }] }, { Team: 'sales' })).toMatchObject({
    'aws:requesttag/lights-out:system': ['crm'],
    'rds:req-tag/lights-out:system': ['crm'],
    'aws:tagkeys': ['Lights-Out:System'],
    'aws:resourcetag/team': ['sales'],
    'rds:db-tag/team': ['sales'],
    'aws:principalarn': ['arn:role'],
    'aws:requestedregion': ['eu-central-1'],
  });
  expect(of('ec2', { TagSpecifications: [{ Tags: [{ Key: 'a', Value: 'b' }] }] })).toMatchObject({
    'aws:requesttag/a': ['b'],
  });
  expect(of('s3', { Prefix: 'runs/' })).toMatchObject({ 's3:prefix': ['runs/'] });
  expect(of('s3', {})).not.toHaveProperty('aws:tagkeys');
  expect(of('ses', { Source: 'CRM <crm@example.com>', Destinations: ['a@example.com'] })).toMatchObject({
    'ses:fromaddress': ['crm@example.com'],
    'ses:recipients': ['a@example.com'],
  });
});
