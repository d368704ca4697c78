import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { CallerDirectory } from '../../../../sandbox/aws/iam/authorization.ts';
import { createEc2 } from '../../../../sandbox/aws/services/ec2.ts';
import { createSsm } from '../../../../sandbox/aws/services/ssm.ts';
import type { DeployedDocument, DeployedFunction, Deployment } from '../../../../sandbox/deployment.ts';
import { SandboxClock } from '../../../../sandbox/play/simulated-clock.ts';
import { parseFaults } from '../../../../sandbox/world/fault-injection.ts';
import type { WorldFault } from '../../../../sandbox/world/faults.ts';
import { KeyWorld } from '../../../../sandbox/world/keys.ts';
import { ServerWorld } from '../../../../sandbox/world/servers/world.ts';
import { system } from '../../../functions/fixtures.ts';
import { clientOptions, startWorld } from '../protocol/world.ts';

export const WEB = 'i-0a1b2c3d4e5f60718';
export const APP = 'i-0b1c2d3e4f5061728';

/** Access key of a function that may start servers. */
export const STARTER_KEY = 'AKIASTARTER';

export interface ServersOptions {
  /** As `--faults` takes them. */
  faults?: object[];
  /** Real processes and shells. Default: none. */
  real?: boolean;
  changes?: Parameters<typeof system>[0];
  /** What {@link STARTER_KEY} may do. Default: everything. */
  statements?: DeployedFunction['role']['statements'];
  /** Command documents. Default: none. */
  documents?: DeployedDocument[];
}

/** EC2 and Systems Manager of the sandbox behind its endpoint, on a clock that moves when the test says so. */
export interface TestServers {
  world: ServerWorld;
  ec2: EC2Client;
  ssm: SSMClient;
  /** States that EC2 told of, as `i-… running`. */
  told: string[];
  /** Faults that struck. */
  struck: Set<WorldFault['world']>;
  /** A client that signs with another key. */
  ec2As(accessKeyId: string): EC2Client;
  /** Lets simulated seconds pass. */
  pass(seconds: number): Promise<void>;
  end(): Promise<void>;
}

export async function startTestServers(options: ServersOptions = {}): Promise<TestServers> {
  const { faults = [], real = false, changes = {}, statements, documents = [] } = options;
  const root = mkdtempSync(join(tmpdir(), 'lights-out-servers-'));
  const clock = new SandboxClock(real ? 400 : Number.POSITIVE_INFINITY, Date.parse('2026-11-30T05:00:00Z'));
  let release = clock.work();
  const deployment = {
    account: { partition: 'aws', region: 'eu-central-1', account: '123456789012' },
    config: system(changes),
    documents,
  } as unknown as Deployment;
  const struck = new Set<WorldFault['world']>();
  const onFault = (name: WorldFault['world']): void => {
    struck.add(name);
  };
  const worldFaults = parseFaults(JSON.stringify(faults)) as WorldFault[];
  const callers = new CallerDirectory([
    {
      step: 'start',
      accessKeyId: STARTER_KEY,
      role: { arn: 'arn:aws:iam::123456789012:role/start', statements: statements ?? [] },
    } as unknown as DeployedFunction,
  ]);
  const keys = new KeyWorld({ deployment, callers, faults: worldFaults, onFault });
  const world = new ServerWorld({
    deployment,
    clock,
    faults: worldFaults,
    workDirectory: root,
    onFault,
    quick: !real,
  });
  await world.start();
  const told: string[] = [];
  world.onState = ({ instanceId, state }) => told.push(`${instanceId} ${state}`);
  const { endpoint } = await startWorld({ ec2: createEc2(world, keys), ssm: createSsm(world) }, { callers });
  const clients: { destroy(): void }[] = [];
  const ec2As = (key?: string): EC2Client => {
    const client = new EC2Client(clientOptions(endpoint.url, key));
    clients.push(client);
    return client;
  };
  const ssm = new SSMClient(clientOptions(endpoint.url));
  clients.push(ssm);
  return {
    world,
    ec2: ec2As(),
    ec2As,
    ssm,
    told,
    struck,
    pass: async (seconds) => {
      const slept = clock.sleep(seconds * 1000);
      release();
      await slept;
      release = clock.work();
    },
    end: async () => {
      for (const client of clients) client.destroy();
      await endpoint.close();
      await world.stop();
      clock.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
