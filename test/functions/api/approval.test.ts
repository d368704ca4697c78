import { SendTaskFailureCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, it } from 'vitest';
import { principalOf } from '../../../functions/guard/principals.ts';
import { awsError, execution, RUN_ID } from '../fixtures.ts';
import { ALICE, apiOfTest, BOB, call, PENDING } from './signed-calls.ts';

const api = apiOfTest();
const { sfn } = api;
const ANSWERS = `answers/${RUN_ID}/approval.json`;
const answer = (decision: string, userArn: string) =>
  call('POST /runs/{id}/approval', { id: execution.name }, { decision }, userArn);

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
      recorded = api.bucket.read(ANSWERS);
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
    expect(api.bucket.read(ANSWERS)).toMatchObject({ answers: [{ by: { id: BOB } }] });
  });

  it('refuses the same person in another guise, with the reason, and records nothing', async () => {
    const alias = 'arn:aws:sts::123456789012:assumed-role/Approver/alice';
    const { status, body } = await answer('approve', alias);

    expect(status).toBe(403);
    expect(body.error).toMatch(/cannot be approved by the person who requested it.*both are called "alice"/);
    expect(api.bucket.read(ANSWERS)).toBeUndefined();
  });

  it('lets whoever asked take it back', async () => {
    sfn.on(SendTaskFailureCommand).resolves({});

    expect(await answer('deny', ALICE)).toMatchObject({ status: 200, body: { decision: 'deny' } });
  });

  describe('of a run that nobody has proved to have asked for', () => {
    beforeEach(() => {
      const held = api.bucket.read(PENDING) as object;
      api.bucket.put(PENDING, { ...held, requester: 'unknown' });
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
      const { requester: _none, ...held } = api.bucket.read(PENDING) as Record<string, unknown>;
      api.bucket.put(PENDING, { ...held, requestedBy: ALICE });

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
