import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { inputHash } from '../../../functions/guard/requests.ts';
import { awsError, deployConfiguration, simulateTime, systemInput } from '../fixtures.ts';
import { ALICE, apiOfTest, call, MACHINE } from './signed-calls.ts';

const api = apiOfTest();
const { sfn } = api;
const start = (body: unknown, headers = {}) =>
  call('POST /systems/{name}/shutdowns', { name: 'crm' }, body, ALICE, headers);

describe('starting a shutdown', () => {
  it('answers 202, and has recorded who asked, by what IAM proved, before it starts anything', async () => {
    let recorded: unknown;
    sfn.on(StartExecutionCommand).callsFake(({ name }: { name: string }) => {
      recorded = api.bucket.read(`requests/${name}`);
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
    api.bucket.mock.on(PutObjectCommand).rejects(awsError('AccessDenied', 403));

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
    expect(api.bucket.mock.commandCalls(PutObjectCommand)[0]?.args[0].input.IfNoneMatch).toBe('*');
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
    expect(api.bucket.objects.size).toBe(1);
  });

  it('refuses an emergency that the configuration does not allow, before anything begins', async () => {
    const { status, body } = await start({ emergency: true, reason: 'ransomware' });

    expect(status).toBe(400);
    expect(body.problems).toEqual([expect.stringMatching(/^body\.emergency: .*emergency: \{\}/)]);
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
