import { describe, expect, test } from 'vitest';
import type { ServiceName } from '../../../../sandbox/aws/operation.ts';
import { hasModel, requiredMembers, serviceModel } from '../../../../sandbox/aws/protocol/model.ts';
import { readSignature } from '../../../../sandbox/aws/protocol/request.ts';

describe('a service model', () => {
  test.each([
    ['rds', 'awsQuery', '2014-10-31', 'StopDBInstance'],
    ['ses', 'awsQuery', '2010-12-01', 'SendRawEmail'],
    ['ec2', 'ec2Query', '2016-11-15', 'StopInstances'],
    ['ssm', 'awsJson1_1', '2014-11-06', 'SendCommand'],
    ['secretsmanager', 'awsJson1_1', '2017-10-17', 'GetSecretValue'],
    ['kms', 'awsJson1_1', '2014-11-01', 'CreateGrant'],
    ['states', 'awsJson1_0', '2016-11-23', 'DescribeExecution'],
    ['s3', 'restXml', '2006-03-01', 'PutObject'],
  ] as const)('%s speaks %s as the installed client does', (service, protocol, version, operation) => {
    const model = serviceModel(service);
    expect(model).toMatchObject({ service, protocol, apiVersion: version });
    expect(model.operations.get(operation)?.name).toBe(operation);
    expect(serviceModel(service)).toBe(model);
  });

  test('knows what is required', () => {
    const input = serviceModel('rds').operations.get('CreateDBSnapshot')?.input;
    if (input === undefined) throw new Error('CreateDBSnapshot is an operation of rds');
    expect(requiredMembers(input)).toEqual(['DBSnapshotIdentifier', 'DBInstanceIdentifier']);
  });

  test.each([
    ['rds', 'InvalidDBInstanceStateFault', 'InvalidDBInstanceState', 400],
    ['rds', 'InvalidDBInstanceState', 'InvalidDBInstanceState', 400],
    ['rds', 'DBSnapshotNotFoundFault', 'DBSnapshotNotFound', 404],
    ['ssm', 'InvalidInstanceId', 'InvalidInstanceId', undefined],
    ['ssm', 'InternalServerError', 'InternalServerError', 500],
    ['s3', 'NoSuchKey', 'NoSuchKey', 404],
    ['s3', 'NotFound', 'NotFound', undefined],
  ] as const)('%s: %s goes over the wire as %s with status %s', (service, name, code, status) => {
    expect(serviceModel(service).findError(name)).toMatchObject({ code, status });
  });

  test('is refused for a service without an installed client', () => {
    expect(hasModel('sts')).toBe(false);
    expect(() => serviceModel('sts' as ServiceName)).toThrow(
      'no SDK client is installed for the service "sts"',
    );
  });
});

describe('a signature', () => {
  const header = (credential: string) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`,
  });

  test.each([
    [
      'AKIA/20261127/eu-central-1/rds/aws4_request',
      { accessKeyId: 'AKIA', region: 'eu-central-1', scope: 'rds', service: 'rds' },
    ],
    [
      'AKIA/20261127/cn-north-1/email/aws4_request',
      { accessKeyId: 'AKIA', region: 'cn-north-1', scope: 'email', service: 'ses' },
    ],
    [
      'AKIA/20261127/x/toString/aws4_request',
      { accessKeyId: 'AKIA', region: 'x', scope: 'toString', service: undefined },
    ],
  ])('%s', (credential, expected) => {
    expect(readSignature(header(credential))).toEqual(expected);
  });

  test.each([{}, { authorization: 'Bearer x' }, header('AKIA/rds'), header('/20261127/x/rds/aws4_request')])(
    '%j is none',
    (headers) => {
      expect(readSignature(headers as Record<string, string>)).toBeUndefined();
    },
  );
});
