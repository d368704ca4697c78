import { EC2Client } from '@aws-sdk/client-ec2';
import { RDSClient } from '@aws-sdk/client-rds';
import { SESClient } from '@aws-sdk/client-ses';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/plan/handler.ts';
import { Bucket, execution, systemInput, unexpected } from '../fixtures.ts';

const [rds, ec2, ses] = [mockClient(RDSClient), mockClient(EC2Client), mockClient(SESClient)];
const sfn = mockClient(SFNClient);
const ssm = mockClient(SSMClient);
let bucket: Bucket;
const look = (state: object = {}) => handler({ action: 'look', execution, state });

beforeEach(() => {
  vi.stubEnv('SYSTEM_NAME', 'crm');
  vi.stubEnv('CONFIG_PARAMETER', '/lights-out/crm');
  for (const level of ['info', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation(() => {});
  bucket = new Bucket();
  for (const client of [rds, ec2, ses, sfn, ssm]) {
    client.reset();
    client.rejects(unexpected());
  }
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify(systemInput()) } });
});
afterEach(() => vi.unstubAllEnvs());

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
    bucket.put('locks/crm', { runId: 'r1', executionArn: 'arn:one', since: 'x', ...lock });
    sfn.on(DescribeExecutionCommand).resolves({ status });

    await expect(look()).rejects.toMatchObject({
      name: 'RunInProgress',
      message: expect.stringMatching(message),
    });
    for (const client of [rds, ec2, ses]) expect(client.calls()).toEqual([]);
  },
);

it('a dry run looks all the same: a run may hold the lock for days until its announced time', async () => {
  bucket.put('locks/crm', { runId: 'r1', executionArn: 'arn:one', since: 'x' });
  sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });

  await expect(look({ dryRun: true })).rejects.not.toMatchObject({ name: 'RunInProgress' });
  expect(rds.calls().length).toBeGreaterThan(0);
});
