import { ListCommandInvocationsCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ServicesLook } from '../../../../functions/contract/last-look.ts';
import { fingerprint, listOfData } from '../../../../functions/contract/server-data.ts';
import { handler, type ServicesEvent } from '../../../../functions/steps/services/handler.ts';
import {
  allowNothing,
  Bucket,
  execution,
  invocationAnswer,
  runContext,
  standStill,
  system,
} from '../../fixtures.ts';

const ssm = mockClient(SSMClient);
const config = system({
  services: [
    { name: 'intake', server: 'app-1', tier: 1, timeoutSeconds: 60 },
    { name: 'nginx', server: 'web-1', tier: 2 },
  ],
});
let bucket: Bucket;
let world: Record<string, string>;
let sent: string[];
/** Services that something on their server starts again as soon as they are stopped. */
let stubborn: Set<string>;
/** What a command has answered stays so: it is read again when an answer of ours was lost. */
let answers: Map<string, string>;

const call = async (servicesLook?: ServicesLook): Promise<ServicesLook> =>
  (await handler({
    action: 'confirm',
    execution,
    state: { run: runContext(), config, servicesLook },
  } as unknown as ServicesEvent)) as ServicesLook;

standStill('2026-11-27T15:05:00.000Z');
allowNothing(ssm);
beforeEach(() => {
  vi.stubEnv('SERVICE_DOCUMENT', 'LightsOut-crm-Services');
  bucket = new Bucket();
  bucket.lock();
  world = { intake: 'inactive', nginx: 'failed' };
  sent = [];
  stubborn = new Set();
  answers = new Map();
  ssm.on(SendCommandCommand).callsFake((input) => {
    const action = input.Parameters.Action[0] as string;
    const names = listOfData(input.Parameters.Services[0]);
    sent.push(`${action} ${names.join(' ')}`);
    if (action === 'stop') for (const name of names) world[name] = 'inactive';
    const id = `command-${sent.length}`;
    answers.set(
      id,
      names.map((name) => `lights-out service=${fingerprint(name)} state=${world[name]}`).join('\n'),
    );
    if (action === 'stop') for (const name of names) if (stubborn.has(name)) world[name] = 'active';
    return { Command: { CommandId: id } };
  });
  ssm
    .on(ListCommandInvocationsCommand)
    .callsFake(({ CommandId }) => invocationAnswer('Success', answers.get(CommandId)));
});

async function untilDone(first?: ServicesLook): Promise<ServicesLook> {
  let look = await call(first);
  for (let round = 0; !look.done && round < 60; round += 1) {
    vi.setSystemTime(Date.now() + look.waitSeconds * 1000);
    look = await call(look);
  }
  return look;
}

describe('services confirm', () => {
  it('sees every service still stopped, and stops none', async () => {
    const look = await untilDone();

    expect(look).toMatchObject({ done: true, cameBack: [], at: '2026-11-27T15:05:05.000Z' });
    expect(sent).toEqual(['status intake', 'status nginx']);
  });

  it('stops again what came back, notes it, and looks at all of them once more', async () => {
    world['intake'] = 'active';
    const look = await untilDone();

    expect(look.cameBack).toMatchObject([{ name: 'intake', server: 'app-1', state: 'active' }]);
    expect(sent.slice(2)).toEqual(['stop intake', 'status intake', 'status nginx']);
    expect(world['intake']).toBe('inactive');
  });

  it('notes it all the same when the answer that noted it is lost', async () => {
    world['intake'] = 'active';
    const first = await call();
    await call(first);
    const look = await untilDone(first);

    expect(look.cameBack).toHaveLength(1);
  });

  it('fails with a service that is up again each time', async () => {
    world['nginx'] = 'active';
    stubborn.add('nginx');

    await expect(untilDone()).rejects.toMatchObject({
      name: 'ServiceDidNotStop',
      message: expect.stringMatching(/up again each time: nginx on web-1 is active.*socket/),
    });
  });

  it('begins anew where an earlier look is over, and keeps what that one noted', async () => {
    world['intake'] = 'active';
    const earlier = await untilDone();
    sent = [];
    const look = await untilDone(earlier);

    expect(sent).toEqual(['status intake', 'status nginx']);
    expect(look.cameBack).toHaveLength(1);
  });

  it('touches nothing under another run’s lock', async () => {
    bucket.put('locks/crm', { runId: 'x', executionArn: 'another', since: 'x' });

    await expect(call()).rejects.toMatchObject({ name: 'LockLost' });
    expect(sent).toEqual([]);
  });
});
