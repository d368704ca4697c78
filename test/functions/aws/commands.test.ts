import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import {
  onlineInstances,
  parseLines,
  readInvocation,
  requireOnline,
  sendToServer,
} from '../../../functions/aws/commands.ts';
import { allowNothing, awsError, invocationAnswer } from '../fixtures.ts';

const ssm = mockClient(SSMClient);
const WEB = { name: 'web-1', instanceId: 'i-0a1b2c3d4e5f60718' };
const APP = { name: 'app-1', instanceId: 'i-0b1c2d3e4f5061728' };

allowNothing(ssm);

describe('sending a document to a server', () => {
  const command = {
    document: 'LightsOut-crm-Maintenance',
    instanceId: WEB.instanceId,
    server: WEB.name,
    parameters: { Action: ['on'] },
    comment: 'x'.repeat(200),
  };

  it('names one server, a delivery limit and a comment that SSM takes', async () => {
    ssm.on(SendCommandCommand).resolves({ Command: { CommandId: 'command-1' } });

    await expect(sendToServer(command)).resolves.toBe('command-1');

    const input = ssm.commandCalls(SendCommandCommand)[0]?.args[0].input;
    expect(input).toMatchObject({
      DocumentName: 'LightsOut-crm-Maintenance',
      InstanceIds: [WEB.instanceId],
      Parameters: { Action: ['on'] },
      TimeoutSeconds: 60,
    });
    expect(input?.Comment).toHaveLength(100);
  });

  it('never asks for less than the 30 s that SSM demands', async () => {
    ssm.on(SendCommandCommand).resolves({ Command: { CommandId: 'command-1' } });

    await sendToServer({ ...command, deliverySeconds: 5 });

    expect(ssm.commandCalls(SendCommandCommand)[0]?.args[0].input.TimeoutSeconds).toBe(30);
  });

  it('says "agent offline" where SSM says "invalid instance id"', async () => {
    ssm.on(SendCommandCommand).rejects(awsError('InvalidInstanceId'));

    await expect(sendToServer(command)).rejects.toMatchObject({
      name: 'AgentOffline',
      message: expect.stringMatching(/web-1 \(i-0a1b2c3d4e5f60718\).*check that the server runs/),
    });
  });

  it('is tried again by the workflow when SSM gives no id', async () => {
    ssm.on(SendCommandCommand).resolves({});

    await expect(sendToServer(command)).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
  });
});

describe('reading an invocation', () => {
  const answers = (...answer: Parameters<typeof invocationAnswer>) =>
    ssm.on(ListCommandInvocationsCommand).resolves(invocationAnswer(...answer));
  const read = () => readInvocation('command-1', WEB.instanceId);

  it('is pending while SSM does not know it yet', async () => {
    ssm.on(ListCommandInvocationsCommand).resolves({ CommandInvocations: [] });

    await expect(read()).resolves.toEqual({ status: 'pending', lines: [] });
  });

  it.each(['Pending', 'InProgress', 'Delayed', 'Cancelling'])('is pending while %s', async (status) => {
    answers(status);

    await expect(read()).resolves.toMatchObject({ status: 'pending' });
  });

  it('asks for the command with its steps: our documents have one a platform, and the other is skipped', async () => {
    answers('Success', 'hello\nlights-out service=nginx state=inactive\n');

    await expect(read()).resolves.toEqual({
      status: 'succeeded',
      lines: [{ service: 'nginx', state: 'inactive' }],
    });
    expect(ssm.calls()).toHaveLength(1);
    expect(ssm.commandCalls(ListCommandInvocationsCommand)[0]?.args[0].input).toEqual({
      CommandId: 'command-1',
      InstanceId: WEB.instanceId,
      Details: true,
    });
  });

  it('asks for a long output by the name of its step, without which SSM refuses', async () => {
    const long = Array.from({ length: 100 }, (_, index) => `lights-out service=s${index} state=active`);
    answers('Success', long.join('\n').slice(0, 2_500));
    ssm.on(GetCommandInvocationCommand).rejects(awsError('InvalidPluginName'));
    ssm
      .on(GetCommandInvocationCommand, {
        CommandId: 'command-1',
        InstanceId: WEB.instanceId,
        PluginName: 'linux',
      })
      .resolves({ Status: 'Success', StandardOutputContent: long.join('\n') });

    expect((await read()).lines).toHaveLength(100);
  });

  it('says how a script failed, with the exit code of the step, and never its output', async () => {
    answers('Failed', 'password=hunter2', { code: 7 });

    const invocation = await read();

    expect(invocation).toMatchObject({
      status: 'failed',
      problem: 'the command ended as "Failed" with exit code 7',
    });
    expect(JSON.stringify(invocation)).not.toContain('hunter2');
    expect(invocation).not.toHaveProperty('undelivered');
  });

  it.each(['Undeliverable', 'DeliveryTimedOut', 'Delivery Timed Out', 'Terminated'])(
    'knows that a command that ended as %s never reached the server',
    async (details) => {
      answers('TimedOut', '', { details });

      await expect(read()).resolves.toMatchObject({ status: 'failed', undelivered: true });
    },
  );

  it('leaves other errors to the workflow', async () => {
    ssm.on(ListCommandInvocationsCommand).rejects(awsError('ThrottlingException'));

    await expect(read()).rejects.toMatchObject({ name: 'ThrottlingException' });
  });
});

describe('the lines of our scripts', () => {
  it.each([
    ['', []],
    ['nginx stopped\n', []],
    ['lights-out maintenance=off\r\n', [{ maintenance: 'off' }]],
    ['  lights-out maintenance=off', []],
    [
      'lights-out service=a@b.service state=inactive extra',
      [{ service: 'a@b.service', state: 'inactive', extra: '' }],
    ],
    ['lights-out a=b=c', [{ a: 'b=c' }]],
  ])('%j', (output, lines) => {
    expect(parseLines(output)).toEqual(lines);
  });
});

describe('whether agents answer', () => {
  it('asks for every page, 50 servers a call', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `i-${String(index).padStart(17, '0')}`);
    ssm
      .on(DescribeInstanceInformationCommand)
      .callsFake((input: { Filters: { Values: string[] }[]; NextToken?: string }) => {
        const values = input.Filters[0]?.Values ?? [];
        expect(values.length).toBeLessThanOrEqual(50);
        const half = Math.ceil(values.length / 2);
        const part = input.NextToken === undefined ? values.slice(0, half) : values.slice(half);
        return {
          InstanceInformationList: part.map((InstanceId) => ({ InstanceId, PingStatus: 'Online' })),
          ...(input.NextToken === undefined ? { NextToken: 'more' } : {}),
        };
      });

    await expect(onlineInstances(ids)).resolves.toEqual(new Set(ids));
    expect(ssm.calls()).toHaveLength(4);
  });

  it('names every server whose agent is silent or unknown', async () => {
    ssm
      .on(DescribeInstanceInformationCommand)
      .resolves({ InstanceInformationList: [{ InstanceId: WEB.instanceId, PingStatus: 'ConnectionLost' }] });

    await expect(requireOnline([WEB, APP])).rejects.toMatchObject({
      name: 'AgentOffline',
      message: expect.stringMatching(/web-1 \(i-0a.*app-1 \(i-0b/),
    });
  });

  it('asks nothing for no servers', async () => {
    await requireOnline([]);

    expect(ssm.calls()).toHaveLength(0);
  });
});
