import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  EC2Client,
  type Instance,
} from '@aws-sdk/client-ec2';
import {
  DescribeInstanceInformationCommand,
  DescribeInstancePatchStatesCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { lookAtServers } from '../../../../functions/steps/plan/servers.ts';
import { allowNothing, system } from '../../fixtures.ts';

const ec2 = mockClient(EC2Client);
const ssm = mockClient(SSMClient);
allowNothing(ec2, ssm);
const [server] = system().servers;
if (server === undefined) throw new Error('the fixture has no server');

const instance: Instance = {
  InstanceId: server.instanceId,
  State: { Name: 'running' },
  RootDeviceType: 'ebs',
};

/** EC2 knows the first server so, and its attributes so. */
const answers = (changes: Partial<Instance>, attributes: Record<string, object> = {}): void => {
  ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [{ ...instance, ...changes }] }] });
  ec2
    .on(DescribeInstanceAttributeCommand)
    .callsFake(({ Attribute }: { Attribute: string }) => Promise.resolve(attributes[Attribute] ?? {}));
};
const look = () => lookAtServers(system({ servers: [server], services: [] }));

beforeEach(() => {
  ssm.on(DescribeInstanceInformationCommand).resolves({
    InstanceInformationList: [{ InstanceId: server.instanceId, PingStatus: 'Online' }],
  });
  ssm.on(DescribeInstancePatchStatesCommand).resolves({});
});

describe('the look at the servers', () => {
  it('finds nothing against an ordinary one', async () => {
    answers({
      NetworkInterfaces: [{ Association: { IpOwnerId: '123456789012', PublicIp: '198.51.100.7' } }],
    });

    expect(await look()).toMatchObject({ reasons: [], warnings: [] });
  });

  it.each([
    [
      'stop protection',
      { disableApiStop: { DisableApiStop: { Value: true } } },
      /stop protection/,
      /no-disable-api-stop/,
    ],
    [
      'a shutdown that deletes it',
      { instanceInitiatedShutdownBehavior: { InstanceInitiatedShutdownBehavior: { Value: 'terminate' } } },
      /"terminate"/,
      /"stop"/,
    ],
  ])('refuses %s, which only an attribute tells', async (_name, attributes, problem, remedy) => {
    answers({}, attributes);

    expect((await look()).reasons).toEqual([
      expect.objectContaining({
        problem: expect.stringMatching(problem),
        remedy: expect.stringMatching(remedy),
      }),
    ]);
  });

  it('says of a server that is just starting that it passes', async () => {
    answers({ State: { Name: 'pending' } });

    expect((await look()).reasons).toEqual([expect.objectContaining({ passes: true })]);
  });

  it('does not say so of one that is being terminated', async () => {
    answers({ State: { Name: 'shutting-down' } });

    const [reason] = (await look()).reasons;
    expect(reason?.problem).toContain('"shutting-down"');
    expect(reason?.passes).toBeUndefined();
  });

  it('warns of a public address that the next start changes', async () => {
    answers({ NetworkInterfaces: [{ Association: { IpOwnerId: 'amazon', PublicIp: '203.0.113.9' } }] });

    expect((await look()).warnings).toEqual([expect.stringMatching(/203\.0\.113\.9 .*Elastic IP/)]);
  });
});
