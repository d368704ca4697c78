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
import { GetSendQuotaCommand, MessageRejected, SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { roundTrip } from './round-trip.ts';

const trip = roundTrip();

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
    trip.answer = () => ({ DBSnapshot: snapshot });
    const input = {
      DBSnapshotIdentifier: 'crm-1',
      DBInstanceIdentifier: 'crm',
      Tags: [
        { Key: 'a', Value: '1 & 2=3' },
        { Key: 'b', Value: '' },
      ],
    };

    const output = await trip.client(RDSClient).send(new CreateDBSnapshotCommand(input));

    expect(trip.seen).toEqual(input);
    expect(output.DBSnapshot).toEqual(snapshot);
    expect(output.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('carries lists of lists of names and booleans', async () => {
    trip.answer = () => ({
      DBInstances: [{ DBInstanceIdentifier: 'a' }, { DBInstanceIdentifier: 'b' }],
      Marker: 'm',
    });
    const input = { Filters: [{ Name: 'engine', Values: ['postgres', 'mysql'] }], MaxRecords: 20 };

    const output = await trip.client(RDSClient).send(new DescribeDBInstancesCommand(input));

    expect(trip.seen).toEqual(input);
    expect(output.DBInstances?.map((instance) => instance.DBInstanceIdentifier)).toEqual(['a', 'b']);
    expect(output.Marker).toBe('m');
  });

  test('an empty list goes and comes as one', async () => {
    trip.answer = () => ({ DBSnapshots: [] });

    const output = await trip
      .client(RDSClient)
      .send(new DescribeDBSnapshotsCommand({ Filters: [], IncludeShared: true }));

    expect(trip.seen).toEqual({ Filters: [], IncludeShared: true });
    expect(output.DBSnapshots).toEqual([]);
  });

  test('an operation without output answers nothing', async () => {
    trip.answer = () => undefined;

    const output = await trip
      .client(RDSClient)
      .send(new AddTagsToResourceCommand({ ResourceName: 'arn:aws:rds:::x', Tags: [{ Key: 'k' }] }));

    expect(Object.keys(output)).toEqual(['$metadata']);
  });

  test.each(['DBInstanceNotFoundFault', 'DBInstanceNotFound'])(
    'a modelled error named %s reaches the SDK as its own class',
    async (code) => {
      trip.refuse(code, 'DBInstance <crm> not found.');

      const sent = trip.client(RDSClient).send(new DescribeDBInstancesCommand({}));

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
    trip.refuse('InvalidParameterCombination', 'no', 409);

    await expect(trip.client(RDSClient).send(new DescribeDBInstancesCommand({}))).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
      message: 'no',
      $metadata: { httpStatusCode: 409 },
    });
  });

  test('blobs go in as bytes, numbers come out', async () => {
    const Data = Buffer.from('Subject: x\r\n\r\nBody \u0000 \u00ff', 'latin1');
    trip.answer = () => ({ MessageId: 'id' });
    await trip
      .client(SESClient)
      .send(new SendRawEmailCommand({ RawMessage: { Data }, Destinations: ['a@example.com'] }));
    expect(trip.seen).toEqual({ RawMessage: { Data }, Destinations: ['a@example.com'] });

    trip.answer = () => ({ Max24HourSend: 200, MaxSendRate: 1, SentLast24Hours: 0.5 });
    expect(await trip.client(SESClient).send(new GetSendQuotaCommand({}))).toMatchObject({
      SentLast24Hours: 0.5,
      MaxSendRate: 1,
    });

    trip.refuse('MessageRejected', 'Email address is not verified.');
    await expect(
      trip.client(SESClient).send(new SendRawEmailCommand({ RawMessage: { Data } })),
    ).rejects.toBeInstanceOf(MessageRejected);
  });

  test('any text survives the way there and back', async () => {
    // XML 1.0 cannot carry control characters, and parsers turn a carriage return into a line feed.
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => value.trim() === value);
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        trip.answer = () => ({ DBSnapshot: { DBSnapshotIdentifier: value } });
        const output = await trip
          .client(RDSClient)
          .send(new CreateDBSnapshotCommand({ DBSnapshotIdentifier: value, DBInstanceIdentifier: 'i' }));
        expect(trip.seen).toEqual({ DBSnapshotIdentifier: value, DBInstanceIdentifier: 'i' });
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
    trip.answer = () => ({ Reservations: [{ ReservationId: 'r-1', Instances: [instance] }] });
    const input = {
      InstanceIds: ['i-1', 'i-2'],
      Filters: [{ Name: 'tag:Name', Values: ['web', 'app'] }],
      MaxResults: 50,
    };

    const output = await trip.client(EC2Client).send(new DescribeInstancesCommand(input));

    expect(trip.seen).toEqual(input);
    expect(output.Reservations?.[0]?.Instances).toEqual([instance]);
  });

  test('an output without members is empty, an input may hold structures of one value', async () => {
    trip.answer = () => undefined;

    const output = await trip
      .client(EC2Client)
      .send(
        new ModifyInstanceAttributeCommand({ InstanceId: 'i-1', DisableApiTermination: { Value: false } }),
      );

    expect(trip.seen).toEqual({ InstanceId: 'i-1', DisableApiTermination: { Value: false } });
    expect(Object.keys(output)).toEqual(['$metadata']);
  });

  test('errors have no classes there: the code is the name', async () => {
    trip.refuse('InvalidInstanceID.NotFound', "The instance ID 'i-9' does not exist");

    await expect(
      trip.client(EC2Client).send(new StopInstancesCommand({ InstanceIds: ['i-9'] })),
    ).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
      message: "The instance ID 'i-9' does not exist",
      $metadata: { httpStatusCode: 400 },
    });
  });
});
