import { describe, expect, it } from 'vitest';
import type { PolicyStatement } from '../../sandbox/deployment.ts';
import { canBoth, OPEN_PART } from '../support/iam/glob.ts';
import { problemsOfResourcePolicy, problemsOfRole } from '../support/iam/judge.ts';

const arn = (service: string, rest: string): string => `arn:aws:${service}:eu-central-1:123456789012:${rest}`;
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

/** Faults that stood in the templates once, and others of their kinds. */
describe('the judge of permissions', () => {
  it.each<[string, PolicyStatement[], RegExp]>([
    [
      'an action with a typo',
      [allow(['rds:StopDBInstances'], [arn('rds', 'db:crm-db')])],
      /rds:StopDBInstances: there is no such action/,
    ],
    [
      'an action in another case',
      [allow(['rds:stopDBInstance'], [arn('rds', 'db:crm-db')])],
      /rds:stopDBInstance: there is no such action/,
    ],
    ['a service that is none', [allow(['rdsx:Stop'], ['*'])], /rdsx:Stop: there is no such action/],
    [
      'a required resource type that is missing',
      [allow(['rds:DeleteDBCluster'], [arn('rds', 'cluster:lights-out-crm-*')])],
      /rds:DeleteDBCluster: requires the resource type cluster-snapshot/,
    ],
    [
      'the volumes of a snapshot that are missing',
      [
        allow(
          ['ec2:CreateSnapshots'],
          [arn('ec2', 'instance/i-0a1b2c3d'), 'arn:aws:ec2:eu-central-1::snapshot/*'],
        ),
      ],
      /ec2:CreateSnapshots: requires the resource type volume/,
    ],
    [
      'a resource of another type',
      [allow(['rds:StopDBInstance'], [arn('rds', 'cluster:crm-db')])],
      /arn:aws:rds:.*:cluster:crm-db is none of db, snapshot/,
    ],
    [
      'an object where a bucket is meant',
      [allow(['s3:ListBucket'], ['arn:aws:s3:::evidence/runs/*'])],
      /s3:ListBucket: arn:aws:s3:::evidence\/runs\/\* is none of/,
    ],
    [
      'a snapshot of EBS with an account',
      [allow(['ec2:DeleteSnapshot'], [arn('ec2', 'snapshot/*')])],
      /ec2:DeleteSnapshot: arn:.*:snapshot\/\* is none of snapshot/,
    ],
    [
      'anything where there are resources',
      [allow(['rds:StopDBInstance'], ['*'])],
      /rds:StopDBInstance: is allowed on \*, and knows db, snapshot/,
    ],
    [
      'a resource where there is none',
      [allow(['ec2:DescribeInstances'], [arn('ec2', 'instance/i-0a1b2c3d')])],
      /ec2:DescribeInstances: knows no resource/,
    ],
    [
      'a condition that never applies',
      [
        allow(['rds:DeleteDBSnapshot'], [arn('rds', 'snapshot:x')], {
          StringEquals: { 'ec2:CreateAction': 'CreateVolume' },
        }),
      ],
      /rds:DeleteDBSnapshot: the condition key ec2:CreateAction does not apply/,
    ],
    [
      'a tag of the request where nothing is tagged',
      [
        allow(['rds:StopDBInstance'], [arn('rds', 'db:crm-db')], {
          StringEquals: { 'aws:RequestTag/lights-out:system': 'crm' },
        }),
      ],
      /rds:StopDBInstance: the condition key aws:RequestTag\/lights-out:system does not apply/,
    ],
    [
      'a global key that is none',
      [
        allow(['rds:StopDBInstance'], [arn('rds', 'db:crm-db')], {
          StringEquals: { 'aws:SourceAcount': '123456789012' },
        }),
      ],
      /the condition key aws:SourceAcount does not apply/,
    ],
  ])('finds %s', async (_what, statements, problem) => {
    expect((await problemsOfRole(statements)).join('\n')).toMatch(problem);
  });

  it('finds nothing against what the table allows', async () => {
    expect(
      await problemsOfRole([
        allow(['rds:DeleteDBCluster'], [arn('rds', 'cluster:lights-out-crm-*')], {
          StringEquals: { 'aws:ResourceTag/lights-out:system': 'crm' },
        }),
        allow(['rds:DeleteDBCluster'], [arn('rds', 'cluster-snapshot:lights-out-crm-*')]),
        allow(['s3:PutObject'], ['arn:aws:s3:::evidence/runs/crm/*/certificate.json'], {
          Null: { 's3:if-none-match': 'false' },
        }),
        allow(['states:DescribeExecution'], [arn('states', 'execution:LightsOut-crm-Shutdown:*')]),
        allow(['kms:CreateGrant'], [arn('kms', 'key/1a2b')], {
          StringEquals: { 'kms:ViaService': ['rds.eu-central-1.amazonaws.com'] },
          Bool: { 'kms:GrantIsForAWSResource': 'true' },
        }),
      ]),
    ).toEqual([]);
  });

  it('lets a policy on a resource deny everything, and allow it to the account of a key alone', async () => {
    const everything = { Effect: 'Allow' as const, Action: ['kms:*'], Resource: ['*'] };
    const root = { AWS: 'arn:aws:iam::123456789012:root' };

    expect(await problemsOfResourcePolicy('AWS::KMS::Key', [{ ...everything, Principal: root }])).toEqual([]);
    expect(await problemsOfResourcePolicy('AWS::KMS::Key', [{ ...everything, Principal: '*' }])).toEqual([
      'kms:*: allows everything',
    ]);
    expect(
      await problemsOfResourcePolicy('AWS::S3::BucketPolicy', [
        { Effect: 'Deny', Action: ['s3:*'], Resource: ['arn:aws:s3:::evidence'], Principal: '*' },
      ]),
    ).toEqual([]);
  });
});

describe('two patterns', () => {
  it.each<[string, string, boolean]>([
    ['db:lights-out-crm-*', `db:${OPEN_PART}`, true],
    ['cluster:lights-out-crm-*', `db:${OPEN_PART}`, false],
    ['evidence/runs/*', OPEN_PART, false],
    ['evidence', OPEN_PART, true],
    ['*', `db:${OPEN_PART}`, true],
    ['document/AWS-Run?atch', 'document/AWS-RunPatch', true],
    ['a*b', 'ac', false],
    ['a*c', '*bc', true],
    ['', OPEN_PART, true],
    ['a', '', false],
  ])('%j and %j: %s', (one, other, expected) => {
    expect(canBoth(one, other)).toBe(expected);
  });
});
