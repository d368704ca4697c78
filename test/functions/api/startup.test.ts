import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/api/handler.ts';
import { inputHash } from '../../../functions/guard/requests.ts';
import { allowNothing, awsError, Bucket, deployConfiguration, execution, systemInput } from '../fixtures.ts';

const sfn = mockClient(SFNClient);
const ALICE = 'arn:aws:iam::123456789012:user/alice';
const SHUTDOWN = 'arn:aws:states:eu-central-1:123456789012:stateMachine:LightsOut-crm-Shutdown';
const STARTUP = SHUTDOWN.replace('Shutdown', 'Startup');
let bucket: Bucket;

const call = async (routeKey: string, pathParameters: object, body: unknown, headers: object = {}) => {
  const answer = await handler({
    routeKey,
    pathParameters,
    headers,
    body: JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: { authorizer: { iam: { userArn: ALICE } } },
  } as never);
  return { status: answer.statusCode, body: JSON.parse(answer.body ?? '{}') };
};
const start = (body: unknown = {}, system = 'crm', headers = {}) =>
  call('POST /systems/{name}/startups', { name: system }, body, headers);
const started = () => sfn.commandCalls(StartExecutionCommand).map((each) => each.args[0].input);

allowNothing(sfn);
beforeEach(() => {
  vi.stubEnv('SYSTEM_NAME', 'crm');
  vi.stubEnv('STATE_MACHINE_ARN', SHUTDOWN);
  vi.stubEnv('STARTUP_ARN', STARTUP);
  bucket = new Bucket();
  deployConfiguration(JSON.stringify(systemInput()));
  sfn.on(StartExecutionCommand).resolves({});
});

describe('starting a start-up', () => {
  it('answers 202, and has recorded who asked before it starts anything', async () => {
    let recorded: unknown;
    sfn.on(StartExecutionCommand).callsFake(({ name }: { name: string }) => {
      recorded = bucket.read(`requests/${name}`);
      return {};
    });
    const input = { backAt: '2026-11-28T08:00:00+08:00', acceptDifferences: 'a migration' };
    const { status, body } = await start(input);

    expect({ status, body }).toEqual({
      status: 202,
      body: { run: expect.stringMatching(/^startup-/), statusUrl: `/runs/${body.run}` },
    });
    expect(started()).toEqual([{ stateMachineArn: STARTUP, name: body.run, input: JSON.stringify(input) }]);
    expect(recorded).toMatchObject({
      executionArn: `${STARTUP.replace(':stateMachine:', ':execution:')}:${body.run}`,
      inputSha256: inputHash(input),
      requester: { id: ALICE },
    });
  });

  it('starts nothing twice with one idempotency key', async () => {
    const key = { 'idempotency-key': 'monday' };
    const first = await start({}, 'crm', key);
    sfn.on(StartExecutionCommand).rejects(awsError('ExecutionAlreadyExists'));
    sfn.on(DescribeExecutionCommand).resolves({ input: '{}' });

    expect(await start({}, 'crm', key)).toEqual(first);
    expect(await start({ reason: 'another' }, 'crm', key)).toMatchObject({ status: 409 });
  });

  it.each([
    ['who asked', { requestedBy: 'somebody else' }, 'crm', 400, /body\.requestedBy: unknown key/],
    ['a key of the shutdown', { verification: 'none' }, 'crm', 400, /body\.verification: unknown key/],
    ['no reason to accept differences', { acceptDifferences: '' }, 'crm', 400, /body\.acceptDifferences/],
    ['a time without offset', { backAt: '2026-11-28T08:00:00' }, 'crm', 400, /body\.backAt/],
    ['another system in the body', { system: 'erp' }, 'crm', 400, /body\.system: expected "crm"/],
    ['another system', {}, 'erp', 404, /erp/],
  ])('is refused for %s', async (_case, body, system, status, words) => {
    const answer = await start(body, system);

    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).toMatch(new RegExp(words.source.replaceAll('"', '\\\\?"')));
    expect(started()).toEqual([]);
  });
});

describe('the status of a start-up', () => {
  const ARN = `${STARTUP.replace(':stateMachine:', ':execution:')}:startup-1`;
  const get = () => call('GET /runs/{id}', { id: 'startup-1' }, {});
  const found = (more: object) => ({ startDate: new Date(execution.startTime), ...more }) as never;

  it('is found by its name alone, with its kind and its outcome', async () => {
    sfn.on(DescribeExecutionCommand).rejects(awsError('ExecutionDoesNotExist'));
    sfn
      .on(DescribeExecutionCommand, { executionArn: ARN })
      .resolves(found({ status: 'SUCCEEDED', output: '{"report":{"outcome":"already-on"}}' }));

    expect(await get()).toMatchObject({
      status: 200,
      body: {
        run: 'startup-1',
        action: 'startup',
        status: 'SUCCEEDED',
        outcome: 'already-on',
        runId: expect.stringMatching(/^20261127-1330-/),
      },
    });
  });

  it('has the error that it ended with', async () => {
    sfn.on(DescribeExecutionCommand).rejects(awsError('ExecutionDoesNotExist'));
    sfn
      .on(DescribeExecutionCommand, { executionArn: ARN })
      .resolves(found({ status: 'FAILED', error: 'DataChanged', cause: 'crm: t' }));

    expect(await get()).toMatchObject({ body: { status: 'FAILED', error: 'DataChanged', cause: 'crm: t' } });
  });

  it('is 404 where neither machine knows it', async () => {
    sfn.on(DescribeExecutionCommand).rejects(awsError('ExecutionDoesNotExist'));

    expect(await get()).toMatchObject({ status: 404 });
    expect(sfn.commandCalls(DescribeExecutionCommand)).toHaveLength(2);
  });
});
