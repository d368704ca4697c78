import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
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
import { describe, expect, test } from 'vitest';
import { roundTrip } from './round-trip.ts';

const trip = roundTrip();

describe('AWS JSON 1.0 and 1.1', () => {
  test('carries maps of lists in, and timestamps out', async () => {
    const RequestedDateTime = new Date('2026-11-27T22:00:01.500Z');
    trip.answer = () => ({
      Command: { CommandId: 'c', RequestedDateTime, InstanceIds: [], TimeoutSeconds: 60 },
    });
    const input = {
      DocumentName: 'd',
      InstanceIds: ['i-1'],
      Parameters: { Services: ['a', 'b'], Action: ['stop'] },
    };

    const output = await trip.client(SSMClient).send(new SendCommandCommand(input));

    expect(trip.seen).toEqual(input);
    expect(output.Command).toEqual({
      CommandId: 'c',
      RequestedDateTime,
      InstanceIds: [],
      TimeoutSeconds: 60,
    });
  });

  test('carries blobs', async () => {
    trip.answer = () => ({ SecretBinary: new Uint8Array([0, 255, 10]) });
    const output = await trip.client(SecretsManagerClient).send(new GetSecretValueCommand({ SecretId: 's' }));
    expect([...(output.SecretBinary ?? [])]).toEqual([0, 255, 10]);
  });

  test('an empty output is empty', async () => {
    trip.answer = () => undefined;
    const output = await trip
      .client(SFNClient)
      .send(new SendTaskSuccessCommand({ taskToken: 't', output: '{}' }));
    expect(trip.seen).toEqual({ taskToken: 't', output: '{}' });
    expect(Object.keys(output)).toEqual(['$metadata']);
  });

  test.each([
    [
      'InvocationDoesNotExist',
      InvocationDoesNotExist,
      () =>
        trip
          .client(SSMClient)
          .send(new GetCommandInvocationCommand({ CommandId: 'c'.repeat(36), InstanceId: 'i-1' })),
    ],
    [
      'ResourceNotFoundException',
      ResourceNotFoundException,
      () => trip.client(SecretsManagerClient).send(new GetSecretValueCommand({ SecretId: 's' })),
    ],
    [
      'ExecutionDoesNotExist',
      ExecutionDoesNotExist,
      () => trip.client(SFNClient).send(new DescribeExecutionCommand({ executionArn: 'arn' })),
    ],
  ])('%s reaches the SDK as its own class', async (code, Class, send) => {
    trip.refuse(code, 'what was wrong');
    const sent = send();
    await expect(sent).rejects.toBeInstanceOf(Class);
    await expect(sent).rejects.toMatchObject({ name: code, message: 'what was wrong' });
  });

  test('any text survives the way there and back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (value) => {
        trip.answer = () => ({ SecretString: value });
        const output = await trip
          .client(SecretsManagerClient)
          .send(new GetSecretValueCommand({ SecretId: value }));
        expect(trip.seen).toEqual({ SecretId: value });
        expect(output.SecretString).toBe(value);
      }),
      { numRuns: 50 },
    );
  });
});
