import {
  DescribeInstanceInformationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it, vi } from 'vitest';
import { DEADLINE_SECONDS } from '../../../../functions/contract/deadlines.ts';
import type { Opened } from '../../../../functions/contract/startup-state.ts';
import { type DrainEvent, handler } from '../../../../functions/steps/drain/handler.ts';
import {
  allowNothing,
  Bucket,
  execution,
  invocationAnswer,
  LOCK_LOST,
  standStill,
  system,
} from '../../fixtures.ts';
import { startupRun, WEB_1 } from '../../startup-world.ts';

const ssm = mockClient(SSMClient);
let bucket: Bucket;
let isOnline: boolean;
let answer: object;

const open = async (opened?: Opened, config = system()): Promise<Opened> =>
  (await handler({
    action: 'open',
    execution,
    state: { run: startupRun(), config, ...(opened === undefined ? {} : { opened }) },
  } as DrainEvent)) as Opened;
const sent = () => ssm.commandCalls(SendCommandCommand).map((call) => call.args[0].input);

standStill(execution.startTime);
allowNothing(ssm);
beforeEach(() => {
  vi.stubEnv('SYSTEM_NAME', 'crm');
  vi.stubEnv('MAINTENANCE_DOCUMENT', 'LightsOut-crm-Maintenance');
  bucket = new Bucket();
  bucket.lock();
  isOnline = true;
  answer = invocationAnswer('Success', 'lights-out maintenance=off');
  ssm.on(DescribeInstanceInformationCommand).callsFake(({ Filters: [{ Values }] }) => ({
    InstanceInformationList: Values.map((InstanceId: string) => ({
      InstanceId,
      PingStatus: isOnline ? 'Online' : 'ConnectionLost',
    })),
  }));
  ssm.on(SendCommandCommand).resolves({ Command: { CommandId: 'off' } });
  ssm.on(ListCommandInvocationsCommand).callsFake(() => answer);
});

it('is open when the server has confirmed that the flag is gone, and says since when', async () => {
  const first = await open();
  expect(first).toMatchObject({ done: false });
  expect(first).not.toHaveProperty('at');
  expect(sent()).toMatchObject([{ InstanceIds: [WEB_1], Parameters: { Action: ['off'] } }]);

  vi.setSystemTime('2026-11-27T13:30:10.000Z');
  expect(await open(first)).toMatchObject({ done: true, at: '2026-11-27T13:30:10.000Z' });
  expect(sent()).toHaveLength(1);
});

it('is open at once without maintenance mode', async () => {
  expect(await open(undefined, system({ maintenance: undefined }))).toMatchObject({
    done: true,
    at: execution.startTime,
  });
  expect(ssm.calls()).toEqual([]);
});

it('asks a server again whose agent does not answer yet', async () => {
  isOnline = false;
  const first = await open();
  expect(first.done).toBe(false);
  expect(sent()).toEqual([]);

  isOnline = true;
  const second = await open(first);
  expect(sent()).toHaveLength(1);
  expect(await open(second)).toMatchObject({ done: true });
});

it('names the server on which users may still be kept out at the deadline, and is not open', async () => {
  answer = invocationAnswer('Failed', '', { code: 4 });
  const first = await open();
  vi.setSystemTime(Date.now() + (DEADLINE_SECONDS.maintenanceOff + 1) * 1000);

  await expect(open(first)).rejects.toMatchObject({
    name: 'MaintenanceModeFailed',
    message: expect.stringMatching(/users may be kept out, on server web-1 .*which Lights Out did not make/),
  });
});

it.each(LOCK_LOST)('lets nobody in when %s', async (_case, arrange, name) => {
  arrange(bucket);

  await expect(open()).rejects.toMatchObject({ name });
  await expect(open(undefined, system({ maintenance: undefined }))).rejects.toMatchObject({ name });
  expect(ssm.calls()).toEqual([]);
});
