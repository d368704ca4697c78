import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  EC2Client,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  DescribeInstanceInformationCommand,
  DescribeInstancePatchStatesCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SystemConfig } from '../../functions/contract/config.ts';
import { ratePerSecond } from '../../functions/runtime/pace.ts';
import { lookAtServers } from '../../functions/steps/plan/servers.ts';
import { handler, type ServersEvent } from '../../functions/steps/servers/handler.ts';
import { RateLimits } from '../../sandbox/aws/rate-limits.ts';
import { largestSystem } from '../shapes.ts';
import {
  type AskedInstances,
  allowNothing,
  askedInstances,
  awsError,
  Bucket,
  execution,
  planned,
} from './fixtures.ts';

const ec2 = mockClient(EC2Client);
const ssm = mockClient(SSMClient);
allowNothing(ec2, ssm);
const config = SystemConfig.parse(largestSystem());
const ids = config.servers.map(({ instanceId }) => instanceId);

/** EC2 answers a call so fast, in milliseconds: the faster, the more calls a second. */
const LATENCY = 5;

/** Calls that the account would have refused, by operation. */
let refused: string[];
/** Servers of which EC2 refuses the stop. */
let unstoppable: Set<string>;
let states: Map<string, string>;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-27T15:00:00Z') });
  const limits = new RateLimits({ now: () => Date.now() });
  refused = [];
  unstoppable = new Set();
  states = new Map(ids.map((id) => [id, 'running']));
  const answer =
    <Input extends object>(operation: string, work: (input: Input) => object) =>
    async (input: Input): Promise<object> => {
      if (!limits.take('ec2', operation, input as Record<string, unknown>)) refused.push(operation);
      await new Promise((resolve) => setTimeout(resolve, LATENCY));
      return work(input);
    };
  ec2.on(DescribeInstancesCommand).callsFake(
    answer<AskedInstances>('DescribeInstances', (input) => ({
      Reservations: [
        {
          Instances: askedInstances(input).map((id) => ({ InstanceId: id, State: { Name: states.get(id) } })),
        },
      ],
    })),
  );
  ec2.on(DescribeInstanceAttributeCommand).callsFake(answer('DescribeInstanceAttribute', () => ({})));
  ec2.on(StopInstancesCommand).callsFake(
    answer<{ InstanceIds: string[] }>('StopInstances', ({ InstanceIds }) => {
      if (InstanceIds.some((id) => unstoppable.has(id))) throw awsError('OperationNotPermitted');
      for (const id of InstanceIds) states.set(id, 'stopping');
      return {};
    }),
  );
  ssm.on(DescribeInstanceInformationCommand).resolves({});
  ssm.on(DescribeInstancePatchStatesCommand).resolves({});
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** Lets time pass until it is done, and says how long that took, in seconds. */
async function timed(work: Promise<unknown>): Promise<number> {
  const began = Date.now();
  let ended: number | undefined;
  const end = (): void => {
    ended = Date.now();
  };
  work.then(end, end);
  while (ended === undefined) await vi.advanceTimersByTimeAsync(LATENCY);
  await work;
  return (ended - began) / 1000;
}

describe('500 servers, against what an account may ask of EC2', () => {
  it('the plan looks at all of them without being refused a call, well within its two minutes', async () => {
    const seconds = await timed(lookAtServers(config));

    expect(refused).toEqual([]);
    expect(ec2.commandCalls(DescribeInstanceAttributeCommand)).toHaveLength(1_000);
    expect(ec2.commandCalls(DescribeInstancesCommand)).toHaveLength(3);
    expect(seconds).toBeLessThan(75);
  });

  it.each([
    ['none', 0],
    ['one of them', 1],
    ['three of them', 3],
  ])('are stopped without being refused a call, where EC2 does not stop %s', async (_case, count) => {
    const bucket = new Bucket();
    bucket.lock();
    vi.stubEnv('SYSTEM_NAME', config.name);
    unstoppable = new Set(ids.filter((_id, index) => index % 150 === 7).slice(0, count));
    const state = { ...(planned({}) as object), config };

    await timed(handler({ action: 'stop', execution, state } as unknown as ServersEvent));

    expect(refused).toEqual([]);
    expect(ids.filter((id) => states.get(id) === 'running')).toEqual([...unstoppable]);
  });
});

it('a small system waits for no turn', async () => {
  const turn = ratePerSecond({ atOnce: 10, perSecond: 1 });
  const tenTurns = async (): Promise<void> => {
    for (let call = 0; call < 10; call += 1) await turn();
  };

  expect(await timed(tenTurns())).toBeLessThanOrEqual(LATENCY / 1000);
  expect(await timed(turn())).toBeCloseTo(1, 1);
});
