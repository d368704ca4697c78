import {
  DescribeInstanceInformationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { SystemConfigInput } from '../../../../functions/contract/config.ts';
import { fingerprint, listOfData } from '../../../../functions/contract/server-data.ts';
import type { ServerStarted, StartupPlan } from '../../../../functions/contract/startup-state.ts';
import type { ServicesResult } from '../../../../functions/contract/state.ts';
import { handler, type ServicesEvent } from '../../../../functions/steps/services/handler.ts';
import {
  allowNothing,
  Bucket,
  execution,
  invocationAnswer,
  LOCK_LOST,
  standStill,
  system,
} from '../../fixtures.ts';
import { startupPlan, startupRun } from '../../startup-world.ts';

const ssm = mockClient(SSMClient);
const SERVICES = [
  { name: 'intake', server: 'app-1', tier: 1 },
  { name: 'api', server: 'app-1', tier: 2 },
  { name: 'nginx', server: 'web-1', tier: 3 },
];
const READY: ServerStarted[] = system().servers.map(({ name, instanceId }) => ({
  name,
  instanceId,
  state: 'running',
  ready: true,
  tries: 1,
}));
/** A server that did not come up, beside the other that did. */
const without = (name: string, problem?: string): ServerStarted[] =>
  READY.map((server) =>
    server.name === name
      ? { ...server, ready: false, ...(problem === undefined ? {} : { problem }) }
      : server,
  );
let bucket: Bucket;
/** What the servers' service managers say. */
let world: Record<string, string>;
/** Services that a start does not bring up: what they are after it. */
let broken: Record<string, string>;
let sent: string[];

interface Given {
  servers?: ServerStarted[];
  services?: StartupPlan['services'];
  startup?: SystemConfigInput['startup'];
  previous?: ServicesResult | undefined;
}
const round = async ({
  servers = READY,
  services = SERVICES,
  startup,
  previous,
}: Given): Promise<ServicesResult> =>
  (await handler({
    action: 'bring-up',
    execution,
    state: {
      run: startupRun(),
      config: system({ services: SERVICES, ...(startup === undefined ? {} : { startup }) }),
      wake: startupPlan({ services: services.map(({ name, server }) => ({ name, server })) }),
      servers: { done: true, waitSeconds: 0, since: execution.startTime, servers },
      ...(previous === undefined ? {} : { services: previous }),
    },
  } as ServicesEvent)) as ServicesResult;

/** Calls again until done, as the workflow does. */
async function untilDone(given: Given = {}): Promise<ServicesResult> {
  let previous: ServicesResult | undefined;
  for (let rounds = 0; rounds < 200; rounds += 1) {
    previous = await round({ ...given, previous });
    if (previous.done) return previous;
    vi.setSystemTime(Date.now() + previous.waitSeconds * 1000);
  }
  throw new Error('not done after 200 rounds');
}

standStill(execution.startTime);
allowNothing(ssm);
beforeEach(() => {
  vi.stubEnv('SYSTEM_NAME', 'crm');
  vi.stubEnv('SERVICE_DOCUMENT', 'LightsOut-crm-Services');
  bucket = new Bucket();
  bucket.lock();
  world = { intake: 'inactive', api: 'inactive', nginx: 'inactive' };
  broken = {};
  sent = [];
  ssm.on(DescribeInstanceInformationCommand).callsFake(({ Filters: [{ Values }] }) => ({
    InstanceInformationList: Values.map((InstanceId: string) => ({ InstanceId, PingStatus: 'Online' })),
  }));
  ssm.on(SendCommandCommand).callsFake(({ Parameters }) => {
    const names = listOfData(Parameters.Services[0]);
    sent.push(`${Parameters.Action[0]} ${names.join(' ')}`);
    for (const name of names) world[name] = broken[name] ?? 'active';
    return { Command: { CommandId: `${names.join(' ')}#${sent.length}` } };
  });
  ssm.on(ListCommandInvocationsCommand).callsFake(({ CommandId }) =>
    invocationAnswer(
      'Success',
      (CommandId.split('#')[0] as string)
        .split(' ')
        .map((name) => `lights-out service=${fingerprint(name)} state=${world[name]}`)
        .join('\n'),
    ),
  );
});

describe('services of a start-up', () => {
  it('come up in the reverse of the order in which they were stopped, each seen active', async () => {
    const { services } = await untilDone();

    expect(sent).toEqual(['start nginx', 'start api', 'start intake']);
    expect(services.map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
      'api active',
      'intake active',
      'nginx active',
    ]);
  });

  it('are accepted when they came up with their server', async () => {
    world = { intake: 'active', api: 'active', nginx: 'active' };

    expect(await untilDone()).toMatchObject({ done: true });
    // Each tier is asked once: a start of what is up changes nothing.
    expect(sent).toEqual(['start nginx', 'start api', 'start intake']);
  });

  it('stay down when they do not belong up', async () => {
    await untilDone({ services: SERVICES.filter(({ name }) => name !== 'api') });

    expect(sent).toEqual(['start nginx', 'start intake']);
    expect(world['api']).toBe('inactive');
  });

  it('are none where nothing belongs up', async () => {
    expect(await untilDone({ services: [] })).toMatchObject({ done: true, services: [] });
    expect(sent).toEqual([]);
  });

  it('wait for the tier before theirs while it is coming up', async () => {
    broken = { api: 'changing' };
    let answer = await round({});
    for (let rounds = 0; rounds < 4; rounds += 1) {
      vi.setSystemTime(Date.now() + answer.waitSeconds * 1000);
      answer = await round({ previous: answer });
    }
    expect(sent).toContain('start api');
    expect(sent).not.toContain('start intake');

    broken = {};
    expect(await untilDone({ previous: answer })).toMatchObject({ done: true });
    expect(sent.at(-1)).toBe('start intake');
  });
});

describe('a tier that does not come up', () => {
  beforeEach(() => {
    broken = { api: 'failed' };
  });

  it('ends the start-up: nothing is started on top of it, and the error names what is down', async () => {
    await expect(untilDone()).rejects.toMatchObject({
      name: 'ServiceDidNotStart',
      message: expect.stringMatching(/api on app-1 is failed.*start the start-up again/),
    });
    expect(sent.filter((command) => command === 'start api').length).toBeGreaterThan(1);
    expect(sent).not.toContain('start intake');
  });

  it('with startup.continue holds up no other, and is named at the end', async () => {
    await expect(untilDone({ startup: { continue: true } })).rejects.toMatchObject({
      name: 'ServiceDidNotStart',
      message: expect.stringMatching(/not active again: api on app-1 is failed;/),
    });
    expect(sent.at(-1)).toBe('start intake');
    expect(world['intake']).toBe('active');
  });
});

describe('a server that did not start', () => {
  it('is asked for no service; the others come up, and it is named at the end', async () => {
    const given = {
      servers: without('app-1', 'EC2 refused to start it (InsufficientInstanceCapacity: none)'),
    };

    await expect(untilDone(given)).rejects.toMatchObject({
      name: 'ServerDidNotStart',
      message: expect.stringMatching(
        /^server app-1 \(i-0b1c2d3e4f5061728\): EC2 refused to start it \(InsufficientInstanceCapacity.*start the start-up again/,
      ),
    });
    expect(sent).toEqual(['start nginx']);
  });

  it('keeps the tiers after its own down: they would stand on one that is not whole', async () => {
    const servers = without('web-1');

    await expect(untilDone({ servers })).rejects.toMatchObject({ name: 'ServerDidNotStart' });
    expect(sent).toEqual([]);
  });

  it('keeps nothing of the others down where the configuration goes on', async () => {
    const given = { servers: without('web-1'), startup: { continue: true } };

    await expect(untilDone(given)).rejects.toMatchObject({ name: 'ServerDidNotStart' });
    expect(sent).toEqual(['start api', 'start intake']);
  });

  it('is named although it has no service', async () => {
    await expect(
      untilDone({ servers: without('app-1'), services: [{ name: 'nginx', server: 'web-1' }] }),
    ).rejects.toMatchObject({ name: 'ServerDidNotStart', message: expect.stringContaining('app-1') });
    expect(world['nginx']).toBe('active');
  });
});

it.each(LOCK_LOST)('sends nothing when %s', async (_case, arrange, name) => {
  arrange(bucket);

  await expect(round({})).rejects.toMatchObject({ name });
  expect(ssm.calls()).toEqual([]);
});
