import {
  DescribeInstanceInformationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SystemConfig, type SystemConfigInput } from '../../../../functions/contract/config.ts';
import type { ServersLook } from '../../../../functions/contract/plan-state.ts';
import { asData, fingerprint, listOfData } from '../../../../functions/contract/server-data.ts';
import type { RunContext } from '../../../../functions/contract/state.ts';
import { askServers } from '../../../../functions/steps/plan/ask-servers.ts';
import { readAnswer } from '../../../../functions/steps/plan/server-answers.ts';
import { largestSystem } from '../../../shapes.ts';
import { allowNothing, awsError, invocationAnswer, plan, standStill, system } from '../../fixtures.ts';

const ssm = mockClient(SSMClient);
allowNothing(ssm);
standStill();

const SERVER = { name: 'web-1', instanceId: 'i-0a1b2c3d4e5f60718' } as const;

function config(changes: Partial<SystemConfigInput> = {}): SystemConfig {
  return system({
    servers: [{ ...SERVER, platform: 'linux' }],
    services: [
      { name: 'nginx', server: 'web-1', tier: 2 },
      { name: 'crm-api.service', server: 'web-1', tier: 1 },
    ],
    maintenance: { servers: ['web-1'], flagFile: '/var/lib/crm/flag' },
    ...changes,
  });
}

/** What the plan makes of these lines. */
function answer(lines: string[], own = config()) {
  const [server] = own.servers;
  if (server === undefined) throw new Error('no server');
  const parsed = lines.map((line) =>
    Object.fromEntries(
      line.split(' ').map((pair) => {
        const at = pair.indexOf('=');
        return [pair.slice(0, at), pair.slice(at + 1)];
      }),
    ),
  );
  return readAnswer(own, server, parsed);
}

const NGINX = `service=${fingerprint('nginx')}`;
const FINE = [
  `${NGINX} load=loaded state=active`,
  `service=${fingerprint('crm-api.service')} load=loaded state=active`,
  'flag=none folder=ok filesystem=xfs',
];
const windows = () =>
  config({ servers: [{ ...SERVER, platform: 'windows' }], maintenance: undefined } as never);

describe('the answer of a server', () => {
  it('that is as it should be gives nothing to say', () => {
    expect(answer(FINE)).toEqual({ reasons: [], warnings: [] });
  });

  it.each<[string, string[], RegExp, RegExp]>([
    [
      'a service that it does not know, with the nearest name',
      [`${NGINX} load=not-found state=inactive`, `known=${asData('ngnix.service\ncron.service')}`],
      /^service nginx on server web-1 \(i-0a1b2c3d4e5f60718\): its server does not know it; the nearest name that it knows is "ngnix\.service"/,
      /^correct its name in systems\.ts/,
    ],
    [
      'one that is like none',
      [`${NGINX} load=not-found state=inactive`, `known=${asData('cron.service')}`],
      /does not know it$/,
      /install it/,
    ],
    [
      'one that is masked',
      [`${NGINX} load=masked state=active`],
      /masked, so nothing could start it again/,
      /startable/,
    ],
    [
      'one whose unit is broken',
      [`${NGINX} load=bad-setting state=active`],
      /"bad-setting", expected "loaded"/,
      /unit file/,
    ],
    [
      'what a stop takes with it and no list names',
      [`${NGINX} load=loaded state=active`, `${NGINX} takes=${asData('crm-mail.service')}`],
      /a stop takes crm-mail\.service with it, which depends on it and is not in services/,
      /add \{ name: "crm-mail\.service", server: "web-1" \} .* tier of at most 2/,
    ],
    [
      'a flag that is none of ours',
      ['flag=foreign folder=ok filesystem=xfs'],
      /^flag file \/var\/lib\/crm\/flag on .*did not make/,
      /move it away/,
    ],
    [
      'a folder that cannot be written to',
      ['flag=none folder=closed filesystem=xfs'],
      /cannot be written to/,
      /\broot\b/,
    ],
    ['a folder that is a file', ['flag=none folder=none filesystem=xfs'], /cannot be made/, /\broot\b/],
    [
      'programs that are missing',
      ['missing=sha256sum', 'missing=findmnt'],
      /^server web-1 .*: it lacks sha256sum, findmnt/,
      /install/,
    ],
  ])('is a reason not to begin: %s', (_what, lines, problem, remedy) => {
    const { reasons } = answer(lines);

    expect(reasons.map(({ resource, problem: found }) => `${resource}: ${found}`)).toEqual([
      expect.stringMatching(problem),
    ]);
    expect(reasons[0]?.remedy).toMatch(remedy);
  });

  it('is fine when what stops too is in the list, under any of its names, and no later', () => {
    expect(
      answer([
        `${NGINX} load=loaded state=active`,
        `${NGINX} takes=${asData('crm-api.service')}`,
        `${NGINX} takes=${asData('nginx.service')}`,
        `${NGINX} takes=${asData('multi-user.target')}`,
      ]),
    ).toEqual({ reasons: [], warnings: [] });
    const later = `service=${fingerprint('crm-api.service')}`;
    expect(
      answer([`${later} load=loaded state=active`, `${later} takes=${asData('nginx.service')}`]).reasons,
    ).toMatchObject([
      {
        problem: expect.stringMatching(/nginx\.service depends on it and is of tier 2/),
        remedy: expect.stringMatching(/tier of at most 1/),
      },
    ]);
  });

  it('knows services of Windows in any case', () => {
    const own = windows();
    expect(
      answer([`${NGINX} load=loaded state=active`, `${NGINX} takes=${asData('CRM-API.SERVICE')}`], own)
        .reasons,
    ).toEqual([]);
    expect(answer([`${NGINX} load=disabled state=active`], own).reasons).toMatchObject([
      { problem: expect.stringMatching(/disabled, so nothing could start it/) },
    ]);
  });

  it.each<[string, string[], RegExp]>([
    [
      'a service that is down already',
      [`${NGINX} load=loaded state=inactive`],
      /^service nginx on .* is inactive already: the run leaves it so/,
    ],
    [
      'a socket that starts it again',
      [`${NGINX} load=loaded state=active`, `${NGINX} wakes=${asData('nginx.socket')}`],
      /can be started again by nginx\.socket; add that to services with a tier of at most 2/,
    ],
    ['a flag that is there already', ['flag=ours folder=ok filesystem=xfs'], /maintenance mode is on/],
    [
      'a folder in memory',
      ['flag=none folder=ok filesystem=tmpfs'],
      /does not outlive a restart of the server \(tmpfs\)/,
    ],
  ])('is a warning: %s', (_what, lines, warning) => {
    expect(answer(lines)).toEqual({ reasons: [], warnings: [expect.stringMatching(warning)] });
  });

  it('shows a name with control characters escaped', () => {
    const { reasons } = answer([
      `${NGINX} load=loaded state=active`,
      `${NGINX} takes=${asData('a\u001b[31mb.service')}`,
    ]);
    for (const { problem, remedy } of reasons) expect(problem + remedy).not.toContain('\u001b');
    expect(reasons).toHaveLength(1);
  });
});

describe('asking the servers', () => {
  let sent: { instance: string; services: number }[];
  beforeEach(() => {
    vi.stubEnv('LOOK_DOCUMENT', 'LightsOut-crm-Look');
    sent = [];
    ssm.on(DescribeInstanceInformationCommand).callsFake(({ Filters }) => ({
      InstanceInformationList: Filters[0].Values.map((InstanceId: string) => ({
        InstanceId,
        PingStatus: 'Online',
      })),
    }));
    ssm.on(SendCommandCommand).callsFake(({ InstanceIds, Parameters, DocumentName }) => {
      expect(DocumentName).toBe('LightsOut-crm-Look');
      sent.push({
        instance: InstanceIds[0],
        services: Parameters.Services === undefined ? 0 : listOfData(Parameters.Services[0]).length,
      });
      return { Command: { CommandId: `c${sent.length}` } };
    });
    ssm
      .on(ListCommandInvocationsCommand)
      .callsFake(() => invocationAnswer('Success', FINE.map((line) => `lights-out ${line}`).join('\n')));
  });

  const ask = async (own: SystemConfig, serversLook?: ServersLook): Promise<ServersLook> =>
    askServers({
      run: { id: '20261127-2200-1a2b3c4d' } as RunContext,
      config: own,
      plan: plan(),
      ...(serversLook === undefined ? {} : { serversLook }),
    });

  it('is done when all have answered', async () => {
    const begun = await ask(config());
    expect(begun).toMatchObject({ done: false, commands: [{ server: 'web-1', id: 'c1' }] });

    expect(await ask(config(), begun)).toMatchObject({ done: true, commands: [], reasons: [], warnings: [] });
  });

  it('asks 500 servers for 2,000 services, no more than forty a command', async () => {
    const own = SystemConfig.parse(largestSystem());
    const begun = await ask(own);

    expect(sent.reduce((sum, { services }) => sum + services, 0)).toBe(2_000);
    expect(Math.max(...sent.map(({ services }) => services))).toBeLessThanOrEqual(40);
    expect(new Set(sent.map(({ instance }) => instance)).size).toBe(begun.commands.length);
  });

  it('asks a server with a hundred services three times', async () => {
    const services = Array.from({ length: 100 }, (_, index) => ({ name: `s${index}`, server: 'web-1' }));
    await ask(config({ services }));

    expect(sent.map((each) => each.services)).toEqual([40, 40, 20]);
  });

  it('leaves out a server whose agent is offline: the plan has that reason already', async () => {
    ssm.on(DescribeInstanceInformationCommand).resolves({ InstanceInformationList: [] });

    expect(await ask(config())).toMatchObject({ done: true, commands: [], reasons: [] });
    expect(sent).toEqual([]);
  });

  it.each<[string, () => void, RegExp]>([
    [
      'does not take the command any more',
      () => ssm.on(SendCommandCommand).rejects(awsError('InvalidInstanceId')),
      /could not be asked/,
    ],
    [
      'runs it in vain',
      () => ssm.on(ListCommandInvocationsCommand).resolves(invocationAnswer('Failed', '')),
      /did not say what runs on it: the command ended/,
    ],
    [
      'answers nothing',
      () => ssm.on(ListCommandInvocationsCommand).resolves(invocationAnswer('Success', '')),
      /its answer is empty/,
    ],
  ])('makes a reason of a server that %s', async (_what, happen, problem) => {
    happen();
    let look = await ask(config());
    if (!look.done) look = await ask(config(), look);

    expect(look).toMatchObject({
      done: true,
      reasons: [{ resource: 'server web-1 (i-0a1b2c3d4e5f60718)', problem: expect.stringMatching(problem) }],
    });
  });

  it('makes a reason of a server that does not answer in time', async () => {
    ssm.on(ListCommandInvocationsCommand).resolves(invocationAnswer('InProgress', ''));
    let look = await ask(config());
    while (!look.done) {
      vi.setSystemTime(Date.now() + look.waitSeconds * 1000);
      look = await ask(config(), look);
    }

    expect(look.reasons).toMatchObject([{ problem: expect.stringMatching(/no answer within 150 s/) }]);
  });
});
