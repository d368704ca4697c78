import { DeleteDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Endpoint } from '../../../../sandbox/aws/endpoint.ts';
import type { Operation } from '../../../../sandbox/aws/operation.ts';
import { clientOptions, rawRequest, startWorld } from './world.ts';

const neverCalled: Operation<unknown, unknown> = {
  resources: () => {
    throw new Error('a refused request reached the operation');
  },
  run: () => undefined,
};

let endpoint: Endpoint;
beforeAll(async () => {
  const world = await startWorld({
    rds: { CreateDBSnapshot: neverCalled, DeleteDBInstance: neverCalled, DescribeDBInstances: neverCalled },
    ec2: { StopInstances: neverCalled, DescribeInstances: neverCalled },
    ssm: { SendCommand: neverCalled, PutParameter: neverCalled },
    ses: { SendRawEmail: neverCalled },
    states: { StartExecution: neverCalled },
    secretsmanager: { GetSecretValue: neverCalled },
    s3: { ListObjectsV2: neverCalled, PutObject: neverCalled },
  });
  endpoint = world.endpoint;
});
afterAll(async () => {
  await endpoint.close();
  expect(endpoint.defects).toEqual([]);
});

const RDS = 'Version=2014-10-31';
const EC2 = 'Version=2016-11-15';
const SES = 'Version=2010-12-01';

test.each([
  [
    'rds',
    `Action=DestroyAll&${RDS}`,
    400,
    'InvalidAction',
    'Could not find operation DestroyAll for version 2014-10-31',
  ],
  ['rds', 'Action=DescribeDBInstances&Version=2000-01-01', 400, 'InvalidAction', 'DescribeDBInstances'],
  ['rds', 'Version=2014-10-31', 400, 'MissingAction', 'Action'],
  [
    'rds',
    `Action=CreateDBSnapshot&${RDS}&DBSnapshotIdentifier=a`,
    400,
    'MissingParameter',
    'The request must contain the parameter DBInstanceIdentifier',
  ],
  [
    'rds',
    `Action=CreateDBSnapshot&${RDS}&DBSnapshotIdentifier=a&DBInstanceIdentifier=b&Encrypt=true`,
    400,
    'InvalidQueryParameter',
    'Encrypt is not recognized',
  ],
  [
    'rds',
    `Action=CreateDBSnapshot&${RDS}&DBSnapshotIdentifier=a&DBInstanceIdentifier=b&Tags.Tag.1.Kay=x`,
    400,
    'InvalidQueryParameter',
    'Tags.1.Kay is not recognized',
  ],
  [
    'rds',
    `Action=CreateDBSnapshot&${RDS}&DBSnapshotIdentifier=a&DBInstanceIdentifier=b&Tags.Teg.1.Key=x`,
    400,
    'InvalidQueryParameter',
    'Tags.Teg is not recognized',
  ],
  [
    'rds',
    `Action=CreateDBSnapshot&${RDS}&DBSnapshotIdentifier.x=a&DBInstanceIdentifier=b`,
    400,
    'InvalidParameterValue',
    'DBSnapshotIdentifier: must be a string',
  ],
  [
    'rds',
    `Action=DescribeDBInstances&${RDS}&MaxRecords=twenty`,
    400,
    'InvalidParameterValue',
    'Invalid value "twenty" for parameter MaxRecords: must be a number',
  ],
  [
    'rds',
    `Action=DescribeDBInstances&${RDS}&Filters=x`,
    400,
    'InvalidParameterValue',
    'Filters: must be a list',
  ],
  [
    'rds',
    `Action=DescribeDBInstances&${RDS}&Filters.Filter.1.Name=engine`,
    400,
    'MissingParameter',
    'Filters.1.Values',
  ],
  [
    'rds',
    `Action=DeleteDBInstance&${RDS}&DBInstanceIdentifier=x&SkipFinalSnapshot=yes`,
    400,
    'InvalidParameterValue',
    'SkipFinalSnapshot: must be true or false',
  ],
  [
    'ec2',
    `Action=StopInstances&${EC2}`,
    400,
    'MissingParameter',
    'The request must contain the parameter InstanceIds',
  ],
  [
    'ec2',
    `Action=StopInstances&${EC2}&InstanceId.1=i-1&Fource=true`,
    400,
    'UnknownParameter',
    'The parameter Fource is not recognized',
  ],
  ['ec2', `Action=StopInstances&${EC2}&InstanceId.one=i-1`, 400, 'UnknownParameter', 'InstanceIds.one'],
  [
    'ec2',
    `Action=NoSuch&${EC2}`,
    400,
    'InvalidAction',
    'The action NoSuch is not valid for this web service.',
  ],
  [
    'ec2',
    `Action=DescribeInstances&${EC2}&MaxResults=1x`,
    400,
    'InvalidParameterValue',
    'MaxResults: must be a number',
  ],
  [
    'email',
    `Action=SendRawEmail&${SES}`,
    400,
    'ValidationError',
    "1 validation error detected: Value null at 'rawMessage' failed to satisfy constraint: Member must not be null",
  ],
  [
    'email',
    `Action=SendRawEmail&${SES}&RawMessage.Data=%21%21`,
    400,
    'InvalidParameterValue',
    'RawMessage.Data: must be base64',
  ],
])('%s refuses %s', async (service, body, status, code, message) => {
  const answered = await rawRequest(endpoint.url, service, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });

  expect(answered.status).toBe(status);
  expect(answered.text).toContain(`<Code>${code}</Code>`);
  expect(answered.text).toContain(message);
});

const target = { ssm: 'AmazonSSM', states: 'AWSStepFunctions', secretsmanager: 'secretsmanager' };

test.each([
  ['ssm', 'DestroyAll', {}, 'UnknownOperationException', 'AmazonSSM.DestroyAll'],
  [
    'ssm',
    'SendCommand',
    {},
    'ValidationException',
    "1 validation error detected: Value null at 'documentName' failed to satisfy constraint: Member must not be null",
  ],
  ['ssm', 'SendCommand', { DocumentName: null }, 'ValidationException', "'documentName'"],
  ['ssm', 'PutParameter', {}, 'ValidationException', '2 validation errors detected'],
  [
    'ssm',
    'PutParameter',
    { Name: 'n', Value: 'v', Tags: [{ Key: 'k' }] },
    'ValidationException',
    "'tags.1.member.value'",
  ],
  [
    'ssm',
    'SendCommand',
    { DocumentName: 'd', Parametres: {} },
    'ValidationException',
    'Unknown parameter in input: "Parametres"',
  ],
  [
    'ssm',
    'SendCommand',
    { DocumentName: 'd', Targets: [{ Kee: 'x' }] },
    'ValidationException',
    '"Targets.1.Kee"',
  ],
  [
    'ssm',
    'SendCommand',
    { DocumentName: 7 },
    'SerializationException',
    'NUMBER_VALUE can not be converted to a string (DocumentName)',
  ],
  [
    'ssm',
    'SendCommand',
    { DocumentName: 'd', InstanceIds: 'i-1' },
    'SerializationException',
    'STRING_VALUE can not be converted to a list (InstanceIds)',
  ],
  [
    'ssm',
    'SendCommand',
    { DocumentName: 'd', Parameters: { Action: 'stop' } },
    'SerializationException',
    '(Parameters.Action)',
  ],
  ['ssm', 'SendCommand', [], 'SerializationException', 'START_ARRAY can not be converted to a structure'],
  ['states', 'StartExecution', { StateMachineArn: 'x' }, 'ValidationException', 'stateMachineArn'],
  ['secretsmanager', 'GetSecretValue', { SecretId: true }, 'SerializationException', 'TRUE_VALUE'],
] as const)('%s refuses %s %j', async (service, operation, body, type, message) => {
  const answered = await rawRequest(endpoint.url, service, {
    headers: { 'x-amz-target': `${target[service]}.${operation}` },
    body: JSON.stringify(body),
  });

  expect(answered.status).toBe(400);
  const { __type, message: lower, Message: upper } = JSON.parse(answered.text);
  expect(__type).toBe(type);
  // A modelled error of SSM spells its message in upper case; the SDK reads both.
  expect(lower ?? upper).toContain(message);
});

test('a JSON body that is none is refused', async () => {
  const answered = await rawRequest(endpoint.url, 'ssm', {
    headers: { 'x-amz-target': 'AmazonSSM.SendCommand' },
    body: '{"DocumentName":',
  });
  expect(JSON.parse(answered.text)).toMatchObject({ __type: 'SerializationException' });
});

test.each([
  ['GET', '/bucket?list-type=2&max-keys=many', 400, 'InvalidArgument', 'MaxKeys'],
  ['GET', '/bucket?list-type=2&prefiks=x', 400, 'InvalidArgument', 'prefiks is not recognized'],
  ['PATCH', '/bucket/key', 405, 'MethodNotAllowed', 'not allowed'],
  ['PUT', '/bucket/%E0%A4%A', 400, 'InvalidURI', 'specified URI'],
])('s3 refuses %s %s', async (method, path, status, code, message) => {
  const answered = await rawRequest(endpoint.url, 's3', { method, path });
  expect(answered.status).toBe(status);
  expect(answered.text).toContain(`<Code>${code}</Code>`);
  expect(answered.text).toContain(message);
});

test('the SDK throws what was refused', async () => {
  const rds = new RDSClient(clientOptions(endpoint.url));
  const incomplete = { SkipFinalSnapshot: true } as ConstructorParameters<typeof DeleteDBInstanceCommand>[0];

  await expect(rds.send(new DeleteDBInstanceCommand(incomplete))).rejects.toMatchObject({
    name: 'MissingParameter',
    message: 'The request must contain the parameter DBInstanceIdentifier',
    $metadata: { httpStatusCode: 400 },
  });
});
