import { DescribeInstancesCommand, EC2Client, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler, type ServersEvent } from '../../../../functions/steps/servers/handler.ts';
import {
  allowNothing,
  awsError,
  Bucket,
  execution,
  LOCK_LOST,
  planned,
  standStill,
  system,
} from '../../fixtures.ts';

const ec2 = mockClient(EC2Client);
let bucket: Bucket;
const NOW = '2026-11-27T15:00:00.000Z';
const [WEB, APP] = system().servers.map((server) => server.instanceId) as [string, string];
const event = (off?: object): ServersEvent =>
  ({
    action: 'stop',
    execution,
    state: planned(off === undefined ? {} : { off }),
  }) as unknown as ServersEvent;
const states = (web: string, app: string) => ({
  Reservations: [
    { Instances: [{ InstanceId: WEB, State: { Name: web as 'running' } }] },
    { Instances: [{ InstanceId: APP, State: { Name: app as 'running' } }] },
  ],
});

standStill(NOW);
allowNothing(ec2);
beforeEach(() => {
  bucket = new Bucket();
  bucket.lock();
});

describe('servers stop', () => {
  it.each(LOCK_LOST)('%s: asks for no stop, however often it is called', async (_case, arrange, name) => {
    arrange(bucket);
    ec2.on(DescribeInstancesCommand).resolves(states('running', 'running'));
    const lost = { name, message: expect.stringContaining('lock of crm') };

    await expect(handler(event())).rejects.toMatchObject(lost);
    await expect(handler(event({ servers: { done: false, since: NOW } }))).rejects.toMatchObject(lost);
    expect(ec2.commandCalls(StopInstancesCommand)).toEqual([]);
  });

  it('stops those that run and is done when all are seen stopped', async () => {
    ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce(states('running', 'stopped'))
      .resolvesOnce(states('stopping', 'stopped'))
      .resolvesOnce(states('stopped', 'stopped'));
    ec2.on(StopInstancesCommand).resolves({});

    expect(await handler(event())).toMatchObject({ done: false });
    expect(ec2.commandCalls(StopInstancesCommand)[0]?.args[0].input).toEqual({ InstanceIds: [WEB] });
    expect(await handler(event({ servers: { done: false, since: NOW } }))).toMatchObject({ done: true });
  });

  it('stops the others when EC2 refuses one', async () => {
    ec2.on(DescribeInstancesCommand).resolves(states('running', 'running'));
    ec2.on(StopInstancesCommand, { InstanceIds: [WEB, APP] }).rejects(awsError('UnsupportedOperation'));
    ec2.on(StopInstancesCommand, { InstanceIds: [WEB] }).rejects(awsError('UnsupportedOperation'));
    ec2.on(StopInstancesCommand, { InstanceIds: [APP] }).resolves({});

    expect(await handler(event())).toMatchObject({ done: false });
    expect(ec2.commandCalls(StopInstancesCommand, { InstanceIds: [APP] })).toHaveLength(1);
  });

  it('stops the others when one no longer exists', async () => {
    ec2
      .on(DescribeInstancesCommand, { Filters: [{ Name: 'instance-id', Values: [WEB, APP] }] })
      .resolvesOnce({ Reservations: [{ Instances: [{ InstanceId: APP, State: { Name: 'running' } }] }] })
      .resolves({ Reservations: [{ Instances: [{ InstanceId: APP, State: { Name: 'stopped' } }] }] });
    ec2.on(StopInstancesCommand, { InstanceIds: [APP] }).resolves({});

    expect(await handler(event())).toMatchObject({
      done: true,
      servers: [
        { name: 'web-1', state: 'not found' },
        { name: 'app-1', state: 'stopped' },
      ],
    });
  });

  it('names each server that is still on at the deadline', async () => {
    ec2.on(DescribeInstancesCommand).resolves(states('stopping', 'stopped'));

    await expect(
      handler(event({ servers: { done: false, since: '2026-11-27T14:00:00.000Z' } })),
    ).rejects.toMatchObject({
      name: 'ServerDidNotStop',
      message: expect.stringContaining(`web-1 (${WEB}) is "stopping"`),
    });
  });
});
