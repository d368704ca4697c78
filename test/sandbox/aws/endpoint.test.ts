import { connect } from 'node:net';
import { DescribeDBInstancesCommand, RDSClient, StopDBInstanceCommand } from '@aws-sdk/client-rds';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Endpoint } from '../../../sandbox/aws/endpoint.ts';
import { CallerDirectory } from '../../../sandbox/aws/iam/authorization.ts';
import { AwsError, type Caller, type Operation } from '../../../sandbox/aws/operation.ts';
import type { DeployedFunction } from '../../../sandbox/deployment.ts';
import { FaultInjector } from '../../../sandbox/world/fault-injection.ts';
import type { Fault } from '../../../sandbox/world/faults.ts';
import { clientOptions, NOON, rawRequest, startWorld } from './protocol/world.ts';

const INSTANCE = 'arn:aws:rds:eu-central-1:111122223333:db:crm';

const database: DeployedFunction = {
  step: 'database',
  arn: 'arn:aws:lambda:eu-central-1:111122223333:function:database',
  bundleDirectory: '/nowhere',
  handler: 'index.handler',
  environment: {},
  timeoutSeconds: 60,
  memoryMib: 256,
  role: {
    arn: 'arn:aws:iam::111122223333:role/database',
    statements: [{ Effect: 'Allow', Action: ['rds:StopDBInstance'], Resource: [INSTANCE] }],
  },
  accessKeyId: 'AKIADATABASE',
};

let open: Endpoint | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

/** A world with one operation that counts how often it ran. */
async function stopWorld(
  run: Operation<{ DBInstanceIdentifier: string }, unknown>['run'],
  faults?: FaultInjector,
) {
  const ran = vi.fn(run);
  const world = await startWorld(
    {
      rds: {
        StopDBInstance: {
          resources: (input) => [`${INSTANCE.slice(0, -3)}${input.DBInstanceIdentifier}`],
          run: ran,
        },
      },
    },
    { callers: new CallerDirectory([database]), ...(faults === undefined ? {} : { faults }) },
  );
  open = world.endpoint;
  const stop = (accessKeyId?: string, identifier = 'crm', options = {}) =>
    new RDSClient({ ...clientOptions(world.endpoint.url, accessKeyId), ...options }).send(
      new StopDBInstanceCommand({ DBInstanceIdentifier: identifier }),
    );
  return { ...world, ran, stop };
}

const stopped = () => ({ DBInstance: { DBInstanceStatus: 'stopping' } });

describe('a call', () => {
  test('runs as its caller and is logged in simulated time', async () => {
    const { ran, stop, log } = await stopWorld(stopped);

    const output = await stop('AKIADATABASE');

    expect(output.DBInstance?.DBInstanceStatus).toBe('stopping');
    expect(ran.mock.calls[0]?.[1].caller).toEqual({
      function: 'database',
      principal: 'arn:aws:iam::111122223333:role/database',
    });
    expect(log.calls).toEqual([
      {
        at: '2026-11-27T12:00:00.000Z',
        function: 'database',
        service: 'rds',
        operation: 'StopDBInstance',
        resources: [INSTANCE],
        parameters: { DBInstanceIdentifier: 'crm' },
        outcome: 'ok',
      },
    ]);
  });

  test('that the caller may not make is refused before it runs', async () => {
    const { ran, stop, log } = await stopWorld(stopped);

    await expect(stop('AKIADATABASE', 'other')).rejects.toMatchObject({
      name: 'AccessDenied',
      message:
        'User: arn:aws:sts::111122223333:assumed-role/database/database is not authorized to perform: rds:StopDBInstance on resource: arn:aws:rds:eu-central-1:111122223333:db:other because no identity-based policy allows the rds:StopDBInstance action',
      $metadata: { httpStatusCode: 403 },
    });
    expect(ran).not.toHaveBeenCalled();
    expect(log.calls.map(({ outcome }) => outcome)).toEqual(['AccessDenied']);
  });

  test('of nobody is refused', async () => {
    const { stop, ran, log } = await stopWorld(stopped);
    await expect(stop('AKIANOBODY')).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    expect(ran).not.toHaveBeenCalled();
    expect(log.calls[0]).toMatchObject({ function: 'unknown', outcome: 'InvalidClientTokenId' });
  });

  test('without a signature, or of a service that is not played, is refused', async () => {
    const { endpoint } = await stopWorld(stopped);

    const unsigned = await fetch(endpoint.url, { method: 'POST', body: 'Action=StopDBInstance' });
    const foreign = await rawRequest(endpoint.url, 'dynamodb', {});

    expect(unsigned.status).toBe(403);
    expect(await unsigned.text()).toContain('MissingAuthenticationToken');
    expect(foreign.status).toBe(501);
    expect(endpoint.defects.map(({ message }) => message)).toEqual([
      'dynamodb: the sandbox does not play the service "dynamodb"',
    ]);
  });

  test('answers with the simulated date', async () => {
    const { endpoint } = await stopWorld(stopped);
    const { headers } = await rawRequest(endpoint.url, 'rds', { body: 'Action=StopDBInstance' });
    expect(headers.date).toBe(new Date(NOON).toUTCString());
  });

  test('of an operation that the sandbox lacks is refused and reported', async () => {
    const { endpoint } = await stopWorld(stopped);
    const client = new RDSClient(clientOptions(endpoint.url));

    await expect(client.send(new DescribeDBInstancesCommand({}))).rejects.toMatchObject({
      name: 'InvalidAction',
    });
    expect(endpoint.defects.map(({ message }) => message)).toEqual([
      'rds DescribeDBInstances: called by operator, and the sandbox does not play it',
    ]);
  });
});

describe('an operation', () => {
  test.each([
    [
      'throws a plain error',
      () => {
        throw new Error('row 7 is odd');
      },
      'rds StopDBInstance called by operator: row 7 is odd',
    ],
    [
      'answers an unknown member',
      () => ({ DBInstance: { Sttus: 'x' } }),
      'rds StopDBInstance called by operator: answered a shape AWS does not know: DBInstance.Sttus: unknown member',
    ],
    [
      'answers a wrong type',
      () => ({ DBInstance: { AllocatedStorage: '20' } }),
      'rds StopDBInstance called by operator: answered a shape AWS does not know: DBInstance.AllocatedStorage: expected a number, got a string',
    ],
    [
      'answers an invalid date',
      () => ({ DBInstance: { InstanceCreateTime: new Date(Number.NaN) } }),
      'rds StopDBInstance called by operator: answered a shape AWS does not know: DBInstance.InstanceCreateTime: expected a timestamp, got a object',
    ],
  ])('that %s is a defect: answered 500, reported once', async (_, run, defect) => {
    const { endpoint, stop } = await stopWorld(run);

    await expect(stop()).rejects.toMatchObject({
      name: 'InternalFailure',
      $metadata: { httpStatusCode: 500 },
    });
    await expect(stop()).rejects.toMatchObject({ name: 'InternalFailure' });

    expect(endpoint.defects.map(({ message }) => message)).toEqual([defect]);
  });

  test('that throws an AwsError is no defect', async () => {
    const { endpoint, stop, log } = await stopWorld(() => {
      throw new AwsError('InvalidDBInstanceState', 'Instance crm is not in available state.');
    });

    await expect(stop()).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
    expect(endpoint.defects).toEqual([]);
    expect(log.calls[0]?.outcome).toBe('InvalidDBInstanceStateFault');
  });
});

describe('a fault', () => {
  const fault = (kind: string, more = {}): Fault =>
    ({ service: 'rds', operation: 'StopDBInstance', nth: 1, times: 1, kind, ...more }) as Fault;

  test.each([
    ['throttle', 'ThrottlingException', 400],
    ['error', 'InternalFailure', 500],
  ])('%s answers %s in place of the call', async (kind, name, httpStatusCode) => {
    const { stop, ran, log } = await stopWorld(stopped, new FaultInjector([fault(kind)]));

    await expect(stop()).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });

    expect(ran).not.toHaveBeenCalled();
    expect(log.calls[0]).toMatchObject({ outcome: name, fault: kind });
    await expect(stop()).resolves.toBeDefined();
  });

  test.each([
    ['drop-before', 0, 'ConnectionReset'],
    ['drop-after', 1, 'ok'],
  ])('%s cuts the connection when the call ran %d times', async (kind, times, outcome) => {
    const { stop, ran, log } = await stopWorld(stopped, new FaultInjector([fault(kind)]));

    await expect(stop()).rejects.toMatchObject({ code: 'ECONNRESET' });

    expect(ran).toHaveBeenCalledTimes(times);
    expect(log.calls[0]).toMatchObject({ outcome, fault: kind });
  });

  test('is over for the SDK when it tries again', async () => {
    const { stop, ran } = await stopWorld(stopped, new FaultInjector([fault('throttle', { times: 2 })]));
    await expect(stop(undefined, 'crm', { maxAttempts: 3 })).resolves.toBeDefined();
    expect(ran).toHaveBeenCalledTimes(1);
  });

  test('slow runs the call and answers after the client gave up', async () => {
    const faults = new FaultInjector([fault('slow')], { slowMilliseconds: 60_000 });
    const { stop, ran } = await stopWorld(stopped, faults);

    await expect(
      stop(undefined, 'crm', { requestHandler: { requestTimeout: 50, throwOnRequestTimeout: true } }),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(ran).toHaveBeenCalledTimes(1);
  });

  test('slow answers a patient client in the end', async () => {
    const { stop } = await stopWorld(stopped, new FaultInjector([fault('slow')], { slowMilliseconds: 20 }));
    await expect(stop()).resolves.toMatchObject({ DBInstance: { DBInstanceStatus: 'stopping' } });
  });

  test('kill-function runs the call, ends the caller and cuts the connection', async () => {
    const killed: Caller[] = [];
    const faults = new FaultInjector([fault('kill-function')], { kill: (caller) => killed.push(caller) });
    const { stop, ran } = await stopWorld(stopped, faults);

    await expect(stop('AKIADATABASE')).rejects.toMatchObject({ code: 'ECONNRESET' });

    expect(ran).toHaveBeenCalledTimes(1);
    expect(killed.map((caller) => caller.function)).toEqual(['database']);
  });
});

test('a client that goes away in the middle of its request leaves no defect behind', async () => {
  const { endpoint, stop } = await stopWorld(stopped);
  const socket = connect(Number(new URL(endpoint.url).port), '127.0.0.1');
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nAction=');
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.destroy();
  });

  await expect(stop()).resolves.toBeDefined();
  expect(endpoint.defects).toEqual([]);
});
