import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { simpleParser } from 'mailparser';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { SystemConfigInput } from '../../../../functions/contract/config.ts';
import { handler } from '../../../../functions/guard/planner/handler.ts';
import { inputHash, requesterOf } from '../../../../functions/guard/requests.ts';
import {
  allowNothing,
  awsError,
  Bucket,
  deployConfiguration,
  simulateTime,
  systemInput,
} from '../../fixtures.ts';
import { AWAY, DUE, EVENT, EXECUTIONS, FRIDAY, LEDGER, MACHINES, MONDAY, SCHEDULE } from './occasions.ts';

const sfn = mockClient(SFNClient);
const ses = mockClient(SESClient);
let bucket: Bucket;
let clock: { now: number };

function deploy(changes: Partial<SystemConfigInput> = {}): void {
  deployConfiguration(
    JSON.stringify(
      systemInput({
        schedule: {
          shutdown: 'cron(0 22 ? * FRI *)',
          startup: 'cron(0 6 ? * MON *)',
          reason: 'Weekend shutdown',
        },
        ...changes,
      }),
    ),
  );
}

/** The planner has looked at the schedule since long. */
async function lookAt(time: string): Promise<unknown> {
  clock.now = Date.parse(time);
  return handler(EVENT);
}

const starts = (): unknown[] =>
  sfn.commandCalls(StartExecutionCommand).map(({ args: [{ input }] }) => ({
    ...input,
    input: JSON.parse(input.input ?? ''),
  }));

async function subjects(): Promise<(string | undefined)[]> {
  return Promise.all(
    ses
      .commandCalls(SendRawEmailCommand)
      .map(
        async ({ args: [{ input }] }) =>
          (await simpleParser(Buffer.from(input.RawMessage?.Data ?? ''))).subject,
      ),
  );
}

allowNothing(sfn);
allowNothing(ses);
beforeEach(async () => {
  vi.stubEnv('SYSTEM_NAME', 'crm');
  vi.stubEnv('STATE_MACHINE_ARN', `${MACHINES}-Shutdown`);
  vi.stubEnv('STARTUP_ARN', `${MACHINES}-Startup`);
  for (const way of ['info', 'warn', 'error'] as const)
    vi.spyOn(console, way).mockImplementation(() => undefined);
  bucket = new Bucket();
  clock = simulateTime('2026-11-24T00:00:00.000Z');
  deploy();
  ses.on(SendRawEmailCommand).resolves({ MessageId: 'm' });
  sfn.on(StartExecutionCommand).callsFake(() => ({ startDate: new Date(clock.now) }));
  await handler(EVENT);
});

describe('the planner', () => {
  it('starts nothing until a run has to begin', async () => {
    await expect(lookAt('2026-11-27T12:29:59.000Z')).resolves.toEqual({ started: [], leftOut: 0 });
    expect(sfn.calls()).toEqual([]);
    expect([...bucket.objects.keys()]).toEqual(['schedule/crm/planner.json']);
  });

  it('begins a run so early that every notice has its time, and the plan then knows the schedule as the one who asked', async () => {
    await expect(lookAt(DUE)).resolves.toEqual({ started: [FRIDAY], leftOut: 0 });

    const input = {
      at: '2026-11-27T14:00:00.000Z',
      reason: 'Weekend shutdown',
      backAt: '2026-11-29T22:00:00.000Z',
    };
    expect(starts()).toEqual([{ stateMachineArn: `${MACHINES}-Shutdown`, name: FRIDAY, input }]);
    expect(bucket.read(LEDGER)).toMatchObject({ decision: 'begin', decidedAt: DUE, begunAt: DUE });
    const execution = { id: `${EXECUTIONS}-Shutdown:${FRIDAY}`, name: FRIDAY, startTime: DUE };
    expect(await requesterOf(execution, input)).toEqual({
      kind: 'schedule',
      id: SCHEDULE,
      name: 'cron(0 22 ? * FRI *)',
      groups: [],
    });
  });

  it('leaves an approval its time too', async () => {
    deploy({
      approval: {
        approvers: [{ address: 'head@example.com' }],
        principals: ['arn:aws:iam::123456789012:role/HeadOfOperations'],
        timeoutMinutes: 120,
      },
    });
    await lookAt('2026-11-24T00:15:00.000Z');

    await expect(lookAt('2026-11-27T10:29:00.000Z')).resolves.toMatchObject({ started: [] });
    await expect(lookAt('2026-11-27T10:30:00.000Z')).resolves.toMatchObject({ started: [FRIDAY] });
  });

  it('called twice, and again every quarter of an hour, starts nothing twice', async () => {
    await Promise.all([lookAt(DUE), lookAt(DUE)]);
    await lookAt('2026-11-27T12:45:00.000Z');

    expect(new Set(starts().map((start) => JSON.stringify(start))).size).toBe(1);
    expect(starts().length).toBeLessThanOrEqual(2);
    sfn.resetHistory();
    await expect(lookAt('2026-11-27T15:00:00.000Z')).resolves.toEqual({ started: [], leftOut: 0 });
    expect(starts()).toEqual([]);
  });

  it('writes the record first, and starts nothing without it', async () => {
    bucket.mock.on(PutObjectCommand, { Key: `requests/${FRIDAY}` }).rejects(awsError('AccessDenied', 403));

    await expect(lookAt(DUE)).rejects.toThrow();
    expect(sfn.calls()).toEqual([]);
  });

  it('makes the start that was decided when an earlier look died before it, with the same input', async () => {
    sfn.on(StartExecutionCommand).rejectsOnce(awsError('InternalServerError', 500)).resolves({});

    await expect(lookAt(DUE)).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
    await expect(lookAt('2026-11-27T13:50:00.000Z')).resolves.toMatchObject({ started: [FRIDAY] });
    const [one, other] = starts();
    expect(other).toEqual(one);
  });

  it('gives a start up that could not be made until users could no longer be told', async () => {
    sfn.on(StartExecutionCommand).rejects(awsError('InternalServerError', 500));
    sfn.on(DescribeExecutionCommand).rejects(awsError('ExecutionDoesNotExist'));
    await expect(lookAt(DUE)).rejects.toThrow();

    await expect(lookAt('2026-11-27T13:51:00.000Z')).resolves.toEqual({ started: [], leftOut: 1 });
    expect(bucket.read(LEDGER)).toMatchObject({ decision: 'missed', reason: { why: 'too-late' } });
    expect(await subjects()).toEqual(['Please look: the planned shutdown of Sunrise CRM is not made']);
  });

  it('takes a start whose answer was lost for made', async () => {
    sfn.on(StartExecutionCommand).rejects(awsError('ExecutionAlreadyExists'));
    sfn.on(DescribeExecutionCommand).resolves({ startDate: new Date(Date.parse(DUE) + 2_000) });

    await expect(lookAt(DUE)).resolves.toMatchObject({ started: [FRIDAY] });
    expect(bucket.read(`requests/${FRIDAY}`)).toMatchObject({
      inputSha256: inputHash(starts()[0] && (starts()[0] as { input: unknown }).input),
    });
  });

  it.each([
    ['runs', () => sfn.on(StartExecutionCommand).resolves({ startDate: new Date('2026-11-27T09:00:00Z') })],
    [
      'is over',
      () => {
        sfn.on(StartExecutionCommand).rejects(awsError('ExecutionAlreadyExists'));
        sfn.on(DescribeExecutionCommand).resolves({ startDate: new Date('2026-11-27T09:00:00Z') });
      },
    ],
  ])(
    'fails, so that the alarm rings, when somebody took the name before: that run %s',
    async (_name, taken) => {
      taken();

      for (let call = 0; call < 3; call += 1)
        await expect(lookAt(DUE)).rejects.toMatchObject({
          name: 'RunInProgress',
          message: expect.stringMatching(/before the schedule asked for it.*not made/),
        });
    },
  );

  it('brings the system back before its time, by how long earlier start-ups took', async () => {
    bucket.put('intent/crm', AWAY);
    bucket.put('durations/crm-startup', {
      runs: [600, 1200, 900].map((seconds, index) => ({
        runId: `r-${index}`,
        endedAt: '2026-11-20T00:00:00.000Z',
        seconds: { 'Start database': seconds, 'Close the start-up': 5000 },
      })),
    });
    bucket.put(LEDGER, { decision: 'begin', begunAt: DUE });

    // 20 minutes of the longest one, a quarter of an hour of reserve, and another for the planner itself.
    await expect(lookAt('2026-11-29T21:09:00.000Z')).resolves.toMatchObject({ started: [] });
    await expect(lookAt('2026-11-29T21:10:00.000Z')).resolves.toMatchObject({ started: [MONDAY] });
    expect(starts()).toEqual([
      {
        stateMachineArn: `${MACHINES}-Startup`,
        name: MONDAY,
        input: { reason: 'Weekend shutdown', backAt: '2026-11-29T22:00:00.000Z' },
      },
    ]);
  });

  it('brings the system back also when the start could not be made before the promised time', async () => {
    bucket.put('intent/crm', AWAY);
    bucket.put(LEDGER, { decision: 'begin', begunAt: DUE });
    sfn.on(StartExecutionCommand).rejectsOnce(awsError('InternalServerError', 500)).resolves({});
    await expect(lookAt('2026-11-29T21:45:00.000Z')).rejects.toThrow();

    await expect(lookAt('2026-11-29T22:00:00.000Z')).resolves.toMatchObject({ started: [MONDAY] });
    expect(starts().map((each) => (each as { input: unknown }).input)).toEqual([
      { reason: 'Weekend shutdown', backAt: '2026-11-29T22:00:00.000Z' },
      { reason: 'Weekend shutdown' },
    ]);
  });

  it('leaves a system that is on alone on Monday, and tells nobody', async () => {
    bucket.put(LEDGER, { decision: 'skipped', toldAt: DUE });

    await expect(lookAt('2026-11-29T21:45:00.000Z')).resolves.toEqual({ started: [], leftOut: 1 });
    await expect(lookAt('2026-11-29T22:00:00.000Z')).resolves.toEqual({ started: [], leftOut: 0 });
    expect(bucket.read(`schedule/crm/${MONDAY}.json`)).toMatchObject({
      decision: 'skipped',
      reason: { why: 'is-on' },
    });
    expect(ses.calls()).toEqual([]);
  });

  it('does not end a shutdown that users were told lasts longer, and tells the operators', async () => {
    bucket.put(LEDGER, { decision: 'begin', begunAt: DUE });
    bucket.put('intent/crm', AWAY);
    bucket.put('runs/crm/r-1/certificate.json', { run: { backAt: '2026-11-30T12:00:00.000Z' } });

    await expect(lookAt('2026-11-29T21:45:00.000Z')).resolves.toEqual({ started: [], leftOut: 1 });
    expect(await subjects()).toEqual(['Sunrise CRM: the planned start-up is left out this time']);
  });

  it('tells the operators of a time that an exception covers, once', async () => {
    deploy({ exceptions: [{ from: '2026-11-20', to: '2026-11-27', reason: 'Release week' }] });
    await lookAt('2026-11-24T00:15:00.000Z');
    for (const time of [DUE, '2026-11-27T12:45:00.000Z', '2026-11-27T14:15:00.000Z']) await lookAt(time);

    expect(starts()).toEqual([]);
    expect(await subjects()).toEqual(['Sunrise CRM: the planned shutdown is left out this time']);
  });

  it('tells the operators of a time that was missed, and never makes up for it', async () => {
    await expect(lookAt('2026-11-28T01:00:00.000Z')).resolves.toEqual({ started: [], leftOut: 1 });

    expect(starts()).toEqual([]);
    expect(await subjects()).toEqual(['Please look: the planned shutdown of Sunrise CRM is not made']);
    expect(bucket.read(LEDGER)).toMatchObject({ decision: 'missed', reason: { why: 'too-late' } });
  });

  it('tells again what could not be told', async () => {
    ses.on(SendRawEmailCommand).rejects(awsError('MessageRejected', 400));
    await expect(lookAt('2026-11-28T01:00:00.000Z')).rejects.toThrow();
    ses.on(SendRawEmailCommand).resolves({ MessageId: 'm' });

    await expect(lookAt('2026-11-28T01:15:00.000Z')).resolves.toMatchObject({ leftOut: 1 });
    await expect(lookAt('2026-11-28T01:30:00.000Z')).resolves.toMatchObject({ leftOut: 0 });
  });

  it('has missed nothing that was due before its schedule was deployed', async () => {
    deploy({ schedule: { shutdown: 'cron(0 22 ? * * *)' } });
    clock.now = Date.parse('2026-11-26T16:00:00.000Z');
    await expect(handler(EVENT)).resolves.toEqual({ started: [], leftOut: 0 });

    await expect(lookAt('2026-11-27T12:30:00.000Z')).resolves.toMatchObject({ started: [FRIDAY] });
  });

  it('sees to the other times although one fails', async () => {
    bucket.put('intent/crm', AWAY);
    bucket.mock.on(PutObjectCommand, { Key: LEDGER }).rejects(awsError('AccessDenied', 403));
    deploy({ schedule: { shutdown: 'cron(0 22 ? * FRI *)', startup: 'cron(0 23 ? * FRI *)' } });
    await lookAt('2026-11-24T00:15:00.000Z');

    await expect(lookAt('2026-11-27T14:30:00.000Z')).rejects.toThrow();
    expect(starts()).toEqual([expect.objectContaining({ name: 'scheduled-startup-20261127T150000Z' })]);
  });

  it.each([
    ['a placeholder of another version', { action: 'start', scheduledAt: '2026-11-27T14:00:00Z' }],
    ['no schedule', { action: 'look' }],
  ])('refuses %s', async (_name, event) => {
    await expect(handler(event as never)).rejects.toMatchObject({ name: 'InvalidInput' });
  });
});
