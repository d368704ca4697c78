import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeEach, expect, it } from 'vitest';
import { handler } from '../../../../functions/steps/plan/handler.ts';
import { AwsWorld } from '../../aws-world.ts';
import { execution } from '../../fixtures.ts';

let world: AwsWorld;
const look = (state: object = {}) => handler({ action: 'look', execution, state });

beforeEach(() => {
  world = new AwsWorld();
  world.configure();
});

it.each([
  ['is at work', 'RUNNING', {}, /run r1 \(arn:one\) holds the lock since x/],
  ['was stopped and is not cleaned up after yet', 'ABORTED', {}, /run r1 \(arn:one\) ended without closing/],
  [
    'is being cleaned up after',
    'RUNNING',
    { executionArn: 'arn:clean-up:1', cleaning: 'arn:one' },
    /run r1 \(arn:one\) .* is being cleaned up after by arn:clean-up:1/,
  ],
] as const)(
  'a run ends before it looks at anything while another one %s, and names it',
  async (_name, status, lock, message) => {
    world.bucket.put('locks/crm', { runId: 'r1', executionArn: 'arn:one', since: 'x', ...lock });
    world.sfn.on(DescribeExecutionCommand).resolves({ status });

    await expect(look()).rejects.toMatchObject({
      name: 'RunInProgress',
      message: expect.stringMatching(message),
    });
    for (const client of [world.rds, world.ec2, world.ses]) expect(client.calls()).toEqual([]);
  },
);

it('a dry run looks all the same: a run may hold the lock for days until its announced time', async () => {
  world.bucket.put('locks/crm', { runId: 'r1', executionArn: 'arn:one', since: 'x' });
  world.sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });

  await expect(look({ dryRun: true })).rejects.not.toMatchObject({ name: 'RunInProgress' });
  expect(world.rds.calls().length).toBeGreaterThan(0);
});
