import {
  ApplyPendingMaintenanceActionCommand,
  DescribeDBInstancesCommand,
  DescribePendingMaintenanceActionsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  DescribeInstancePatchStatesCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  type SendCommandCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler, type UpdateEvent } from '../../../../functions/steps/update/handler.ts';
import {
  ANOTHER_EXECUTION,
  allowNothing,
  awsError,
  Bucket,
  execution,
  invocationAnswer,
  plan,
  runContext,
  simulateTime,
  system,
} from '../../fixtures.ts';

const rds = mockClient(RDSClient);
const ssm = mockClient(SSMClient);
const [WEB, APP] = ['i-0a1b2c3d4e5f60718', 'i-0b1c2d3e4f5061728'];
type Answer = Awaited<ReturnType<typeof handler>>;
let bucket: Bucket;
let clock: { now: number };
/** What SSM says of each server's command. */
let statuses: Record<string, string>;
let missing: Record<string, number>;

const update = (policy: 'report' | 'install', missed: string[] = [], updates?: Answer): Promise<Answer> =>
  handler({
    action: 'install',
    execution,
    state: {
      run: runContext(),
      config: system({ updates: policy }),
      plan: plan({
        pendingUpdates: missed.map((name) => ({
          resource: `server ${name}`,
          kind: 'missing patches',
          description: '2 missing',
        })),
      }),
      ...(updates === undefined ? {} : { updates }),
    },
  } as unknown as UpdateEvent);
/** Calls as the workflow does, until both servers have been told and the database was looked at. */
async function begun(): Promise<Answer> {
  let answer = await update('install', ['web-1', 'app-1']);
  for (let call = 0; call < 2; call += 1) answer = await update('install', ['web-1', 'app-1'], answer);
  return answer;
}
const next = (answer: Answer): Promise<Answer> => update('install', ['web-1', 'app-1'], answer);
const told = () => ssm.commandCalls(SendCommandCommand).map((call) => call.args[0].input.InstanceIds?.[0]);

allowNothing(rds, ssm);
beforeEach(() => {
  clock = simulateTime('2026-11-27T14:00:00.000Z');
  statuses = { [WEB]: 'InProgress', [APP]: 'InProgress' };
  missing = {};
  bucket = new Bucket();
  bucket.lock();
  rds.on(DescribePendingMaintenanceActionsCommand).resolves({ PendingMaintenanceActions: [] });
  rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ DBInstanceStatus: 'available' }] });
  ssm
    .on(SendCommandCommand)
    .callsFake(({ InstanceIds }: SendCommandCommandInput) => ({ Command: { CommandId: InstanceIds?.[0] } }));
  ssm
    .on(ListCommandInvocationsCommand)
    .callsFake(({ InstanceId }) => invocationAnswer(statuses[InstanceId], '-'));
  ssm.on(DescribeInstancePatchStatesCommand).callsFake(({ InstanceIds }) => ({
    InstancePatchStates: [{ MissingCount: missing[InstanceIds[0]] ?? 0, FailedCount: 0 }],
  }));
});
afterEach(() => vi.restoreAllMocks());

describe('update install', () => {
  it('installs nothing unless the policy says so', async () => {
    expect(await update('report')).toMatchObject({ done: true, installed: [] });
    expect([...rds.calls(), ...ssm.calls()]).toEqual([]);
  });

  it('patches and reboots nothing once another run holds the lock', async () => {
    bucket.lock(ANOTHER_EXECUTION);
    rds.on(DescribePendingMaintenanceActionsCommand).resolves({
      PendingMaintenanceActions: [{ PendingMaintenanceActionDetails: [{ Action: 'system-update' }] }],
    });

    await expect(update('install', ['web-1'])).rejects.toMatchObject({ name: 'LockLost' });
    await expect(update('install')).rejects.toMatchObject({ name: 'LockLost' });
    expect(ssm.calls()).toEqual([]);
    expect(rds.commandCalls(ApplyPendingMaintenanceActionCommand)).toEqual([]);
  });

  it('sends no command to a server that misses nothing', async () => {
    await update('install');

    expect(ssm.calls()).toEqual([]);
  });

  it('is done when every server is patched', async () => {
    const waiting = await next(await begun());
    expect(waiting).toMatchObject({ done: false, installed: [] });
    statuses = { [WEB]: 'Success', [APP]: 'Success' };

    expect(await next(waiting)).toMatchObject({ done: true, installed: ['server web-1', 'server app-1'] });
    expect(told()).toEqual([WEB, APP]);
  });

  it.each([
    ['fails', { [WEB]: 'Failed' }, {}, 'ended as "Failed"'],
    ['still misses patches', { [WEB]: 'Success' }, { [WEB]: 3 }, '3 patches are still missing'],
  ])(
    'throws when one %s, but not before the other, which may reboot, has ended',
    async (_n, ends, left, words) => {
      const started = await begun();
      Object.assign(statuses, ends);
      missing = left;

      const first = await next(started);
      const second = await next(first);
      expect(second).toMatchObject({ done: false, commands: [{ server: 'app-1' }] });
      statuses[APP] = 'Success';

      await expect(next(second)).rejects.toMatchObject({
        name: 'UpdateFailed',
        message: expect.stringMatching(new RegExp(`^server web-1 .*${words}`)),
      });
    },
  );

  it('names every server that failed', async () => {
    const started = await begun();
    statuses[WEB] = 'Failed';
    const one = await next(started);
    statuses[APP] = 'Failed';

    await expect(next(one)).rejects.toThrow(/server web-1 .*; server app-1 /);
  });

  it('waits for the database too, which an action may restart', async () => {
    rds.on(DescribePendingMaintenanceActionsCommand).resolves({
      PendingMaintenanceActions: [{ PendingMaintenanceActionDetails: [{ Action: 'os-upgrade' }] }],
    });
    rds.on(ApplyPendingMaintenanceActionCommand).resolves({});
    const started = await begun();
    statuses = { [WEB]: 'Failed', [APP]: 'Success' };

    const waiting = await next(started);
    expect(waiting).toMatchObject({ done: false, commands: [] });
    rds.on(DescribePendingMaintenanceActionsCommand).resolves({ PendingMaintenanceActions: [] });

    await expect(next(waiting)).rejects.toMatchObject({ name: 'UpdateFailed' });
  });

  it('waits no longer than its deadline, and then names what failed and what is not done', async () => {
    const started = await begun();
    statuses[WEB] = 'Failed';
    const waiting = await next(started);
    clock.now += 2 * 3600_000 + 1000;

    await expect(next(waiting)).rejects.toThrow(/server web-1 .*; server app-1 .*not done after 120 min/);
  });

  it('begins nothing more when a server cannot be told, and throws when the told ones have ended', async () => {
    ssm.on(SendCommandCommand, { InstanceIds: [APP] }).rejects(awsError('InvalidInstanceId'));
    const first = await update('install', ['web-1', 'app-1']);

    let answer = await next(first);
    answer = await next(answer);
    expect(answer).toMatchObject({ done: false, commands: [{ server: 'web-1' }] });
    expect(told()).toEqual([WEB, APP]);
    statuses[WEB] = 'Success';

    await expect(next(answer)).rejects.toMatchObject({
      name: 'UpdateFailed',
      message: expect.stringContaining('does not know it as a running, managed instance'),
    });
  });

  it('fails at once when the first server cannot be told', async () => {
    ssm.on(SendCommandCommand).rejects(awsError('InvalidInstanceId'));

    await expect(update('install', ['web-1'])).rejects.toMatchObject({ name: 'AgentOffline' });
  });
});
