import { describe, expect, it } from 'vitest';
import { matchesPattern } from '../../../../sandbox/aws/events/pattern.ts';
import type { EventPattern } from '../../../../sandbox/deployment.ts';

const event = {
  source: 'aws.rds',
  'detail-type': 'RDS DB Instance Event',
  resources: ['arn:aws:rds:eu-central-1:123456789012:db:crm-db', 'arn:other'],
  detail: {
    EventID: 'RDS-EVENT-0154',
    SourceIdentifier: 'crm-db',
    output: null,
    count: 5,
    items: [{ id: 'i-1' }, { id: 'i-2' }],
  },
};

describe('an event pattern', () => {
  it.each<[string, EventPattern]>([
    ['nothing', {}],
    ['one of several values', { source: ['aws.ec2', 'aws.rds'] }],
    ['every field that is named', { source: ['aws.rds'], detail: { EventID: ['RDS-EVENT-0154'] } }],
    ['one value of a list', { resources: ['arn:other'] }],
    ['null and numbers as they are', { detail: { output: [null], count: [5] } }],
    ['a prefix', { detail: { EventID: [{ prefix: 'RDS-' }] } }],
    ['a suffix', { detail: { EventID: [{ suffix: '0154' }] } }],
    ['whatever the case', { detail: { SourceIdentifier: [{ 'equals-ignore-case': 'CRM-DB' }] } }],
    ['anything but a value', { detail: { EventID: [{ 'anything-but': ['RDS-EVENT-0088'] }] } }],
    [
      'a field that is there, and one that is not',
      { detail: { EventID: [{ exists: true }], Message: [{ exists: false }] } },
    ],
    [
      'one of several patterns',
      { $or: [{ source: ['aws.ec2'] }, { detail: { EventID: ['RDS-EVENT-0154'] } }] },
    ],
    ['an object in a list', { detail: { items: { id: ['i-2'] } } }],
    ['either an operator or a value', { detail: { EventID: [{ prefix: 'X' }, 'RDS-EVENT-0154'] } }],
  ])('matches %s', (_name, pattern) => {
    expect(matchesPattern(pattern, event)).toBe(true);
  });

  it.each<[string, EventPattern]>([
    ['none of several patterns', { $or: [{ source: ['aws.ec2'] }, { source: ['aws.s3'] }] }],
    ['no object in a list', { detail: { items: { id: ['i-3'] } } }],
    ['another value', { source: ['aws.ec2'] }],
    ['one field of two that differs', { source: ['aws.rds'], detail: { EventID: ['RDS-EVENT-0088'] } }],
    ['a field that is not there', { detail: { Message: ['x'] } }],
    ['another case', { detail: { SourceIdentifier: ['CRM-DB'] } }],
    ['a number as a text', { detail: { count: ['5'] } }],
    ['anything but this value', { detail: { EventID: [{ 'anything-but': 'RDS-EVENT-0154' }] } }],
    ['anything but a value, without the field', { detail: { Message: [{ 'anything-but': 'x' }] } }],
    ['a field below one that is a value', { source: { name: ['aws.rds'] } }],
  ])('does not match %s', (_name, pattern) => {
    expect(matchesPattern(pattern, event)).toBe(false);
  });

  it('refuses an operator that it does not know', () => {
    expect(() => matchesPattern({ detail: { count: [{ numeric: ['>', 1] }] } }, event)).toThrow(
      /count: .*numeric.* is not known here/,
    );
  });
});
