import {
  DescribeInstancesCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  AddTagsToResourceCommand,
  CreateDBSnapshotCommand,
  DBInstanceNotFoundFault,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetSendQuotaCommand, MessageRejected, SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  SendTaskSuccessCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import {
  GetCommandInvocationCommand,
  InvocationDoesNotExist,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../../../sandbox/endpoint.ts';
import { AwsError, type Operation, type ServiceOperations } from '../../../sandbox/operation.ts';
import { clientOptions, startWorld } from './world.ts';

/** What the operation was given, and what it shall answer: set by each test. */
let seen: unknown;
let answer: () => unknown;

const operation: Operation<unknown, unknown> = {
  resources: () => ['*'],
  run: (input) => {
    seen = input;
    return answer();
  },
};
const named = (...names: string[]): ServiceOperations =>
  Object.fromEntries(names.map((name) => [name, operation]));

let endpoint: Endpoint;
beforeAll(async () => {
  const world = await startWorld({
    rds: named('CreateDBSnapshot', 'AddTagsToResource', 'DescribeDBInstances', 'DescribeDBSnapshots'),
    ec2: named('DescribeInstances', 'StopInstances', 'ModifyInstanceAttribute'),
    ssm: named('SendCommand', 'GetCommandInvocation'),
    ses: named('SendRawEmail', 'GetSendQuota'),
    secretsmanager: named('GetSecretValue'),
    states: named('DescribeExecution', 'SendTaskSuccess'),
  });
  endpoint = world.endpoint;
});
afterAll(async () => {
  await endpoint.close();
  expect(endpoint.defects).toEqual([]);
});

const rds = () => new RDSClient(clientOptions(endpoint.url));
const ec2 = () => new EC2Client(clientOptions(endpoint.url));
const ssm = () => new SSMClient(clientOptions(endpoint.url));
const ses = () => new SESClient(clientOptions(endpoint.url));
const sfn = () => new SFNClient(clientOptions(endpoint.url));
const secrets = () => new SecretsManagerClient(clientOptions(endpoint.url));

const refuse = (...error: ConstructorParameters<typeof AwsError>) => {
  answer = () => {
    throw new AwsError(...error);
  };
};

describe('AWS Query (rds, ses)', () => {
  test('carries lists of structures in, and nested structures, lists and timestamps out', async () => {
    const snapshot = {
      DBSnapshotIdentifier: 'crm-1',
      SnapshotCreateTime: new Date('2026-11-27T22:00:00.250Z'),
      OriginalSnapshotCreateTime: new Date('2026-11-27T22:00:00Z'),
      AllocatedStorage: 20,
      Encrypted: false,
      TagList: [{ Key: 'lights-out:system', Value: 'crm & <more> "quoted" 客户' }],
      ProcessorFeatures: [],
    };
    answer = () => ({ DBSnapshot: snapshot });
    const input = {
      DBSnapshotIdentifier: 'crm-1',
      DBInstanceIdentifier: 'crm',
      Tags: [
        { Key: 'a', Value: '1 & 2=3' },
        { Key: 'b', Value: '' },
      ],
    };

    const output = await rds().send(new CreateDBSnapshotCommand(input));

    expect(seen).toEqual(input);
    expect(output.DBSnapshot).toEqual(snapshot);
    expect(output.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('carries lists of lists of names and booleans', async () => {
    answer = () => ({
      DBInstances: [{ DBInstanceIdentifier: 'a' }, { DBInstanceIdentifier: 'b' }],
      Marker: 'm',
    });
    const input = { Filters: [{ Name: 'engine', Values: ['postgres', 'mysql'] }], MaxRecords: 20 };

    const output = await rds().send(new DescribeDBInstancesCommand(input));

    expect(seen).toEqual(input);
    expect(output.DBInstances?.map((instance) => instance.DBInstanceIdentifier)).toEqual(['a', 'b']);
    expect(output.Marker).toBe('m');
  });

  test('an empty list goes and comes as one', async () => {
    answer = () => ({ DBSnapshots: [] });

    const output = await rds().send(new DescribeDBSnapshotsCommand({ Filters: [], IncludeShared: true }));

    expect(seen).toEqual({ Filters: [], IncludeShared: true });
    expect(output.DBSnapshots).toEqual([]);
  });

  test('an operation without output answers nothing', async () => {
    answer = () => undefined;

    const output = await rds().send(
      new AddTagsToResourceCommand({ ResourceName: 'arn:aws:rds:::x', Tags: [{ Key: 'k' }] }),
    );

    expect(Object.keys(output)).toEqual(['$metadata']);
  });

  test.each(['DBInstanceNotFoundFault', 'DBInstanceNotFound'])(
    'a modelled error named %s reaches the SDK as its own class',
    async (code) => {
      refuse(code, 'DBInstance <crm> not found.');

      const sent = rds().send(new DescribeDBInstancesCommand({}));

      await expect(sent).rejects.toBeInstanceOf(DBInstanceNotFoundFault);
      await expect(sent).rejects.toMatchObject({
        name: 'DBInstanceNotFoundFault',
        message: 'DBInstance <crm> not found.',
        Code: 'DBInstanceNotFound',
        $metadata: { httpStatusCode: 404 },
      });
    },
  );

  test('an error that is not modelled keeps its code and status', async () => {
    refuse('InvalidParameterCombination', 'no', 409);

    await expect(rds().send(new DescribeDBInstancesCommand({}))).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
      message: 'no',
      $metadata: { httpStatusCode: 409 },
    });
  });

  test('blobs go in as bytes, numbers come out', async () => {
    const Data = Buffer.from('Subject: x\r\n\r\nBody \u0000 \u00ff', 'latin1');
    answer = () => ({ MessageId: 'id' });
    await ses().send(new SendRawEmailCommand({ RawMessage: { Data }, Destinations: ['a@example.com'] }));
    expect(seen).toEqual({ RawMessage: { Data }, Destinations: ['a@example.com'] });

    answer = () => ({ Max24HourSend: 200, MaxSendRate: 1, SentLast24Hours: 0.5 });
    expect(await ses().send(new GetSendQuotaCommand({}))).toMatchObject({
      SentLast24Hours: 0.5,
      MaxSendRate: 1,
    });

    refuse('MessageRejected', 'Email address is not verified.');
    await expect(ses().send(new SendRawEmailCommand({ RawMessage: { Data } }))).rejects.toBeInstanceOf(
      MessageRejected,
    );
  });

  test('any text survives the way there and back', async () => {
    // XML 1.0 cannot carry control characters, and parsers turn a carriage return into a line feed.
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => value.trim() === value);
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        answer = () => ({ DBSnapshot: { DBSnapshotIdentifier: value } });
        const output = await rds().send(
          new CreateDBSnapshotCommand({ DBSnapshotIdentifier: value, DBInstanceIdentifier: 'i' }),
        );
        expect(seen).toEqual({ DBSnapshotIdentifier: value, DBInstanceIdentifier: 'i' });
        expect(output.DBSnapshot?.DBSnapshotIdentifier).toBe(value);
      }),
      { numRuns: 50 },
    );
  });
});

describe('EC2 Query', () => {
  test('carries flat lists in and nested lists out', async () => {
    const instance = {
      InstanceId: 'i-1',
      State: { Code: 16, Name: 'running' as const },
      Tags: [{ Key: 'Name', Value: 'web' }],
      LaunchTime: new Date('2026-01-02T03:04:05Z'),
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { VolumeId: 'vol-1', DeleteOnTermination: true } },
      ],
      SecurityGroups: [],
    };
    answer = () => ({ Reservations: [{ ReservationId: 'r-1', Instances: [instance] }] });
    const input = {
      InstanceIds: ['i-1', 'i-2'],
      Filters: [{ Name: 'tag:Name', Values: ['web', 'app'] }],
      MaxResults: 50,
    };

    const output = await ec2().send(new DescribeInstancesCommand(input));

    expect(seen).toEqual(input);
    expect(output.Reservations?.[0]?.Instances).toEqual([instance]);
  });

  test('an output without members is empty, an input may hold structures of one value', async () => {
    answer = () => undefined;

    const output = await ec2().send(
      new ModifyInstanceAttributeCommand({ InstanceId: 'i-1', DisableApiTermination: { Value: false } }),
    );

    expect(seen).toEqual({ InstanceId: 'i-1', DisableApiTermination: { Value: false } });
    expect(Object.keys(output)).toEqual(['$metadata']);
  });

  test('errors have no classes there: the code is the name', async () => {
    refuse('InvalidInstanceID.NotFound', "The instance ID 'i-9' does not exist");

    await expect(ec2().send(new StopInstancesCommand({ InstanceIds: ['i-9'] }))).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
      message: "The instance ID 'i-9' does not exist",
      $metadata: { httpStatusCode: 400 },
    });
  });
});

describe('AWS JSON 1.0 and 1.1', () => {
  test('carries maps of lists in, and timestamps out', async () => {
    const RequestedDateTime = new Date('2026-11-27T22:00:01.500Z');
    answer = () => ({ Command: { CommandId: 'c', RequestedDateTime, InstanceIds: [], TimeoutSeconds: 60 } });
    const input = {
      DocumentName: 'd',
      InstanceIds: ['i-1'],
      Parameters: { Services: ['a', 'b'], Action: ['stop'] },
    };

    const output = await ssm().send(new SendCommandCommand(input));

    expect(seen).toEqual(input);
    expect(output.Command).toEqual({
      CommandId: 'c',
      RequestedDateTime,
      InstanceIds: [],
      TimeoutSeconds: 60,
    });
  });

  test('carries blobs', async () => {
    answer = () => ({ SecretBinary: new Uint8Array([0, 255, 10]) });
    const output = await secrets().send(new GetSecretValueCommand({ SecretId: 's' }));
    expect([...(output.SecretBinary ?? [])]).toEqual([0, 255, 10]);
  });

  test('an empty output is empty', async () => {
    answer = () => undefined;
    const output = await sfn().send(new SendTaskSuccessCommand({ taskToken: 't', output: '{}' }));
    expect(seen).toEqual({ taskToken: 't', output: '{}' });
    expect(Object.keys(output)).toEqual(['$metadata']);
  });

  test.each([
    [
      'InvocationDoesNotExist',
      InvocationDoesNotExist,
      () => ssm().send(new GetCommandInvocationCommand({ CommandId: 'c'.repeat(36), InstanceId: 'i-1' })),
    ],
    [
      'ResourceNotFoundException',
      ResourceNotFoundException,
      () => secrets().send(new GetSecretValueCommand({ SecretId: 's' })),
    ],
    [
      'ExecutionDoesNotExist',
      ExecutionDoesNotExist,
      () => sfn().send(new DescribeExecutionCommand({ executionArn: 'arn' })),
    ],
  ])('%s reaches the SDK as its own class', async (code, Class, send) => {
    refuse(code, 'what was wrong');
    const sent = send();
    await expect(sent).rejects.toBeInstanceOf(Class);
    await expect(sent).rejects.toMatchObject({ name: code, message: 'what was wrong' });
  });

  test('any text survives the way there and back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (value) => {
        answer = () => ({ SecretString: value });
        const output = await secrets().send(new GetSecretValueCommand({ SecretId: value }));
        expect(seen).toEqual({ SecretId: value });
        expect(output.SecretString).toBe(value);
      }),
      { numRuns: 50 },
    );
  });
});
