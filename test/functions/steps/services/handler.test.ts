import {
  DescribeInstanceInformationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { fingerprint, listOfData } from '../../../../functions/contract/server-data.ts';
import type { ServicesResult } from '../../../../functions/contract/state.ts';
import { handler, type ServicesEvent } from '../../../../functions/steps/services/handler.ts';
import {
  ANOTHER_EXECUTION,
  allowNothing,
  Bucket,
  execution,
  invocationAnswer,
  RUN_ID,
  runContext,
  standStill,
  system,
} from '../../fixtures.ts';

const ssm = mockClient(SSMClient);
const config = system({
  services: [
    { name: 'intake', server: 'app-1', tier: 1, timeoutSeconds: 60 },
    { name: 'api', server: 'app-1', tier: 2 },
    { name: 'nginx', server: 'web-1', tier: 2 },
  ],
});
const BEFORE = `runs/crm/${RUN_ID}/services-before.json`;
let bucket: Bucket;
/** What the servers' service managers say, and what they are told. */
let world: Record<string, string>;
let sent: { action: string; services: string; instance: string }[];

const event = (action: 'stop' | 'start', state: object = {}): ServicesEvent =>
  ({ action, execution, state: { run: runContext(), config, ...state } }) as unknown as ServicesEvent;

standStill('2026-11-27T14:05:00.000Z');
allowNothing(ssm);
beforeEach(() => {
  vi.stubEnv('SERVICE_DOCUMENT', 'LightsOut-crm-Services');
  bucket = new Bucket();
  bucket.lock();
  world = { intake: 'active', api: 'active', nginx: 'active' };
  sent = [];
  ssm.on(DescribeInstanceInformationCommand).callsFake((input) => ({
    InstanceInformationList: input.Filters[0].Values.map((InstanceId: string) => ({
      InstanceId,
      PingStatus: 'Online',
    })),
  }));
  ssm.on(SendCommandCommand).callsFake((input) => {
    const action = input.Parameters.Action[0] as string;
    const services = listOfData(input.Parameters.Services[0]).join(' ');
    sent.push({ action, services, instance: input.InstanceIds[0] });
    for (const name of services.split(' ')) {
      if (action === 'stop' && world[name] === 'active') world[name] = 'inactive';
      if (action === 'start') world[name] = 'active';
    }
    return { Command: { CommandId: `${services}#${sent.length}` } };
  });
  ssm.on(ListCommandInvocationsCommand).callsFake((input) =>
    invocationAnswer(
      'Success',
      input.CommandId.split('#')[0]
        .split(' ')
        .map((name: string) => `lights-out service=${fingerprint(name)} state=${world[name]}`)
        .join('\n'),
    ),
  );
});

/** Calls again until done, as the workflow does; the clock goes on as long as it was told to wait. */
async function untilDone(action: 'stop' | 'start'): Promise<ServicesResult> {
  let previous: ServicesResult | undefined;
  for (let round = 0; round < 60; round += 1) {
    const state = action === 'stop' ? { services: previous } : { rollback: { services: previous } };
    previous = (await handler(event(action, previous === undefined ? {} : state))) as ServicesResult;
    if (previous.done) return previous;
    vi.setSystemTime(Date.now() + previous.waitSeconds * 1000);
  }
  throw new Error('not done after 60 rounds');
}

describe('services of a run that was cleaned up meanwhile', () => {
  const cleanedUp = () => {
    bucket.objects.delete('locks/crm');
    bucket.put(`runs/crm/${RUN_ID}/certificate.json`, { outcome: 'rolled-back' });
  };

  it.each([
    ['stop', 'another run holds the lock', () => bucket.lock(ANOTHER_EXECUTION)],
    ['stop', 'the lock was given back', cleanedUp],
    ['stop', 'it is being cleaned up after', () => bucket.lock(ANOTHER_EXECUTION, execution.id)],
    ['start', 'another run holds the lock', () => bucket.lock(ANOTHER_EXECUTION)],
    ['start', 'another run is being cleaned up after', () => bucket.lock('arn:clean-up', ANOTHER_EXECUTION)],
    ['start', 'the lock was given back', cleanedUp],
  ] as const)('%s sends nothing when %s', async (action, _found, arrange) => {
    bucket.put(BEFORE, [{ name: 'nginx', server: 'web-1', state: 'active' }]);
    arrange();

    await expect(untilDone(action)).rejects.toMatchObject({
      name: 'LockLost',
      message: expect.stringContaining('lock of crm'),
    });
    expect(ssm.calls()).toEqual([]);
  });

  it('sends no further stop when the lock is lost on the way', async () => {
    const first = await handler(event('stop'));
    bucket.lock(ANOTHER_EXECUTION);

    await expect(handler(event('stop', { services: first }))).rejects.toMatchObject({ name: 'LockLost' });
    expect(sent.filter(({ action }) => action === 'stop')).toEqual([]);
  });

  it.each([
    ['CleanUp holds the lock for this run', () => bucket.lock(ANOTHER_EXECUTION, execution.id)],
    ['the lock was deleted by hand before anybody closed the run', () => bucket.objects.delete('locks/crm')],
  ])('start goes on when %s', async (_case, arrange) => {
    bucket.put(BEFORE, [{ name: 'nginx', server: 'web-1', state: 'active' }]);
    arrange();

    expect(await untilDone('start')).toMatchObject({ done: true });
    expect(sent.map(({ action, services }) => `${action} ${services}`)).toEqual(['start nginx']);
  });
});

describe('services stop', () => {
  it('looks first, keeps the states as evidence, then stops tier by tier', async () => {
    const result = await untilDone('stop');

    expect(sent.map(({ action, services }) => `${action} ${services}`)).toEqual([
      'status intake api',
      'status nginx',
      'stop intake',
      'stop api',
      'stop nginx',
      // Once more at the end: nothing came back meanwhile.
      'status intake api',
      'status nginx',
    ]);
    expect(result.services.map((service) => service.state)).toEqual(['inactive', 'inactive', 'inactive']);
    expect(bucket.read(BEFORE)).toContainEqual({ name: 'api', server: 'app-1', state: 'active' });
  });

  it('does not go on to the next tier while a service of this one is not still, and names it at the deadline', async () => {
    ssm.on(SendCommandCommand).callsFake((input) => {
      const services = listOfData(input.Parameters.Services[0]).join(' ');
      sent.push({ action: input.Parameters.Action[0], services, instance: '' });
      return { Command: { CommandId: `${services}#${sent.length}` } };
    });
    world['intake'] = 'changing';

    await expect(untilDone('stop')).rejects.toMatchObject({
      name: 'ServiceDidNotStop',
      message: expect.stringContaining('intake on app-1 is changing'),
    });
    expect(sent.some(({ services }) => services.includes('nginx') && services !== 'nginx')).toBe(false);
    expect(sent.filter(({ action, services }) => action === 'stop' && services !== 'intake')).toEqual([]);
  });

  it('stops a service again that came back while later tiers were stopped', async () => {
    ssm.on(SendCommandCommand).callsFake((input) => {
      const action: string = input.Parameters.Action[0];
      const services = listOfData(input.Parameters.Services[0]).join(' ');
      sent.push({ action, services, instance: '' });
      for (const name of services.split(' ')) if (action === 'stop') world[name] = 'inactive';
      if (action === 'stop' && services === 'nginx') world['intake'] = 'active';
      return { Command: { CommandId: `${services}#${sent.length}` } };
    });

    const result = await untilDone('stop');

    expect(sent.filter(({ action, services }) => action === 'stop' && services === 'intake')).toHaveLength(2);
    expect(result.services.map((service) => service.state)).toEqual(['inactive', 'inactive', 'inactive']);
  });

  it('takes a service whose process ended badly for stopped', async () => {
    ssm.on(SendCommandCommand).callsFake((input) => {
      const action: string = input.Parameters.Action[0];
      const services = listOfData(input.Parameters.Services[0]).join(' ');
      for (const name of services.split(' ')) if (action === 'stop') world[name] = 'failed';
      return { Command: { CommandId: `${services}#1` } };
    });

    expect((await untilDone('stop')).services.map((service) => service.state)).toEqual([
      'failed',
      'failed',
      'failed',
    ]);
  });

  it('keeps the first look however often it is made: what a lost answer stopped still counts as up before', async () => {
    const first = await handler(event('stop'));
    await handler(event('stop', { services: first }));
    world['api'] = 'inactive';
    // The answer was lost, so the workflow calls again with what it has.
    await handler(event('stop', { services: first }));

    expect(bucket.read(BEFORE)).toContainEqual({ name: 'api', server: 'app-1', state: 'active' });
  });

  it('stops nothing when a server does not report its services in time', async () => {
    ssm.on(ListCommandInvocationsCommand).resolves(invocationAnswer('InProgress'));

    await expect(untilDone('stop')).rejects.toMatchObject({
      name: 'AgentOffline',
      message: expect.stringContaining('app-1 (i-0b1c2d3e4f5061728), web-1'),
    });
    expect(sent.every(({ action }) => action === 'status')).toBe(true);
  });

  it('stops nothing when a name is not known to its server, or an agent is offline', async () => {
    world['api'] = 'unknown';
    await expect(untilDone('stop')).rejects.toMatchObject({
      name: 'ServiceDidNotStop',
      message: expect.stringContaining('api on app-1'),
    });
    expect(sent.filter(({ action }) => action === 'stop')).toEqual([]);

    ssm.on(DescribeInstanceInformationCommand).resolves({ InstanceInformationList: [] });
    await expect(handler(event('stop'))).rejects.toMatchObject({ name: 'AgentOffline' });
  });
});

describe('services start', () => {
  it('starts in reverse what was active before the run, and nothing else', async () => {
    bucket.put(BEFORE, [
      { name: 'intake', server: 'app-1', state: 'active' },
      { name: 'api', server: 'app-1', state: 'inactive' },
      { name: 'nginx', server: 'web-1', state: 'active' },
    ]);

    await untilDone('start');

    expect(sent.map(({ action, services }) => `${action} ${services}`)).toEqual([
      'start nginx',
      'start intake',
    ]);
  });

  it('starts nothing when the run had not come to the services', async () => {
    expect(await untilDone('start')).toMatchObject({ done: true });
    expect(sent).toEqual([]);
  });

  it('starts what was just reloading when the run looked', async () => {
    bucket.put(BEFORE, [{ name: 'nginx', server: 'web-1', state: 'changing' }]);

    await untilDone('start');

    expect(sent.map(({ services }) => services)).toEqual(['nginx']);
  });

  it('goes on with the other services when the command on one server fails, and asks that one again', async () => {
    bucket.put(BEFORE, [
      { name: 'intake', server: 'app-1', state: 'active' },
      { name: 'nginx', server: 'web-1', state: 'active' },
    ]);
    ssm
      .on(ListCommandInvocationsCommand)
      .callsFake((input) =>
        input.CommandId.startsWith('nginx')
          ? invocationAnswer('TimedOut', '', { details: 'DeliveryTimedOut' })
          : invocationAnswer('Success', `lights-out service=${fingerprint('intake')} state=active`),
      );

    await expect(untilDone('start')).rejects.toMatchObject({
      name: 'ServiceDidNotStart',
      message: expect.stringMatching(/nginx on web-1 is unknown(?!.*intake)/),
    });
    expect(sent.filter(({ services }) => services === 'nginx').length).toBeGreaterThan(2);
    expect(sent.filter(({ services }) => services === 'intake')).toHaveLength(1);
  });

  it('tries every tier, then names what did not come up', async () => {
    bucket.put(BEFORE, [
      { name: 'intake', server: 'app-1', state: 'active' },
      { name: 'nginx', server: 'web-1', state: 'active' },
    ]);
    ssm.on(SendCommandCommand).callsFake((input) => {
      const services = listOfData(input.Parameters.Services[0]).join(' ');
      sent.push({ action: 'start', services, instance: '' });
      world[services] = services === 'nginx' ? 'failed' : 'active';
      return { Command: { CommandId: `${services}#${sent.length}` } };
    });

    await expect(untilDone('start')).rejects.toMatchObject({
      name: 'ServiceDidNotStart',
      message: expect.stringContaining('nginx on web-1 is failed'),
    });
    expect(sent.some(({ services }) => services === 'intake')).toBe(true);
  });
});
