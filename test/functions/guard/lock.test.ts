import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Lock,
  livingHolder,
  releaseLock,
  requireLock,
  takeLock,
} from '../../../functions/guard/lock.ts';
import { allowNothing, awsError, Bucket } from '../fixtures.ts';

const sfn = mockClient(SFNClient);
const MINE: Lock = { runId: 'run-2', executionArn: 'arn:two', since: '2026-11-27T13:30:00.000Z' };
const THEIRS: Lock = { runId: 'run-1', executionArn: 'arn:one', since: '2026-11-27T12:00:00.000Z' };
let bucket: Bucket;

allowNothing(sfn);
beforeEach(() => {
  bucket = new Bucket();
});

const theirExecutionIs = (
  status: 'RUNNING' | 'PENDING_REDRIVE' | 'FAILED' | 'ABORTED' | 'SUCCEEDED',
  redriveCount = 0,
) => sfn.on(DescribeExecutionCommand, { executionArn: 'arn:one' }).resolves({ status, redriveCount });

describe('taking the lock', () => {
  it('writes who holds it, when nobody does', async () => {
    await expect(takeLock('crm', { ...MINE, requestedBy: 'Li' })).resolves.toBeUndefined();

    expect(bucket.read('locks/crm')).toEqual({ ...MINE, requestedBy: 'Li' });
  });

  it('finds its own lock taken, when the answer to the write was lost', async () => {
    bucket.put('locks/crm', MINE);

    await expect(takeLock('crm', MINE)).resolves.toBeUndefined();
  });

  it.each([
    ['runs', THEIRS, 'RUNNING', 0],
    ['is an execution of CleanUp that runs', { ...THEIRS, cleaning: 'arn:zero' }, 'RUNNING', 0],
    ['is an execution of CleanUp that was redriven', { ...THEIRS, cleaning: 'arn:zero' }, 'RUNNING', 1],
    ['is an execution of CleanUp about to run', { ...THEIRS, cleaning: 'arn:zero' }, 'PENDING_REDRIVE', 0],
  ] as const)('is refused while the holder %s', async (_name, held, status, redrives) => {
    bucket.put('locks/crm', held);
    theirExecutionIs(status, redrives);

    await expect(takeLock('crm', MINE)).rejects.toMatchObject({
      name: 'RunInProgress',
      message: expect.stringMatching(/run-1.*2026-11-27T12:00:00.000Z/),
    });
    expect(bucket.read('locks/crm')).toEqual(held);
  });

  it.each([
    ['runs', 'RUNNING'],
    ['is about to run', 'PENDING_REDRIVE'],
  ] as const)('goes to CleanUp when the run was redriven and %s: it does nothing', async (_name, status) => {
    bucket.put('locks/crm', THEIRS);
    theirExecutionIs(status, 1);

    await expect(takeLock('crm', MINE)).rejects.toMatchObject({
      message: expect.stringContaining('ended without closing'),
    });
    await expect(takeLock('crm', { ...MINE, cleaning: 'arn:one' }, 'arn:one')).resolves.toBe('run-1');
  });

  it.each(['FAILED', 'ABORTED', 'SUCCEEDED'] as const)(
    'takes over from a closed run that is %s',
    async (status) => {
      bucket.put('locks/crm', THEIRS);
      bucket.put('runs/crm/run-1/certificate.json', {});
      theirExecutionIs(status);

      await expect(takeLock('crm', MINE)).resolves.toBe('run-1');
      expect(bucket.read('locks/crm')).toEqual(MINE);
    },
  );

  it.each(['FAILED', 'ABORTED', 'TIMED_OUT'] as const)(
    'does not take over from a run that is %s and was never closed: the system may be half stopped',
    async (status) => {
      bucket.put('locks/crm', THEIRS);
      theirExecutionIs(status as 'FAILED');

      await expect(takeLock('crm', MINE)).rejects.toMatchObject({
        name: 'RunInProgress',
        message: expect.stringMatching(/run-1 .* ended without closing .*CleanUp/),
      });
      expect(bucket.read('locks/crm')).toEqual(THEIRS);
    },
  );

  it('is taken over by who cleans up after that run, and again when that one died itself', async () => {
    bucket.put('locks/crm', THEIRS);
    theirExecutionIs('ABORTED');
    const cleaning: Lock = { ...THEIRS, executionArn: 'arn:clean-up-1', cleaning: 'arn:one' };
    await expect(takeLock('crm', cleaning, 'arn:one')).resolves.toBe('run-1');
    sfn.on(DescribeExecutionCommand, { executionArn: 'arn:clean-up-1' }).resolves({ status: 'FAILED' });

    await expect(takeLock('crm', MINE)).rejects.toMatchObject({ name: 'RunInProgress' });
    const second: Lock = { ...cleaning, executionArn: 'arn:clean-up-2' };
    await expect(takeLock('crm', second, 'arn:one')).resolves.toBe('run-1');
    expect(bucket.read('locks/crm')).toEqual(second);
  });

  it('takes over from a closed run that Step Functions has forgotten', async () => {
    bucket.put('locks/crm', THEIRS);
    bucket.put('runs/crm/run-1/certificate.json', {});
    sfn.on(DescribeExecutionCommand).rejects(awsError('ExecutionDoesNotExist'));

    await expect(takeLock('crm', MINE)).resolves.toBe('run-1');
  });

  it('does not take over when it cannot tell whether the holder runs', async () => {
    bucket.put('locks/crm', THEIRS);
    sfn.on(DescribeExecutionCommand).rejects(awsError('ThrottlingException'));

    await expect(takeLock('crm', MINE)).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(bucket.read('locks/crm')).toEqual(THEIRS);
  });

  it('loses a race to take over to the run that was faster', async () => {
    bucket.put('locks/crm', THEIRS);
    bucket.put('runs/crm/run-1/certificate.json', {});
    theirExecutionIs('FAILED');
    const faster: Lock = { runId: 'run-3', executionArn: 'arn:three', since: '2026-11-27T13:29:59.000Z' };
    sfn.on(DescribeExecutionCommand, { executionArn: 'arn:one' }).callsFake(() => {
      bucket.put('locks/crm', faster);
      return { status: 'FAILED' };
    });
    sfn.on(DescribeExecutionCommand, { executionArn: 'arn:three' }).resolves({ status: 'RUNNING' });

    await expect(takeLock('crm', MINE)).rejects.toMatchObject({
      name: 'RunInProgress',
      message: expect.stringContaining('run-3'),
    });
    expect(bucket.read('locks/crm')).toEqual(faster);
  });

  it('takes it when the holder lets go in between', async () => {
    bucket.put('locks/crm', THEIRS);
    bucket.put('runs/crm/run-1/certificate.json', {});
    sfn.on(DescribeExecutionCommand).callsFake(() => {
      bucket.objects.delete('locks/crm');
      return { status: 'SUCCEEDED' };
    });

    await expect(takeLock('crm', MINE)).resolves.toBeUndefined();
    expect(bucket.read('locks/crm')).toEqual(MINE);
  });
});

describe('releasing the lock', () => {
  it('deletes its own', async () => {
    bucket.put('locks/crm', MINE);

    await releaseLock('crm', 'arn:two');

    expect(bucket.objects.has('locks/crm')).toBe(false);
  });

  it('leaves another run’s alone', async () => {
    bucket.put('locks/crm', THEIRS);

    await releaseLock('crm', 'arn:two');

    expect(bucket.read('locks/crm')).toEqual(THEIRS);
  });

  it('is harmless when there is none, and writes nothing', async () => {
    await releaseLock('crm', 'arn:two');

    expect(bucket.mock.commandCalls(PutObjectCommand)).toHaveLength(0);
  });
});

describe('still holding the lock', () => {
  it('is confirmed to its holder', async () => {
    bucket.put('locks/crm', MINE);

    await expect(requireLock('crm', 'arn:two')).resolves.toBeUndefined();
  });

  it.each([
    ['nobody does', undefined],
    ['run run-1 does', THEIRS],
  ])('is denied when %s', async (words, held) => {
    if (held !== undefined) bucket.put('locks/crm', held);

    await expect(requireLock('crm', 'arn:two')).rejects.toMatchObject({
      name: 'LockLost',
      message: expect.stringContaining(words),
    });
  });

  it('is denied while CleanUp holds it for the run', async () => {
    bucket.put('locks/crm', { ...THEIRS, cleaning: 'arn:two' });

    await expect(requireLock('crm', 'arn:two')).rejects.toMatchObject({ name: 'LockLost' });
  });

  it('knows whether the holder is alive', async () => {
    expect(await livingHolder('crm')).toBeUndefined();
    bucket.put('locks/crm', THEIRS);
    theirExecutionIs('RUNNING');
    expect(await livingHolder('crm')).toEqual(THEIRS);
    theirExecutionIs('RUNNING', 1);
    expect(await livingHolder('crm')).toBeUndefined();
    theirExecutionIs('ABORTED');
    expect(await livingHolder('crm')).toBeUndefined();
  });
});
