import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/api/handler.ts';
import { allowNothing, awsError, Bucket, execution, RUN_ID } from '../fixtures.ts';

const sfn = mockClient(SFNClient);
const ALICE = 'arn:aws:iam::123456789012:user/alice';
const MACHINE = 'arn:aws:states:eu-central-1:123456789012:stateMachine:LightsOut-crm-KeepStopped';
const STARTUP = MACHINE.replace('KeepStopped', 'Startup');
const OFF = {
  wanted: 'off',
  since: 'friday',
  by: `run ${RUN_ID}`,
  run: { id: RUN_ID },
  stillOn: ['server web-1'],
  stoppedAt: '2026-11-27T14:30:00.000Z',
  stoppedAgain: 0,
};
let bucket: Bucket;

const finish = async (body: unknown = {}, system = 'crm', userArn: string | undefined = ALICE) => {
  const answer = await handler({
    routeKey: 'POST /systems/{name}/finish',
    pathParameters: { name: system },
    headers: {},
    body: JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: { authorizer: { iam: { userArn } } },
  } as never);
  return { status: answer.statusCode, body: JSON.parse(answer.body ?? '{}') };
};
const started = () =>
  sfn.commandCalls(StartExecutionCommand).map(({ args: [{ input }] }) => ({
    ...input,
    input: JSON.parse(input.input ?? ''),
  }));

allowNothing(sfn);
beforeEach(() => {
  vi.stubEnv('SYSTEM_NAME', 'crm');
  vi.stubEnv('KEEP_STOPPED_ARN', MACHINE);
  vi.stubEnv('STARTUP_ARN', STARTUP);
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-28T08:00:00.123Z') });
  bucket = new Bucket();
  bucket.put('intent/crm', OFF);
  sfn.on(StartExecutionCommand).resolves({});
});

describe('finishing what a run left half done', () => {
  it('starts KeepStopped for that shutdown, for all that may be on, with who asked', async () => {
    const { status, body } = await finish();

    expect({ status, body }).toEqual({
      status: 202,
      body: {
        system: 'crm',
        wanted: 'off',
        execution: `${MACHINE.replace(':stateMachine:', ':execution:')}:finish-20261128080000123`,
      },
    });
    expect(started()).toEqual([
      {
        stateMachineArn: MACHINE,
        name: 'finish-20261128080000123',
        input: {
          cause: 'finish',
          targets: ['database', 'servers'],
          runId: RUN_ID,
          stoppedAt: OFF.stoppedAt,
          by: ALICE,
        },
      },
    ]);
  });

  it('is asked for as often as needed', async () => {
    await finish();
    vi.setSystemTime('2026-11-28T08:00:01.000Z');
    await finish();

    expect(new Set(started().map(({ name }) => name)).size).toBe(2);
  });

  it('answers the same when the same moment has started it already', async () => {
    sfn.on(StartExecutionCommand).rejects(awsError('ExecutionAlreadyExists'));

    expect(await finish()).toMatchObject({ status: 202 });
  });

  it.each([
    ['a run is in progress', { runId: 'r1', executionArn: execution.id, since: 'x' }],
    [
      'a run is not cleaned up',
      { runId: 'r1', executionArn: 'arn:clean-up', cleaning: 'arn:one', since: 'x' },
    ],
  ])('is refused while %s', async (_name, lock) => {
    bucket.put('locks/crm', lock);

    expect(await finish()).toMatchObject({ status: 409, body: { error: expect.stringContaining('run r1') } });
    expect(started()).toEqual([]);
    expect(sfn.commandCalls(DescribeExecutionCommand)).toEqual([]);
  });

  it('is refused when the mark names no run: nothing proves that a stop is safe', async () => {
    bucket.put('intent/crm', { ...OFF, run: undefined });

    expect(await finish()).toMatchObject({
      status: 409,
      body: { error: expect.stringMatching(/names no run/) },
    });
    expect(started()).toEqual([]);
  });

  it.each<[string, object | undefined]>([
    ['the system is meant to be on', { ...OFF, wanted: 'on', by: 'arn:li' }],
    ['no shutdown has ended', undefined],
  ])('starts a start-up, for which the caller is on record, when %s', async (_name, mark) => {
    if (mark === undefined) bucket.objects.delete('intent/crm');
    else bucket.put('intent/crm', mark);

    const { status, body } = await finish();
    expect({ status, wanted: body.wanted }).toEqual({ status: 202, wanted: 'on' });
    const [{ name = '', stateMachineArn, input } = {} as never] = started() as [
      { name: string; stateMachineArn: string; input: unknown },
    ];
    expect({ stateMachineArn, input }).toEqual({ stateMachineArn: STARTUP, input: {} });
    expect(bucket.read(`requests/${name}`)).toMatchObject({ requester: { id: ALICE } });
  });

  it.each([
    ['another system', {}, 'erp', ALICE, 404],
    ['an unknown key', { force: true }, 'crm', ALICE, 400],
    ['an unsigned request', {}, 'crm', '', 403],
  ])('is refused for %s', async (_name, body, system, userArn, status) => {
    expect(await finish(body, system, userArn)).toMatchObject({ status });
    expect(started()).toEqual([]);
  });
});
