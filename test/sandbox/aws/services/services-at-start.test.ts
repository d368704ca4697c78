import { StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { GetCommandInvocationCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { asData, fingerprint, listAsData } from '../../../../functions/contract/server-data.ts';
import type { CommandDocument } from '../../../../sandbox/aws/services/ssm-document.ts';
import type { DeployedDocument } from '../../../../sandbox/deployment.ts';
import { deployedDocuments } from '../../../support/documents.ts';
import { APP, type ServersOptions, startTestServers, type TestServers, WEB } from './started-world.ts';

const MINUTE = 60;
const FLAG = '/var/lib/crm/maintenance.flag';

let documents: Awaited<ReturnType<typeof deployedDocuments>>;
beforeAll(async () => {
  documents = await deployedDocuments();
}, 120_000);

let servers: TestServers;
afterEach(() => servers.end());

/** A document for these names or this path, in place of those of the system it was deployed for. */
function documentOf(name: keyof typeof documents, own: string): DeployedDocument {
  const content: CommandDocument = structuredClone(documents[name]);
  for (const { inputs } of content.mainSteps)
    inputs.runCommand = inputs.runCommand.map((line) => (line.startsWith("own='") ? `own='${own}'` : line));
  return { name, arn: `arn:aws:ssm:eu-central-1:123456789012:document/${name}`, content };
}

async function begin(real: boolean, faults: object[] = [], flagFile = FLAG): Promise<void> {
  const names = ['crm-worker', 'crm-api'];
  const options: ServersOptions = {
    real,
    faults,
    changes: {
      // Whatever names no service means the first to be started: crm-api.
      services: [
        { name: 'crm-worker', server: 'app-1', tier: 1 },
        { name: 'crm-api', server: 'app-1', tier: 3 },
      ],
      maintenance: { servers: ['web-1', 'app-1'], flagFile },
    },
    documents: [
      documentOf('services', ` ${names.map(fingerprint).join(' ')} `),
      documentOf('maintenance', fingerprint(flagFile)),
      documentOf('look', ''),
    ],
  };
  servers = await startTestServers(options);
}

async function off(): Promise<void> {
  await servers.ec2.send(new StopInstancesCommand({ InstanceIds: [WEB, APP] }));
  await servers.pass(2 * MINUTE);
}

/** EC2 says `running`; the operating system is on its way. */
async function running(): Promise<void> {
  await servers.ec2.send(new StartInstancesCommand({ InstanceIds: [WEB, APP] }));
  await servers.pass(21);
}

async function restart(): Promise<void> {
  await off();
  await running();
}

const states = (): unknown =>
  servers.world.servers.find(({ instanceId }) => instanceId === APP)?.supervisor.states();

/** What a server answers to a command of the document. */
async function answerOf(document: string, parameters: Record<string, string>): Promise<string> {
  const sent = await servers.ssm.send(
    new SendCommandCommand({
      DocumentName: document,
      InstanceIds: [APP],
      TimeoutSeconds: 600,
      Parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
    }),
  );
  const CommandId = sent.Command?.CommandId;
  for (let look = 0; look < 100; look += 1) {
    await servers.pass(5);
    const { Status, StandardOutputContent = '' } = await servers.ssm.send(
      new GetCommandInvocationCommand({ CommandId, InstanceId: APP, PluginName: 'linux' }),
    );
    if (Status !== 'Pending' && Status !== 'InProgress') return `${Status} ${StandardOutputContent}`;
  }
  throw new Error(`the command of ${document} did not end`);
}

const services = (Action: string): Promise<string> =>
  answerOf('services', { Action, Services: listAsData(['crm-worker', 'crm-api']), WaitSeconds: '25' });

const maintenance = (Action: string, flagFile = FLAG): Promise<string> =>
  answerOf('maintenance', { Action, FlagFile: asData(flagFile) });

describe.each([
  ['without processes', false],
  ['with real processes', true],
])('services of a server that starts, %s', { timeout: 120_000 }, (_kind, real) => {
  it('come up with it one after the other, and are down while it is', async () => {
    await begin(real);
    const came: string[] = [];
    servers.world.onServiceBoot = (service) => came.push(service);
    expect(states()).toEqual({ 'crm-worker': 'active', 'crm-api': 'active' });
    await off();
    expect(states()).toEqual({ 'crm-worker': 'inactive', 'crm-api': 'inactive' });

    await running();

    expect(states()).toEqual({ 'crm-worker': 'inactive', 'crm-api': 'inactive' });
    await servers.pass(15.5);
    expect(states()).toEqual({ 'crm-worker': 'active', 'crm-api': 'inactive' });
    await servers.pass(4);
    expect(await services('status')).toMatch(/^Success .*crm-worker is active.*crm-api is active/s);
    expect(came).toEqual(['crm-worker', 'crm-api']);
  });

  it('come up no more where the power goes again before', async () => {
    await begin(real);
    await restart();

    await off();

    expect(states()).toEqual({ 'crm-worker': 'inactive', 'crm-api': 'inactive' });
    await servers.pass(MINUTE);
    expect(states()).toEqual({ 'crm-worker': 'inactive', 'crm-api': 'inactive' });
  });

  it('service-not-enabled: one stays down until it is started', async () => {
    await begin(real, [{ world: 'service-not-enabled' }]);
    await restart();
    await servers.pass(5 * MINUTE);

    expect(await services('status')).toMatch(/crm-worker is active.*crm-api is inactive/s);
    expect(servers.struck).toContain('service-not-enabled');
    expect(await services('start')).toMatch(/crm-worker is active.*crm-api is active/s);
  });

  it('service-will-not-start: one fails with its server and when it is started, and is mended', async () => {
    await begin(real, [{ world: 'service-will-not-start', service: 'crm-worker' }]);
    await restart();
    await servers.pass(5 * MINUTE);

    expect(states()).toEqual({ 'crm-worker': 'failed', 'crm-api': 'active' });
    expect(await services('start')).toMatch(/crm-worker is failed.*crm-api is active/s);
    servers.world.mend();
    expect(await services('start')).toMatch(/crm-worker is active/);
  });

  it('service-flaps: one comes up and falls down twice, then stays', async () => {
    await begin(real, [{ world: 'service-flaps', service: 'crm-worker' }]);
    await restart();
    await servers.pass(16);
    const seen: unknown[] = [];
    // Up for 8 seconds, down for 5.
    for (const seconds of [0, 8, 5, 8, 5, MINUTE]) {
      await servers.pass(seconds);
      seen.push(states());
    }

    expect(seen.map((each) => (each as Record<string, string>)['crm-worker'])).toEqual([
      'active',
      'activating',
      'active',
      'activating',
      'active',
      'active',
    ]);
    expect(servers.struck).toContain('service-flaps');
  });

  it('service-flaps: one that is stopped while it is down stays down', async () => {
    await begin(real, [{ world: 'service-flaps', service: 'crm-worker' }]);
    await restart();
    await servers.pass(24);
    expect(states()).toMatchObject({ 'crm-worker': 'activating' });

    expect(await services('stop')).toMatch(/crm-worker is inactive.*crm-api is inactive/s);

    await servers.pass(MINUTE);
    expect(states()).toMatchObject({ 'crm-worker': 'inactive' });
  });

  it.each([
    ['/var/lib/crm/maintenance.flag', 'on'],
    ['/run/crm/maintenance.flag', 'off'],
    ['/tmp/crm.flag', 'off'],
  ])('the maintenance flag %s is %s afterwards', async (flagFile, expected) => {
    await begin(real, [], flagFile);
    expect(await maintenance('on', flagFile)).toMatch(/maintenance=on/);
    expect(servers.world.maintenance()).toBe(true);

    await restart();

    expect(servers.world.maintenance()).toBe(expected === 'on');
  });

  it.each([
    [false, 'xfs'],
    [true, 'tmpfs'],
  ])(
    'flag-lost: it is gone from a disk too; in memory %s, the server says %s',
    async (inMemory, filesystem) => {
      await begin(real, [{ world: 'flag-lost', inMemory }]);
      await maintenance('on');
      expect(await answerOf('look', { Services: '', FlagFile: asData(FLAG), Files: 'no' })).toMatch(
        new RegExp(`flag=ours folder=ok filesystem=${filesystem}`),
      );

      await restart();

      expect(servers.world.maintenance()).toBe(false);
      expect(servers.struck).toContain('flag-lost');
    },
  );

  it('agent-late: a command waits for the agent, and is done when it answers', async () => {
    await begin(real, [{ world: 'agent-late', server: 'app-1', minutes: 5 }]);
    await restart();
    const before = servers.world.options.clock.now();

    expect(await services('status')).toMatch(/^Success/);

    expect(servers.world.options.clock.now() - before).toBeGreaterThan(4 * MINUTE * 1000);
  });
});
