import {
  DescribeInstanceStatusCommand,
  type DescribeInstanceStatusCommandInput,
  DescribeInstancesCommand,
  type Instance,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from 'vitest';
import {
  APP,
  type ServersOptions,
  STARTER_KEY,
  startTestServers,
  type TestServers,
  WEB,
} from './started-world.ts';

const MINUTE = 60;

let servers: TestServers;
afterEach(() => servers.end());

/** A world with both servers stopped. */
async function stopped(options: ServersOptions = {}): Promise<void> {
  servers = await startTestServers(options);
  await servers.ec2.send(new StopInstancesCommand({ InstanceIds: [WEB, APP] }));
  await servers.pass(2 * MINUTE);
  servers.told.length = 0;
}

const start = (...InstanceIds: string[]) => servers.ec2.send(new StartInstancesCommand({ InstanceIds }));

async function instance(id = WEB): Promise<Instance> {
  const { Reservations } = await servers.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  const found = Reservations?.[0]?.Instances?.[0];
  if (found === undefined) throw new Error(`${id} is not described`);
  return found;
}

const stateOf = async (id = WEB): Promise<string | undefined> => (await instance(id)).State?.Name;

async function checks(input: DescribeInstanceStatusCommandInput = { InstanceIds: [WEB] }): Promise<string[]> {
  const { InstanceStatuses } = await servers.ec2.send(new DescribeInstanceStatusCommand(input));
  return (InstanceStatuses ?? []).map(
    ({ InstanceId, InstanceStatus, SystemStatus }) =>
      `${InstanceId} ${InstanceStatus?.Status} ${SystemStatus?.Status}`,
  );
}

async function ping(id = WEB): Promise<string | undefined> {
  const Filters = [{ Key: 'InstanceIds', Values: [id] }];
  const answer = await servers.ssm.send(new DescribeInstanceInformationCommand({ Filters }));
  return answer.InstanceInformationList?.[0]?.PingStatus;
}

describe('a stopped server', () => {
  it('is pending, running, online, and healthy, each a while after the other', async () => {
    await stopped();
    expect(await instance()).toMatchObject({
      State: { Name: 'stopped' },
      StateReason: { Code: 'Client.UserInitiatedShutdown' },
    });

    const { StartingInstances } = await start(WEB);

    expect(StartingInstances).toEqual([
      {
        InstanceId: WEB,
        PreviousState: { Code: 80, Name: 'stopped' },
        CurrentState: { Code: 0, Name: 'pending' },
      },
    ]);
    await servers.pass(21);
    expect(await instance()).toMatchObject({ State: { Name: 'running' } });
    expect((await instance()).StateReason).toBeUndefined();
    expect([await ping(), await checks()]).toEqual(['ConnectionLost', [`${WEB} initializing initializing`]]);
    await servers.pass(30);
    expect([await ping(), await checks()]).toEqual(['Online', [`${WEB} initializing initializing`]]);
    await servers.pass(3 * MINUTE);
    expect(await checks()).toEqual([`${WEB} ok ok`]);
    expect(servers.told).toEqual([`${WEB} pending`, `${WEB} running`]);
  });

  it('is started twice as once, and from stopping not at all: then none of the call', async () => {
    await stopped();
    await start(WEB);
    expect((await start(WEB)).StartingInstances?.[0]).toMatchObject({
      PreviousState: { Name: 'pending' },
      CurrentState: { Name: 'pending' },
    });
    await servers.pass(MINUTE);
    expect((await start(WEB)).StartingInstances?.[0]).toMatchObject({ CurrentState: { Name: 'running' } });

    await servers.ec2.send(new StopInstancesCommand({ InstanceIds: [WEB] }));

    await expect(start(APP, WEB)).rejects.toMatchObject({
      name: 'IncorrectInstanceState',
      message: `The instance '${WEB}' is not in a state from which it can be started.`,
    });
    expect(await stateOf(APP)).toBe('stopped');
    await expect(start('i-0fffffffffffffff0')).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
  });

  it('has no address that EC2 assigned, and gets another; an Elastic IP address stays', async () => {
    servers = await startTestServers();
    const before = [await instance(WEB), await instance(APP)];
    expect(before[0]?.NetworkInterfaces?.[0]?.Association?.IpOwnerId).toBe('amazon');
    await servers.ec2.send(new StopInstancesCommand({ InstanceIds: [WEB, APP] }));
    await servers.pass(2 * MINUTE);
    expect((await instance(WEB)).PublicIpAddress).toBeUndefined();
    expect((await instance(APP)).PublicIpAddress).toBe(before[1]?.PublicIpAddress);

    await start(WEB, APP);
    await servers.pass(MINUTE);

    const after = [await instance(WEB), await instance(APP)];
    expect(after[0]?.PublicIpAddress).toMatch(/^203\.0\.113\./);
    expect(after[0]?.PublicIpAddress).not.toBe(before[0]?.PublicIpAddress);
    expect(after[1]?.PublicIpAddress).toBe(before[1]?.PublicIpAddress);
    expect(after[0]?.LaunchTime).not.toEqual(before[0]?.LaunchTime);
  });
});

describe('DescribeInstanceStatus', () => {
  it('tells of running servers only, of all where it is asked to, in pages and by filters', async () => {
    await stopped();
    await start(WEB);
    await servers.pass(5 * MINUTE);

    expect(await checks({})).toEqual([`${WEB} ok ok`]);
    expect(await checks({ InstanceIds: [APP] })).toEqual([]);
    expect(await checks({ IncludeAllInstances: true })).toEqual([
      `${WEB} ok ok`,
      `${APP} not-applicable not-applicable`,
    ]);
    const page = await servers.ec2.send(
      new DescribeInstanceStatusCommand({ IncludeAllInstances: true, MaxResults: 1 }),
    );
    expect(page.InstanceStatuses?.map(({ InstanceId }) => InstanceId)).toEqual([WEB]);
    expect(await checks({ IncludeAllInstances: true, MaxResults: 1, NextToken: page.NextToken })).toEqual([
      `${APP} not-applicable not-applicable`,
    ]);
    const Filters = [{ Name: 'instance-state-name', Values: ['stopped'] }];
    expect(await checks({ IncludeAllInstances: true, Filters })).toHaveLength(1);
  });

  it.each<[string, DescribeInstanceStatusCommandInput, string]>([
    ['ids and a page size', { InstanceIds: [WEB], MaxResults: 5 }, 'InvalidParameterCombination'],
    ['more than 100 ids', { InstanceIds: Array.from({ length: 101 }, () => WEB) }, 'InvalidParameterValue'],
    ['a filter that is none', { Filters: [{ Name: 'state', Values: [] }] }, 'InvalidParameterValue'],
  ])('refuses %s', async (_name, input, name) => {
    servers = await startTestServers();
    await expect(checks(input)).rejects.toMatchObject({ name });
  });
});

describe('a start that goes wrong', () => {
  it('no-capacity: so many calls find no room, and start none of their servers', async () => {
    await stopped({ faults: [{ world: 'no-capacity', server: 'app-1', times: 2 }] });

    for (const _call of [1, 2])
      await expect(start(WEB, APP)).rejects.toMatchObject({
        name: 'InsufficientInstanceCapacity',
        $metadata: { httpStatusCode: 500 },
      });
    expect([await stateOf(WEB), await stateOf(APP)]).toEqual(['stopped', 'stopped']);
    await start(WEB, APP);

    expect([await stateOf(WEB), await stateOf(APP)]).toEqual(['pending', 'pending']);
    expect(servers.struck).toContain('no-capacity');
  });

  it('no-capacity: for so many minutes, and other servers start meanwhile', async () => {
    await stopped({ faults: [{ world: 'no-capacity', minutes: 10 }] });

    await expect(start(WEB)).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity' });
    await start(APP);
    await servers.pass(9 * MINUTE);
    await expect(start(WEB)).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity' });
    await servers.pass(2 * MINUTE);

    await start(WEB);
    expect(await stateOf()).toBe('pending');
  });

  it('no-capacity: for ever, until it is mended', async () => {
    await stopped({ faults: [{ world: 'no-capacity' }] });
    await expect(start(WEB)).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity' });
    await servers.pass(6 * 24 * 60 * MINUTE);
    await expect(start(WEB)).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity' });

    servers.world.mend();

    await start(WEB);
    expect(await stateOf()).toBe('pending');
  });

  it('status-checks-slow: initializing for half an hour', async () => {
    await stopped({ faults: [{ world: 'status-checks-slow' }] });
    await start(WEB, APP);

    await servers.pass(29 * MINUTE);
    expect(await checks({})).toEqual([`${WEB} initializing initializing`, `${APP} ok ok`]);
    await servers.pass(2 * MINUTE);
    expect(await checks({})).toEqual([`${WEB} ok ok`, `${APP} ok ok`]);
  });

  it.each([
    ['instance', 'impaired ok'],
    ['system', 'ok impaired'],
  ])('status-check-fails: the check of the %s, after the start and not before', async (check, said) => {
    servers = await startTestServers({ faults: [{ world: 'status-check-fails', check }] });
    expect(await checks()).toEqual([`${WEB} ok ok`]);
    await servers.ec2.send(new StopInstancesCommand({ InstanceIds: [WEB] }));
    await servers.pass(2 * MINUTE);

    await start(WEB);
    await servers.pass(60 * MINUTE);

    expect(await checks()).toEqual([`${WEB} ${said}`]);
    const { InstanceStatuses } = await servers.ec2.send(
      new DescribeInstanceStatusCommand({ InstanceIds: [WEB] }),
    );
    const details = [InstanceStatuses?.[0]?.InstanceStatus, InstanceStatuses?.[0]?.SystemStatus];
    expect(details.map((each) => each?.Details?.[0]?.Status).sort()).toEqual(['failed', 'passed']);
  });

  it('agent-late: the agent answers twenty minutes after the server runs', async () => {
    await stopped({ faults: [{ world: 'agent-late' }] });
    await start(WEB, APP);

    await servers.pass(19 * MINUTE);
    expect([await ping(WEB), await ping(APP)]).toEqual(['ConnectionLost', 'Online']);
    await servers.pass(2 * MINUTE);
    expect(await ping(WEB)).toBe('Online');
    expect(servers.struck).toContain('agent-late');
  });

  it('start-stays-stopped: taken, pending, and stopped again with the reason', async () => {
    await stopped({ faults: [{ world: 'start-stays-stopped', times: 1 }] });

    expect((await start(WEB)).StartingInstances?.[0]?.CurrentState?.Name).toBe('pending');
    await servers.pass(MINUTE);

    expect(await instance()).toMatchObject({
      State: { Name: 'stopped' },
      StateReason: { Code: 'Client.InternalError', Message: 'Client.InternalError: Client error on launch' },
    });
    expect(servers.told).toEqual([`${WEB} pending`, `${WEB} stopped`]);
    await start(WEB);
    await servers.pass(MINUTE);
    expect(await stateOf()).toBe('running');
  });

  it("falls back so too where the caller may not grant EC2 the use of the volumes' key", async () => {
    const key = 'arn:aws:kms:eu-central-1:123456789012:key/1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809';
    const may = { Effect: 'Allow' as const, Action: ['ec2:StartInstances'], Resource: ['*'] };
    const grant = { Effect: 'Allow' as const, Action: ['kms:CreateGrant'], Resource: [key] };
    const started = async (statements: (typeof may)[]): Promise<string | undefined> => {
      await stopped({ changes: { files: { backup: 'none', kmsKeyArns: [key] } }, statements });
      const client = servers.ec2As(STARTER_KEY);
      await client.send(new StartInstancesCommand({ InstanceIds: [WEB] }));
      await servers.pass(MINUTE);
      return await stateOf();
    };

    expect(await started([may])).toBe('stopped');
    await servers.end();
    expect(await started([may, grant])).toBe('running');
  });
});
