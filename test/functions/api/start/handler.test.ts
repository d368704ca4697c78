import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it, vi } from 'vitest';
import { handler } from '../../../../functions/api/start/handler.ts';
import { inputHash, requesterOf } from '../../../../functions/guard/requests.ts';
import { allowNothing, awsError, Bucket, simulateTime } from '../../fixtures.ts';

const sfn = mockClient(SFNClient);
const MACHINE = 'arn:aws:states:eu-central-1:123456789012:stateMachine:LightsOut-crm-Shutdown';
const NAME = 'scheduled-20261127T140000Z';
const ARN = `${MACHINE.replace(':stateMachine:', ':execution:')}:${NAME}`;
const SCHEDULE = 'arn:aws:scheduler:eu-central-1:123456789012:schedule/default/crm';
const EVENT = {
  action: 'start' as const,
  scheduledAt: '2026-11-27T14:00:00Z',
  schedule: SCHEDULE,
  expression: 'cron(0 22 ? * FRI *)',
  input: { reason: 'Weekend shutdown' },
};
let bucket: Bucket;
let clock: { now: number };

allowNothing(sfn);
beforeEach(() => {
  vi.stubEnv('SYSTEM_NAME', 'crm');
  vi.stubEnv('STATE_MACHINE_ARN', MACHINE);
  vi.spyOn(console, 'info').mockImplementation(() => undefined);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  bucket = new Bucket();
  clock = simulateTime('2026-11-27T14:00:02.000Z');
  sfn.on(StartExecutionCommand).callsFake(() => ({ startDate: new Date(clock.now) }));
});

it('starts the run of that time, and the plan then knows the schedule as the one who asked', async () => {
  await expect(handler(EVENT)).resolves.toEqual({ execution: NAME });

  expect(sfn.commandCalls(StartExecutionCommand)[0]?.args[0].input).toEqual({
    stateMachineArn: MACHINE,
    name: NAME,
    input: '{"reason":"Weekend shutdown"}',
  });
  const execution = { id: ARN, name: NAME, startTime: '2026-11-27T14:00:02.000Z' };
  expect(await requesterOf(execution, EVENT.input)).toEqual({
    kind: 'schedule',
    id: SCHEDULE,
    name: 'cron(0 22 ? * FRI *)',
    groups: [],
  });
});

it('writes the record first, and starts nothing without it', async () => {
  bucket.mock.on(PutObjectCommand).rejects(awsError('AccessDenied', 403));

  await expect(handler(EVENT)).rejects.toThrow();
  expect(sfn.calls()).toEqual([]);
});

it('called twice, starts nothing twice, also when the first run is over already', async () => {
  await handler(EVENT);
  sfn.on(StartExecutionCommand).rejects(awsError('ExecutionAlreadyExists'));
  sfn.on(DescribeExecutionCommand).resolves({ startDate: new Date(clock.now) });
  clock.now += 60_000;

  await expect(handler(EVENT)).resolves.toEqual({ execution: NAME });
  expect(bucket.read(`requests/${NAME}`)).toMatchObject({ inputSha256: inputHash(EVENT.input) });
});

it('goes on where a call died between record and start', async () => {
  sfn.on(StartExecutionCommand).rejectsOnce(awsError('InternalServerError', 500)).resolves({});

  await expect(handler(EVENT)).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
  await expect(handler(EVENT)).resolves.toEqual({ execution: NAME });
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
      await expect(handler(EVENT)).rejects.toMatchObject({
        name: 'RunInProgress',
        message: expect.stringMatching(/before its time.*not made/),
      });
  },
);

it('starts nothing later than a quarter of an hour', async () => {
  clock.now += 16 * 60_000;

  await expect(handler(EVENT)).rejects.toMatchObject({ name: 'InvalidInput' });
  expect([...bucket.objects.keys()]).toEqual([]);
  expect(sfn.calls()).toEqual([]);
});

it.each([
  ['a placeholder that was not filled in', { scheduledAt: '<aws.scheduler.scheduled-time>' }],
  ['an input that the run would refuse', { input: { dryrun: true } }],
])('refuses %s', async (_name, change) => {
  await expect(handler({ ...EVENT, ...change } as never)).rejects.toMatchObject({ name: 'InvalidInput' });
  expect(sfn.calls()).toEqual([]);
});
