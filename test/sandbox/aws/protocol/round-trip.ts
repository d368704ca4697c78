import { afterAll, beforeAll, expect } from 'vitest';
import { AwsError, type Operation, type ServiceOperations } from '../../../../sandbox/aws/operation.ts';
import { clientOptions, startWorld } from './world.ts';

/** Operations that answer what a test says, and SDK clients that call them over an endpoint. */
export interface RoundTrip {
  /** What the last called operation was given. */
  readonly seen: unknown;
  /** What an operation answers. */
  answer: () => unknown;
  /** Lets an operation refuse by this error. */
  refuse(...error: ConstructorParameters<typeof AwsError>): void;
  /** An SDK client to the endpoint. */
  client<Client>(Client: new (options: ReturnType<typeof clientOptions>) => Client): Client;
}

/** Starts one for all tests of a file; in the end, the endpoint must have found no defect. */
export function roundTrip(): RoundTrip {
  let seen: unknown;
  let url = '';
  const operation: Operation<unknown, unknown> = {
    resources: () => ['*'],
    run: (input) => {
      seen = input;
      return trip.answer();
    },
  };
  const named = (...names: string[]): ServiceOperations =>
    Object.fromEntries(names.map((name) => [name, operation]));

  let stop: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    const { endpoint } = await startWorld({
      rds: named('CreateDBSnapshot', 'AddTagsToResource', 'DescribeDBInstances', 'DescribeDBSnapshots'),
      ec2: named('DescribeInstances', 'StopInstances', 'ModifyInstanceAttribute'),
      ssm: named('SendCommand', 'GetCommandInvocation'),
      ses: named('SendRawEmail', 'GetSendQuota'),
      secretsmanager: named('GetSecretValue'),
      states: named('DescribeExecution', 'SendTaskSuccess'),
    });
    url = endpoint.url;
    stop = async () => {
      await endpoint.close();
      expect(endpoint.defects).toEqual([]);
    };
  });
  afterAll(async () => stop?.());

  const trip: RoundTrip = {
    get seen() {
      return seen;
    },
    answer: () => undefined,
    refuse(...error) {
      trip.answer = () => {
        throw new AwsError(...error);
      };
    },
    client: (Client) => new Client(clientOptions(url)),
  };
  return trip;
}
