import {
  DescribeExecutionCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/api/handler.ts';
import {
  allowNothing,
  awsError,
  Bucket,
  deployConfiguration,
  execution,
  RUN_ID,
  systemInput,
} from '../fixtures.ts';

const sfn = mockClient(SFNClient);
const ALICE = 'arn:aws:iam::123456789012:user/alice';
const BOB = 'arn:aws:sts::123456789012:assumed-role/Approver/bob';
const MACHINE = 'arn:aws:states:eu-central-1:123456789012:stateMachine:LightsOut-crm-Shutdown';
let bucket: Bucket;

const call = async (
  routeKey: string,
  pathParameters: object,
  body: unknown,
  userArn: string | undefined,
  headers: object = {},
) => {
  const answer = await handler({
    routeKey,
    pathParameters,
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: { authorizer: userArn === undefined ? undefined : { iam: { userArn } } },
  } as never);
  return { status: answer.statusCode, body: JSON.parse(answer.body ?? '{}') };
};
const start = (body: unknown, headers = {}) =>
  call('POST /systems/{name}/shutdowns', { name: 'crm' }, body, ALICE, headers);
const answer = (decision: string, userArn: string) =>
  call('POST /runs/{id}/approval', { id: execution.name }, { decision }, userArn);

allowNothing(sfn);
beforeEach(() => {
  vi.stubEnv('SYSTEM_NAME', 'crm');
  vi.stubEnv('STATE_MACHINE_ARN', MACHINE);
  bucket = new Bucket();
  sfn.on(StartExecutionCommand).resolves({});
  sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING', startDate: new Date(execution.startTime) });
  const approval = {
    approvers: [{ address: 'head@example.com' }],
    principals: [ALICE, 'arn:aws:iam::123456789012:role/Approver'],
  };
  deployConfiguration(JSON.stringify(systemInput({ approval })));
  bucket.put(`approvals/crm/${RUN_ID}`, {
    token: 'task-token',
    runId: RUN_ID,
    executionArn: execution.id,
    requestedBy: ALICE,
    expiresAt: 'x',
  });
});

describe('starting a shutdown', () => {
  it('answers 202 and says who asked, by what IAM proved', async () => {
    const { status, body } = await start({ reason: 'patch night' });

    expect(status).toBe(202);
    const input = sfn.commandCalls(StartExecutionCommand)[0]?.args[0].input;
    expect(input).toMatchObject({ stateMachineArn: MACHINE, name: body.run });
    expect(JSON.parse(input?.input ?? '')).toEqual({ reason: 'patch night', requestedBy: ALICE });
  });

  it('starts nothing twice with one idempotency key', async () => {
    const first = await start({}, { 'idempotency-key': 'friday' });
    sfn.on(StartExecutionCommand).rejects(awsError('ExecutionAlreadyExists'));
    sfn.on(DescribeExecutionCommand).resolves({ input: JSON.stringify({ requestedBy: ALICE }) });
    const second = await start({}, { 'idempotency-key': 'friday' });

    expect(second).toEqual(first);
    expect(await start({ reason: 'another' }, { 'idempotency-key': 'friday' })).toMatchObject({
      status: 409,
    });
  });

  it.each([
    ['who asked', { requestedBy: 'somebody else' }, /body\.requestedBy: unknown key/],
    ['an unknown key', { dryrun: true }, /body\.dryrun: unknown key/],
    ['no JSON', '{', /expected JSON/],
  ])('refuses %s in the body', async (_name, body, problem) => {
    const refused = await start(body);

    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toMatch(problem);
    expect(sfn.commandCalls(StartExecutionCommand)).toHaveLength(0);
  });

  it('refuses an unsigned request and another system', async () => {
    expect(await call('POST /systems/{name}/shutdowns', { name: 'crm' }, {}, undefined)).toMatchObject({
      status: 403,
    });
    expect(await call('POST /systems/{name}/shutdowns', { name: 'erp' }, {}, ALICE)).toMatchObject({
      status: 404,
    });
  });
});

describe('answering an approval', () => {
  it('approves by a session of an approver’s role, once', async () => {
    sfn.on(SendTaskSuccessCommand).resolves({});

    expect(await answer('approve', BOB)).toMatchObject({ status: 200 });
    expect(JSON.parse(sfn.commandCalls(SendTaskSuccessCommand)[0]?.args[0].input.output ?? '')).toMatchObject(
      { approvedBy: BOB },
    );
    expect(await answer('approve', BOB)).toMatchObject({ status: 409 });
  });

  it('hands a no to the workflow as ApprovalDenied', async () => {
    sfn.on(SendTaskFailureCommand).resolves({});

    expect(await answer('deny', BOB)).toMatchObject({ status: 200 });
    expect(sfn.commandCalls(SendTaskFailureCommand)[0]?.args[0].input).toMatchObject({
      taskToken: 'task-token',
      error: 'ApprovalDenied',
    });
  });

  it.each([
    ['the requester, though an approver', ALICE],
    ['somebody who is no approver', 'arn:aws:iam::123456789012:user/mallory'],
  ])('refuses %s', async (_name, caller) => {
    expect(await answer('approve', caller)).toMatchObject({ status: 403 });
    expect(sfn.commandCalls(SendTaskSuccessCommand)).toHaveLength(0);
  });
});

describe('releasing a system', () => {
  const release = (body: unknown = {}, system = 'crm') =>
    call('POST /systems/{name}/release', { name: system }, body, ALICE);

  beforeEach(() => {
    bucket.put('intent/crm', {
      wanted: 'off',
      since: 'friday',
      by: 'run 1',
      run: { id: '1' },
      stoppedAgain: 0,
    });
  });

  it('clears the mark, with who, when and why', async () => {
    expect(await release({ reason: 'Monday morning' })).toMatchObject({
      status: 200,
      body: { system: 'crm', released: true, by: ALICE },
    });
    expect(bucket.read('intent/crm')).toMatchObject({ wanted: 'on', by: ALICE, reason: 'Monday morning' });
  });

  it('is harmless twice, and says who was first', async () => {
    await release({ reason: 'first' });

    expect(await release({ reason: 'second' })).toMatchObject({
      status: 200,
      body: { released: false, by: ALICE },
    });
    expect(bucket.read('intent/crm')).toMatchObject({ reason: 'first' });
  });

  it('is refused while a run is in progress', async () => {
    bucket.put('locks/crm', { runId: 'r1', executionArn: execution.id, since: 'x' });

    expect(await release()).toMatchObject({ status: 409, body: { error: expect.stringContaining('r1') } });
    expect(bucket.read('intent/crm')).toMatchObject({ wanted: 'off' });
  });

  it.each([
    ['another system', {}, 'erp', 404],
    ['an unknown key', { by: 'me' }, 'crm', 400],
    ['an empty reason', { reason: '' }, 'crm', 400],
  ])('is refused for %s', async (_name, body, system, status) => {
    expect(await release(body, system)).toMatchObject({ status });
    expect(bucket.read('intent/crm')).toMatchObject({ wanted: 'off' });
  });

  it('is refused when nobody signed', async () => {
    const answer = await call('POST /systems/{name}/release', { name: 'crm' }, {}, undefined);

    expect(answer.status).toBe(403);
  });
});
