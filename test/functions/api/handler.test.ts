import { PutObjectCommand } from '@aws-sdk/client-s3';
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
import { principalOf } from '../../../functions/guard/principals.ts';
import { inputHash } from '../../../functions/guard/requests.ts';
import {
  allowNothing,
  awsError,
  Bucket,
  deployConfiguration,
  execution,
  RUN_ID,
  simulateTime,
  systemInput,
} from '../fixtures.ts';

const sfn = mockClient(SFNClient);
const ALICE = 'arn:aws:iam::123456789012:user/alice';
const BOB = 'arn:aws:sts::123456789012:assumed-role/Approver/bob';
const PENDING = `approvals/crm/${RUN_ID}`;
const ANSWERS = `answers/${RUN_ID}/approval.json`;
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
  bucket.put(PENDING, {
    token: 'task-token',
    runId: RUN_ID,
    executionArn: execution.id,
    requester: principalOf(ALICE),
    expiresAt: '2026-11-27T15:00:00.000Z',
  });
});

describe('starting a shutdown', () => {
  it('answers 202, and has recorded who asked, by what IAM proved, before it starts anything', async () => {
    let recorded: unknown;
    sfn.on(StartExecutionCommand).callsFake(({ name }: { name: string }) => {
      recorded = bucket.read(`requests/${name}`);
      return {};
    });
    const { status, body } = await start({ reason: 'patch night' });

    expect(status).toBe(202);
    const input = sfn.commandCalls(StartExecutionCommand)[0]?.args[0].input;
    expect(input).toMatchObject({ stateMachineArn: MACHINE, name: body.run });
    expect(JSON.parse(input?.input ?? '')).toEqual({ reason: 'patch night' });
    expect(recorded).toMatchObject({
      executionArn: `${MACHINE.replace(':stateMachine:', ':execution:')}:${body.run}`,
      inputSha256: inputHash({ reason: 'patch night' }),
      requester: { kind: 'user', id: ALICE, name: 'alice' },
    });
  });

  it('starts nothing when the record cannot be written', async () => {
    bucket.mock.on(PutObjectCommand).rejects(awsError('AccessDenied', 403));

    expect(await start({})).toMatchObject({ status: 500 });
    expect(sfn.commandCalls(StartExecutionCommand)).toHaveLength(0);
  });

  it('goes on where an earlier call with the same key died between record and start', async () => {
    sfn.on(StartExecutionCommand).rejectsOnce(awsError('InternalServerError', 500)).resolves({});
    const key = { 'idempotency-key': 'friday' };

    expect(await start({}, key)).toMatchObject({ status: 503 });
    const { status, body } = await start({}, key);

    expect(status).toBe(202);
    expect(sfn.commandCalls(StartExecutionCommand).map(({ args }) => args[0].input.name)).toEqual([
      body.run,
      body.run,
    ]);
    expect(bucket.mock.commandCalls(PutObjectCommand)[0]?.args[0].input.IfNoneMatch).toBe('*');
  });

  it('refuses a key whose record is older than a day and whose run never began', async () => {
    sfn.on(StartExecutionCommand).rejectsOnce(awsError('InternalServerError', 500)).resolves({});
    const key = { 'idempotency-key': 'friday' };
    const clock = simulateTime('2026-11-27T13:00:00.000Z');
    await start({}, key);
    sfn.on(DescribeExecutionCommand).rejects(awsError('ExecutionDoesNotExist'));
    clock.now += 25 * 3600_000;

    expect(await start({}, key)).toMatchObject({
      status: 409,
      body: { error: expect.stringMatching(/good for a day/) },
    });
    expect(sfn.commandCalls(StartExecutionCommand)).toHaveLength(1);
  });

  it('refuses to stop without a proof where the configuration does not allow it, and says what to set', async () => {
    const { status, body } = await start({ verification: 'none' });

    expect(status).toBe(400);
    expect(body.problems).toEqual([expect.stringMatching(/body\.verification.*allowUnverified: true/)]);
    expect(bucket.objects.size).toBe(1);
  });

  it('takes it where the configuration does', async () => {
    const allowed = JSON.stringify(systemInput({ allowUnverified: true }));
    deployConfiguration(allowed);

    expect(await start({ verification: 'none' })).toMatchObject({ status: 202 });
  });

  it('starts nothing twice with one idempotency key', async () => {
    const first = await start({}, { 'idempotency-key': 'friday' });
    sfn.on(StartExecutionCommand).rejects(awsError('ExecutionAlreadyExists'));
    sfn.on(DescribeExecutionCommand).resolves({ input: '{}' });
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

    expect(await answer('approve', BOB)).toMatchObject({
      status: 200,
      body: { needed: 1, approvedBy: [BOB], next: 'the run goes on' },
    });
    expect(JSON.parse(sfn.commandCalls(SendTaskSuccessCommand)[0]?.args[0].input.output ?? '')).toMatchObject(
      { approvedBy: BOB },
    );
    expect(await answer('approve', BOB)).toMatchObject({ status: 409 });
  });

  it('records the yes before the workflow hears of it', async () => {
    let recorded: unknown;
    sfn.on(SendTaskSuccessCommand).callsFake(() => {
      recorded = bucket.read(ANSWERS);
      return {};
    });
    await answer('approve', BOB);

    expect(recorded).toEqual({
      executionArn: execution.id,
      needed: 1,
      answers: [{ decision: 'approve', by: principalOf(BOB), at: expect.any(String) }],
    });
  });

  it('is made again when it died between record and workflow', async () => {
    sfn.on(SendTaskSuccessCommand).rejectsOnce(awsError('InternalServerError', 500)).resolves({});

    expect(await answer('approve', BOB)).toMatchObject({ status: 503 });
    expect(await answer('approve', BOB)).toMatchObject({ status: 200 });
    expect(bucket.read(ANSWERS)).toMatchObject({ answers: [{ by: { id: BOB } }] });
  });

  it('refuses the same person in another guise, with the reason, and records nothing', async () => {
    const alias = 'arn:aws:sts::123456789012:assumed-role/Approver/alice';
    const { status, body } = await answer('approve', alias);

    expect(status).toBe(403);
    expect(body.error).toMatch(/cannot be approved by the person who requested it.*both are called "alice"/);
    expect(bucket.read(ANSWERS)).toBeUndefined();
  });

  it('lets whoever asked take it back', async () => {
    sfn.on(SendTaskFailureCommand).resolves({});

    expect(await answer('deny', ALICE)).toMatchObject({ status: 200, body: { decision: 'deny' } });
  });

  describe('of a run that nobody has proved to have asked for', () => {
    beforeEach(() => {
      const held = bucket.read(PENDING) as object;
      bucket.put(PENDING, { ...held, requester: 'unknown' });
      sfn.on(SendTaskSuccessCommand).resolves({});
    });

    it('waits for a second person, and tells how it stands', async () => {
      expect(await answer('approve', BOB)).toMatchObject({
        status: 200,
        body: { needed: 2, approvedBy: [BOB], next: expect.stringMatching(/^1 of 2 approvals/) },
      });
      expect(sfn.commandCalls(SendTaskSuccessCommand)).toHaveLength(0);
      expect(await call('GET /runs/{id}', { id: execution.name }, {}, ALICE)).toMatchObject({
        body: { approval: { needed: 2, approvedBy: [BOB] } },
      });
      expect(await answer('approve', ALICE)).toMatchObject({
        status: 200,
        body: { needed: 2, approvedBy: [BOB, ALICE] },
      });
      expect(sfn.commandCalls(SendTaskSuccessCommand)).toHaveLength(1);
      expect(await call('GET /runs/{id}', { id: execution.name }, {}, ALICE)).toMatchObject({
        body: { approval: { needed: 2, approvedBy: [BOB, ALICE] } },
      });
    });

    it('takes the same yes again for one, and another session of its role for the same person', async () => {
      await answer('approve', BOB);

      expect(await answer('approve', BOB)).toMatchObject({ status: 200, body: { approvedBy: [BOB] } });
      expect(await answer('approve', BOB.replace('bob', 'carl'))).toMatchObject({
        status: 403,
        body: { error: expect.stringMatching(/two different people.*pinnedSessionRoles/) },
      });
      expect(sfn.commandCalls(SendTaskSuccessCommand)).toHaveLength(0);
    });

    it('is so too of a request that was made before requesters were proved', async () => {
      const { requester: _none, ...held } = bucket.read(PENDING) as Record<string, unknown>;
      bucket.put(PENDING, { ...held, requestedBy: ALICE });

      expect(await answer('approve', BOB)).toMatchObject({ body: { needed: 2 } });
    });

    it('is ended by one no, also after a yes', async () => {
      sfn.on(SendTaskFailureCommand).resolves({});
      await answer('approve', BOB);

      expect(await answer('deny', ALICE)).toMatchObject({ status: 200 });
      expect(sfn.commandCalls(SendTaskSuccessCommand)).toHaveLength(0);
    });
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
